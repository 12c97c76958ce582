from odoo.tests import tagged

from .test_escalation_alerts import AlertCase


@tagged("post_install", "-at_install")
class TestAssignedAlerts(AlertCase):
    """Whoever of our people is given a lead by somebody else is told of it, once."""

    def setUp(self):
        super().setUp()
        # with all that core does on leads
        self.env = self.env["base"].with_context(tracking_disable=False).env

    def _get_core_messages(self, lead):
        return self.env["mail.message"].search(
            [
                ("model", "=", "crm.lead"),
                ("res_id", "=", lead.id),
                ("subject", "like", "You have been assigned"),
            ]
        )

    def assertToldByUs(self, lead, person, channels=("inbox", "sms")):
        self.assertEqual(self._get_told(lead, "assigned"), {person.name: set(channels)})
        self.assertFalse(self._get_core_messages(lead))

    def assertToldByCore(self, lead):
        self.assertFalse(self._get_told(lead, "assigned"))
        self.assertEqual(len(self._get_core_messages(lead)), 1)

    def test_entered_for_somebody(self):
        lead = self._enter()
        self.assertToldByUs(lead, self.asha)
        self._deliver()
        link = f"{lead.get_base_url()}/mail/view?model=crm.lead&res_id={lead.id}"
        # eight working hours from ten in the morning
        self.assertEqual(
            self.gateway.sent[-1][2],
            f"Lead L{lead.id} Wrong figures is with Asha now. Please answer by 23 Mar"
            f" 10:00. Details: {link}",
        )
        message = self.env["mail.message"].search(
            [("notified_partner_ids", "in", self.asha.partner_id.ids)], limit=1
        )
        self.assertEqual(message.subject, "Assigned: Wrong figures")
        self.assertIn("Tuesday 23 March, 10:00 (India Time)", message.body)

    def test_given_to_somebody_else(self):
        lead = self._enter()
        self._deliver()
        lead.with_user(self.head).user_id = self.meera
        self.assertToldByUs(lead, self.meera)

    def test_taken_by_oneself(self):
        lead = self._enter(user_id=False)
        lead.with_user(self.head).user_id = self.head
        self.assertFalse(self._get_told(lead, "assigned"))
        self.assertFalse(self._get_core_messages(lead))

    def test_who_reads_mail(self):
        self.asha.notification_type = "email"
        self.assertToldByUs(self._enter(), self.asha, ("mail", "sms"))

    def test_answered_before_it_is_sent(self):
        lead = self._enter()
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self._deliver()
        self.assertEqual(
            set(self._notices("assigned", lead).mapped("state")), {"skipped"}
        )

    def test_escalation_is_told_as_such(self):
        lead = self._enter()
        self._deliver()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.ravi)
        self.assertFalse(self._get_told(lead, "assigned"))
        self.assertFalse(self._get_core_messages(lead))

    # ------------------------------------------------------------
    # CORE'S MESSAGE
    # ------------------------------------------------------------

    def test_lead_without_a_policy(self):
        self.assertToldByCore(self._enter(service_id=False))

    def test_no_policy_at_all(self):
        self.policy.active = False
        self.assertToldByCore(self._enter())

    def test_rule_is_off(self):
        self.env.ref(
            "lead_broadcast.notification_rule_assigned_assignee_inbox"
        ).active = False
        lead = self._enter()
        self.assertEqual(self._get_told(lead, "assigned"), {"Asha": {"sms"}})
        self.assertEqual(len(self._get_core_messages(lead)), 1)

    def test_lead_of_a_partner(self):
        """Its salesperson does not have to answer."""
        lead = self._enter()
        lead.with_user(self.head)._allocate(self.green_park)
        self._deliver()
        lead.with_user(self.head).user_id = self.meera
        self.assertToldByCore(lead)
