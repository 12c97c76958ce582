from odoo.fields import Command

from odoo.addons.lead_broadcast.tests.portal_common import PortalCase

from .twilio import TwilioServer, sign

ACCOUNT, TOKEN = "AC" + "1" * 32, "grimgorironhide"
OTHER_ACCOUNT, OTHER_TOKEN = "AC" + "2" * 32, "skarsnik"
OUR_NUMBER = "+911140001234"
EXECUTIVE = "+919810012001"
RIVAL = "+919810012002"
STRANGER = "+919810012999"


class TwilioCase(PortalCase):
    """One lead offered to partners whose people get SMS, through a Twilio of our own.

    ``company`` and ``other_company`` each have an account there. ``contact`` works for
    Green Park Services, ``rival_contact`` for Saket Services.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twilio = TwilioServer()
        cls.addClassCleanup(cls.twilio.stop)
        cls.env["ir.config_parameter"].set_param("web.base.url", cls.base_url())
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})
        for company, account, token in (
            (cls.company, ACCOUNT, TOKEN),
            (cls.other_company, OTHER_ACCOUNT, OTHER_TOKEN),
        ):
            company.write(
                {
                    "country_id": cls.india.id,
                    "broadcast_sms_number": OUR_NUMBER,
                    "sms_provider": "twilio",
                    "sms_twilio_account_sid": account,
                    "sms_twilio_auth_token": token,
                    "sms_twilio_number_ids": [
                        Command.create(
                            {"number": OUR_NUMBER, "country_id": cls.india.id}
                        )
                    ],
                }
            )
        cls.contact = cls._authorize(cls.portal_user.partner_id, EXECUTIVE)
        cls.rival_contact = cls._authorize(cls.other_portal_user.partner_id, RIVAL)

    @classmethod
    def _authorize(cls, contact, number):
        contact.write(
            {"broadcast_alert_number": number, "broadcast_alert_authorized": True}
        )
        return contact

    def setUp(self):
        super().setUp()
        self.twilio.answers.clear()
        self.twilio.messages.clear()

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        """Let what is meant for Twilio arrive at ours."""
        host = "https://api.twilio.com"
        if r.url.startswith(host):
            r.url = cls.twilio.url + r.url.removeprefix(host)
        return super()._request_handler(s, r, **kw)

    # -- outgoing --

    def _queue(self, *numbers, company=None, **values):
        """Queue a message about the offer to people with these numbers."""
        people = self.env["res.partner"].create(
            [
                {
                    "name": number,
                    "parent_id": self.green_park.id,
                    "broadcast_alert_number": number,
                    "broadcast_alert_authorized": True,
                }
                for number in numbers
            ]
        )
        notices = self.env["lead.broadcast.notice"].create(
            [
                {
                    "event": "offered",
                    "lead_id": self.lead.id,
                    "offer_id": self.offer.id,
                    "recipient_id": person.id,
                    "channel": "sms",
                    "sms_number": person.name,
                    "sms_state": "outgoing",
                    "state": "sent",
                }
                for person in people
            ]
        )
        return self.env["sms.sms"]._queue_broadcast_sms(
            [
                {
                    "number": notice.sms_number,
                    "body": "A new service opportunity",
                    "broadcast_company_id": (company or self.company).id,
                    "broadcast_notice_id": notice.id,
                    **values,
                }
                for notice in notices
            ]
        )

    def _notice(self, message):
        return message.sms_tracker_id.broadcast_notice_id

    def _run(self, cron):
        """Run a scheduled action as the server does."""
        self.assertTrue(self.env.ref(cron).method_direct_trigger())

    def _run_queue(self):
        self._run("sms.ir_cron_sms_scheduler_action")

    def _report(self, uuid, status, token=TOKEN, **values):
        """Let Twilio report about a message it was given, and return our answer."""
        form = {"SmsStatus": status, "To": EXECUTIVE, "From": OUR_NUMBER, **values}
        path = f"/sms_twilio/status/{uuid}"
        signature = sign(token, self.base_url() + path, form.items())
        return self._post_signed(path, form, signature)

    # -- incoming --

    def _prepare_message(self, body, **values):
        return {
            "MessageSid": "SM" + "a" * 32,
            "AccountSid": ACCOUNT,
            "From": EXECUTIVE,
            "To": OUR_NUMBER,
            "Body": body,
            "NumSegments": "1",
            "FromCity": "",
            **values,
        }

    def _receive(self, body, company=None, token=TOKEN, **values):
        """Let Twilio deliver a message, and return its answer."""
        company = company or self.company
        form = self._prepare_message(body, **values)
        path = f"/lead_broadcast_twilio/receive/{company.id}"
        signature = sign(token, self.base_url() + path, form.items())
        return self._post_signed(path, form, signature)

    def _post_signed(self, path, form, signature):
        headers = {} if signature is None else {"X-Twilio-Signature": signature}
        self.env.flush_all()
        answer = self.url_open(path, data=form, headers=headers)
        self.env.invalidate_all()
        return answer

    def _received(self):
        return self.env["lead.broadcast.inbound.sms"].search([], order="id")
