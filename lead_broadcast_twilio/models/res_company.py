from odoo import fields, models
from odoo.tools.urls import urljoin

from ..tools import is_signed
from ..tools.sms_api import BroadcastSmsApiTwilio


class ResCompany(models.Model):
    _inherit = "res.company"

    broadcast_twilio_url = fields.Char(
        "Address for Messages",
        compute="_compute_broadcast_twilio_url",
        groups="base.group_system",
    )

    def _compute_broadcast_twilio_url(self):
        for company in self:
            company.broadcast_twilio_url = urljoin(
                company.get_base_url(), f"/lead_broadcast_twilio/receive/{company.id}"
            )

    def _get_sms_api_class(self):
        api_class = super()._get_sms_api_class()
        return BroadcastSmsApiTwilio if self.sms_provider == "twilio" else api_class

    def _is_sms_from_twilio(self, httprequest):
        """Tell whether this company's account at Twilio sent this request to the
        address for messages."""
        account = self.sms_twilio_account_sid
        if not account or httprequest.form.get("AccountSid") != account:
            return False
        url = self.broadcast_twilio_url
        if httprequest.query_string:  # the administrator's, signed as well
            url += "?" + httprequest.query_string.decode("utf-8", "replace")
        return self._is_signed_by_twilio(url, httprequest)

    def _is_signed_by_twilio(self, url, httprequest):
        """Tell whether a request was signed with this company's token.

        :param str url: the address as Twilio knows it; behind a proxy, the request
            itself may have another one
        """
        self.ensure_one()
        token = self.sms_twilio_auth_token
        signature = httprequest.headers.get("X-Twilio-Signature", "")
        return bool(token) and is_signed(token, url, httprequest.form, signature)
