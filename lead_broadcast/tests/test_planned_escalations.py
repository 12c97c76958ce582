from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_escalation_alerts import AlertCase


@tagged("post_install", "-at_install")
class TestPlannedEscalations(AlertCase):
    """Whom a lead's levels will tell if nobody answers, as its salesperson sees it."""

    def _open(self, lead, user=None):
        """Return the action that somebody gets, and what it shows of alerts."""
        lead = lead.with_user(user or self.asha)
        action = lead.action_open_planned_messages()
        planned = lead.env[action["res_model"]].search(action["domain"])
        return action, planned.sudo()

    def _get_alerts(self, lead):
        _action, planned = self._open(lead)
        return planned.filtered(lambda message: message.rule_id.event == "escalated")

    def assertNothing(self, lead, reason):
        action, planned = self._open(lead)
        self.assertFalse(planned)
        self.assertIn(reason, action["help"])

    # ------------------------------------------------------------
    # TRUTH
    # ------------------------------------------------------------

    def test_is_what_is_sent(self):
        """All levels of a fortnight, over weekends, in order."""
        lead = self._enter()
        self._deliver()
        alerts = self._get_alerts(lead)
        planned = {
            (alert.moment + self.LATE, alert.recipient_id, alert.channel)
            for alert in alerts
        }
        self.assertEqual(
            set(alerts.recipient_id),
            set((self.asha | self.ravi | self.meera | self.head).partner_id),
        )
        sent = set()
        end = fields.Datetime.now() + timedelta(days=14, hours=1)
        while (moment := self._get_next_moment(end)) <= end:
            self.clock.move_to(moment)
            self._do_what_is_due()
            self._deliver()
        for notice in self._notices("escalated", lead):
            sent.add((notice.due_date, notice.recipient_id, notice.channel))
        # the clock is looked at a few seconds late, each time
        self.assertEqual(
            [(moment.date(), *who) for moment, *who in sorted(planned, key=str)],
            [(moment.date(), *who) for moment, *who in sorted(sent, key=str)],
        )

    def test_levels(self):
        """Each at its time, to whom it will be given."""
        lead = self._enter()
        notes = {}
        for alert in self._get_alerts(lead):
            if alert.channel == "sms":
                key = (alert.note, alert.recipient_id.name)
                notes.setdefault(key, alert.slot)
        self.assertEqual(
            notes,
            {
                ("Level 1, if nobody answers", "Ravi"): "2027-03-23 10:00",
                ("Level 2, if nobody answers", "Meera"): "2027-03-24 10:00",
                ("Level 3, if nobody answers", "Meera"): "2027-03-25 10:00",
                ("Level 3, if nobody answers", "Kavita"): "2027-03-25 10:00",
                **{
                    (f"Level {level}, if nobody answers", person): slot
                    for level, slot in enumerate(
                        (
                            "2027-03-26 10:00",
                            "2027-03-29 10:00",
                            "2027-03-30 10:00",
                            "2027-03-31 10:00",
                            "2027-04-01 10:00",
                            "2027-04-02 10:00",
                            "2027-04-05 10:00",
                        ),
                        4,
                    )
                    for person in ("Meera", "Kavita")
                },
            },
        )

    def test_who_cannot_be_told(self):
        self.ravi.partner_id.phone = False
        alert = self._get_alerts(self._enter()).filtered(
            lambda alert: (
                alert.recipient_id == self.ravi.partner_id and alert.channel == "sms"
            )
        )
        self.assertFalse(alert.is_sent)
        self.assertIn("Not sent: Gets no SMS", alert.note)

    def test_rule_for_a_tier(self):
        """It tells of those levels only after which such a party has the lead."""
        rule = self.env.ref(
            "lead_broadcast.notification_rule_escalated_supervisor_mail"
        )
        rule.tier_id = self.env.ref("lead_broadcast.tier_mtp")
        lead = self._enter()
        self.assertNotIn(rule, self._get_alerts(lead).rule_ids)
        self.connaught_place.broadcast_tier_id = rule.tier_id
        self.green_park.broadcast_master_id = self.connaught_place
        self.back_up.action = "alert"
        self.second.action = "master"
        lead.with_user(self.head)._allocate(self.green_park)
        alerts = self._get_alerts(lead).filtered(lambda alert: alert.rule_id == rule)
        self.assertEqual(alerts[0].note, "Level 2, if nobody answers")

    # ------------------------------------------------------------
    # WHY NOTHING
    # ------------------------------------------------------------

    def test_answered(self):
        lead = self._enter()
        self.assertTrue(self._get_alerts(lead))
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self.assertNothing(lead, "The lead is attended")

    def test_no_policy(self):
        self.policy.active = False
        self.assertNothing(self._enter(), "no response policy")

    def test_rules_are_off(self):
        self.env["lead.broadcast.notification.rule"].search(
            [("event", "=", "escalated")]
        ).active = False
        self.assertNothing(self._enter(), "are switched off")

    def test_long_time(self):
        self.policy.level_ids.hours = 200
        self.assertNothing(self._enter(), "does not run out within these days")

    def test_looking_changes_nothing(self):
        lead = self._enter()
        before = self.env["lead.broadcast.notice"].search_count([])
        self._open(lead)
        self.assertEqual(self.env["lead.broadcast.notice"].search_count([]), before)
        self.assertEqual(lead.response_level, 0)
        self.assertEqual(lead.user_id, self.asha)
