from odoo.tests import tagged

from odoo.addons.lead_broadcast.tests.test_escalation_alerts import AlertCase


@tagged("post_install", "-at_install")
class TestVoice(AlertCase):
    """A bridge can add a channel: phone calls, in the matrix like all others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = cls.env.ref("lead_broadcast.mail_template_escalated")
        cls.rule = cls.env["lead.broadcast.notification.rule"].create(
            {
                "event": "escalated",
                "role": "assignee",
                "channel": "voice",
                "template_ref": f"mail.template,{text.id}",
            }
        )

    def _escalate(self):
        """Return the call about a lead that Ravi got because nobody answered it."""
        self.lead = self._enter()
        self._pass(days=1, minutes=1)
        notices = self._notices("escalated")
        return notices.filtered(lambda notice: notice.channel == "voice")

    def test_matrix(self):
        matrix = self.rule.with_user(self.administrator).get_notification_matrix()
        self.assertIn({"key": "voice", "label": "Phone call"}, matrix["channels"])
        self.assertIn("Phone call: whom it is assigned to", self.rule.summary)
        self.assertFalse(self.rule.problem)

    def test_call(self):
        call = self._escalate()
        self.assertEqual(call.recipient_id, self.ravi.partner_id)
        self._deliver()
        self.assertEqual(call.state, "sent")
        self.assertIn("It is now with *Ravi*", call.note)

    def test_call_that_is_not_true_any_more(self):
        call = self._escalate()
        self.lead.with_user(self.ravi).message_post(
            body="Hello", message_type="comment"
        )
        self._deliver()
        self.assertEqual(call.state, "skipped")

    def test_nobody_picks_up(self):
        """The person is told in another way, unless that has been done already."""
        sms = self.env.ref("lead_broadcast.notification_rule_escalated_assignee_sms")
        sms.active = False
        call = self._escalate()
        call._finish("failed", "No answer")
        call._fall_back()
        self.assertEqual(call.fallback_ids.channel, "sms")

    def test_without_a_number(self):
        self.ravi.partner_id.phone = False
        self.assertFalse(self._escalate())

    def test_planned(self):
        lead = self._enter().with_user(self.asha)
        action = lead.action_open_planned_messages()
        planned = lead.env[action["res_model"]].search(action["domain"])
        calls = planned.filtered(lambda message: message.channel == "voice")
        self.assertEqual(calls[0].sudo().recipient_id, self.ravi.partner_id)

    def test_preview(self):
        self._escalate()
        action = self.rule.with_user(self.administrator).action_preview()
        preview = self.env[action["res_model"]].with_user(self.administrator)
        preview = preview.with_context(**action["context"]).create(
            {"lead_id": self.lead.id}
        )
        self.assertFalse(preview.error)
        self.assertIn("Ravi", preview.recipients)
        self.assertIn("It is now with", preview.body_html)
