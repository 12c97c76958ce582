from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestPasteSms(SmsCase):
    """Messages that came elsewhere, pasted by the weakest user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.code = cls._get_offer(cls.green_park).request_code

    def _paste(self, **values):
        form = Form(self.env["lead.broadcast.paste.sms"].with_user(self.user))
        form.sender = values.get("sender", "98100 00001")
        form.body = values.get("body", f"Fwd: ({self.code})")
        if "received_at" in values:
            form.received_at = values["received_at"]
        return form.save().action_receive()["params"]

    def test_accepted(self):
        shown = self._paste()
        self.assertEqual(shown["type"], "success")
        self.assertEqual(shown["title"], "Accepted")
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)
        self.assertIn("reply by SMS", shown["message"])

    def test_refused(self):
        shown = self._paste(sender="+919899999999")
        self.assertEqual(shown["type"], "warning")
        self.assertEqual(shown["title"], "Unknown sender")
        self.assertIn("Nothing is replied", shown["message"])

    def test_when_it_was_received_counts(self):
        received_at = fields.Datetime.now() - timedelta(minutes=5)
        self._end_validity(self.broadcast)
        shown = self._paste(received_at=received_at)
        self.assertEqual(shown["title"], "Accepted")

    def test_impossible_times(self):
        now = fields.Datetime.now()
        for moment in (now + timedelta(hours=1), now - timedelta(days=8)):
            with self.assertRaisesRegex(ValidationError, "last seven days"):
                self._paste(received_at=moment)

    def test_no_number(self):
        with self.assertRaisesRegex(UserError, "is no phone number"):
            self._paste(sender="Ravi")

    def test_who_may(self):
        wizard = self.env["lead.broadcast.paste.sms"]
        for user in (self.salesman, self.portal_user):
            self.assertFalse(wizard.with_user(user).has_access("create"))
