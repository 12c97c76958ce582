from odoo.tests import tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestAttendedBulk(ClockCase):
    """Messages to the customers of several leads at once answer each of them."""

    def _enter_for(self, user, email, phone, **values):
        return self._enter(
            user, partner_id=False, email_from=email, phone=phone, **values
        )

    def _enter_all(self):
        """Return two leads of Asha, one of her that cannot be reached, and one of
        somebody else."""
        return (
            self._enter_for(self.asha, "one@example.com", "+919810000011"),
            self._enter_for(self.asha, "two@example.com", "+919810000012"),
            self._enter_for(self.asha, False, False),
            self._enter_for(self.ravi, "four@example.com", "+919810000014"),
        )

    def _mail(self, leads, user):
        composer = self.env["mail.compose.message"].with_user(user)
        composer.create(
            {
                "model": "crm.lead",
                "res_ids": leads.ids,
                "composition_mode": "mass_mail",
                "subject": "Your enquiry",
                "body": "<p>We call you tomorrow.</p>",
            }
        ).action_send_mail()

    def _send_sms(self, leads, user):
        composer = self.env["sms.composer"].with_user(user)
        composer.with_context(active_ids=leads.ids).create(
            {
                "res_model": "crm.lead",
                "composition_mode": "mass",
                "body": "We call you tomorrow.",
                "mass_keep_log": False,
            }
        ).action_send_sms()

    def _check(self, send):
        leads = self.env["crm.lead"].union(*self._enter_all())
        send(leads, self.ravi)  # who leads the team, and has the last one
        self.assertEqual(
            leads.mapped("response_state"), ["new", "new", "new", "open"], "as comments"
        )
        send(leads[:3], self.asha)
        self.assertEqual(
            leads.mapped("response_state"), ["open", "open", "new", "open"]
        )
        answered = leads[:2]
        self.assertEqual(set(answered.mapped("response_deadline")), {False})
        self.assertTrue(all(answered.response_assignment_id.mapped("is_on_time")))

    def test_mails(self):
        self._check(self._mail)

    def test_sms(self):
        self._check(self._send_sms)

    def test_customer_of_two_leads(self):
        """Is sent one mail, which answers both."""
        for send in (self._mail, self._send_sms):
            leads = self.env["crm.lead"].union(
                *(
                    self._enter_for(self.asha, "one@example.com", "+919810000011")
                    for _number in range(2)
                )
            )
            send(leads, self.asha)
            with self.subTest(send=send.__name__):
                self.assertEqual(leads.mapped("response_state"), ["open", "open"])
