from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TwilioCase


@tagged("post_install", "-at_install")
class TestSettings(TwilioCase):
    def test_address_of_each_company(self):
        """What is shown is what Twilio's requests are validated against."""
        for company in (self.company, self.other_company):
            settings = self.env["res.config.settings"].with_company(company).create({})
            self.assertEqual(
                settings.broadcast_twilio_url,
                f"{self.base_url()}/lead_broadcast_twilio/receive/{company.id}",
            )

    def test_access(self):
        """Nobody but who administrates the system sees how to get in, or the key."""
        for user in (self.administrator, self.user, self.portal_user):
            company = self.company.with_user(user)
            for field in ("broadcast_twilio_url", "sms_twilio_auth_token"):
                with self.assertRaises(AccessError):
                    company.read([field])
            blacklist = self.env["phone.blacklist"].with_user(user)
            with self.assertRaises(AccessError):
                blacklist._add_opted_out_at_twilio(["+919810012001"])
