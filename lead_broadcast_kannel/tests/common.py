from odoo import fields

from odoo.addons.lead_broadcast.tests.common import BroadcastCase

from .fake_kannel import PASSWORD, USERNAME, FakeKannel

NUMBER = "+919810000001"
SMS_NUMBER = "+911140001234"


class KannelCase(BroadcastCase):
    """The small world with a gateway that runs on this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.country_id = cls.india
        cls.company.broadcast_sms_number = SMS_NUMBER
        cls.kannel = cls._start_kannel()
        cls.gateway = cls._create_gateway(cls.kannel, cls.company)
        cls.Inbound = cls.env["lead.broadcast.inbound.sms"]
        cls.env["sms.sms"].search([]).unlink()
        cls.system = cls.env.ref("base.user_admin")

    @classmethod
    def _start_kannel(cls):
        kannel = FakeKannel()
        cls.addClassCleanup(kannel.stop)
        return kannel

    @classmethod
    def _create_gateway(cls, kannel, company, **values):
        return cls.env["lead.broadcast.kannel.gateway"].create(
            {
                "name": f"Kannel of {company.name}",
                "company_id": company.id,
                "url": kannel.url,
                "username": USERNAME,
                "password": PASSWORD,
                **values,
            }
        )

    @classmethod
    def _create_company(cls):
        return cls.env["res.company"].create(
            {"name": "Second Company", "broadcast_sms_number": "+911140005678"}
        )

    def setUp(self):
        super().setUp()
        self.kannel.clear()
        self.gateway.write({"url": self.kannel.url, "pause_until": False})

    def _queue(self, *numbers, **values):
        return self.env["sms.sms"]._queue_broadcast_sms(
            [
                {
                    "number": number,
                    "body": "Hello",
                    "broadcast_company_id": self.company.id,
                    **values,
                }
                for number in numbers or [NUMBER]
            ]
        )

    def _create_notification(self, message):
        """Let an SMS be one that another application sent to a customer."""
        mail_message = self.customer.message_post(body="Hello")
        notification = self.env["mail.notification"].create(
            {
                "mail_message_id": mail_message.id,
                "res_partner_id": self.customer.id,
                "notification_type": "sms",
                "notification_status": "ready",
                "sms_number": message.number,
            }
        )
        tracker = message.sms_tracker_id or self.env["sms.tracker"].create(
            {"sms_uuid": message.uuid}
        )
        tracker.mail_notification_id = notification
        message.invalidate_recordset(["sms_tracker_id"])
        return notification

    def _set_waiting(self, message):
        """Let a message be one of which nobody knows whether Kannel has it."""
        message.write(
            {
                "state": "error",
                "failure_type": "sms_server",
                "broadcast_retry_at": fields.Datetime.now(),
            }
        )
