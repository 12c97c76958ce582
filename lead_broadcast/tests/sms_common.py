from unittest.mock import patch

from odoo.addons.sms.tools.sms_api import SmsApiBase

from .common import BroadcastCase

SMS_NUMBER = "+911140001234"


class Gateway:
    """A gateway that keeps what it takes, one for all companies of a test.

    ``answers`` says what it does with a number, or with all numbers (``None``): any
    result of core's SMS API, such as ``success`` or ``server_error``.
    """

    def __init__(self):
        self.sent = []  # (company, number, text)
        self.answers = {}

    def get_api_class(self):
        """Stand in for ``res.company._get_sms_api_class``."""
        gateway = self

        class SmsApiGateway(SmsApiBase):
            def _send_sms_batch(self, messages, **_options):
                return [
                    gateway.take(self.company, message["content"], **number)
                    for message in messages
                    for number in message["numbers"]
                ]

        return SmsApiGateway

    def take(self, company, text, number, uuid):
        state = self.answers.get(number, self.answers.get(None, "success"))
        if state == "success":
            self.sent.append((company, number, text))
        return {"uuid": uuid, "state": state}


class SmsCase(BroadcastCase):
    """The small world with SMS: Green Park Services has an owner and an executive
    that get offers, Saket Services has one executive."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.country_id = cls.india
        cls.company.broadcast_sms_number = SMS_NUMBER
        cls.owner = cls.portal_user.partner_id
        cls.owner.broadcast_role = "owner"
        cls._give_alerts(cls.owner, "+919810000001")
        cls.executive = cls.env["res.partner"].create(
            {
                "name": "Ravi of Green Park",
                "parent_id": cls.green_park.id,
                "email": "ravi@greenpark.example",
            }
        )
        cls._give_alerts(cls.executive, "+919810000002")
        cls.rival = cls.other_portal_user.partner_id
        cls._give_alerts(cls.rival, "+919810000003")
        cls.gateway = Gateway()
        cls.startClassPatcher(
            patch.object(
                cls.registry["res.company"],
                "_get_sms_api_class",
                cls.gateway.get_api_class,
            )
        )
        cls.Inbound = cls.env["lead.broadcast.inbound.sms"]

    @classmethod
    def _give_alerts(cls, contact, number):
        contact.write(
            {"broadcast_alert_number": number, "broadcast_alert_authorized": True}
        )

    @classmethod
    def _create_company(cls):
        return cls.env["res.company"].create(
            {
                "name": "Second Company",
                "country_id": cls.india.id,
                "broadcast_sms_number": "+911140005678",
            }
        )

    def setUp(self):
        super().setUp()
        self.gateway.sent.clear()
        self.gateway.answers.clear()

    @classmethod
    def _deliver(cls):
        """Do what the outbox's cron and core's queue do, until both are empty."""
        notices = cls.env["lead.broadcast.notice"].search([("state", "=", "pending")])
        notices._deliver()
        cls._send_queue()

    @classmethod
    def _send_queue(cls):
        queue = cls.env["sms.sms"].search(
            [("state", "=", "outgoing"), ("to_delete", "=", False)], order="id"
        )
        queue._send(unlink_sent=True)

    @classmethod
    def _receive(cls, body, contact=None, **values):
        """Receive a message from a contact's number, as a gateway would."""
        contact = contact or cls.owner
        return cls.Inbound._receive(
            **{
                "provider": "operator",
                "sender": contact.broadcast_alert_number,
                "recipient": SMS_NUMBER,
                "body": body,
                "company": cls.company,
                **values,
            }
        )

    @classmethod
    def _get_sms_notice(cls, contact, event="offered"):
        return cls.env["lead.broadcast.notice"].search(
            [
                ("recipient_id", "=", contact.id),
                ("channel", "=", "sms"),
                ("event", "=", event),
            ]
        )

    def _sent_to(self, contact):
        """Return the texts that went to a contact, oldest first."""
        number = contact.broadcast_alert_number
        return [text for _company, sent, text in self.gateway.sent if sent == number]
