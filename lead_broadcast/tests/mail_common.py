from datetime import timedelta
from email.utils import make_msgid
from smtplib import SMTPRecipientsRefused

from freezegun import freeze_time

from odoo import fields
from odoo.tests import RecordCapturer
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import MockSmtplibCase

from .sms_common import SmsCase

LATER = (451, b"4.7.1 try again later")
UNKNOWN = (550, b"5.1.1 no such user")
RETURNED = """\
From: MAILER-DAEMON@mx.example
To: bounce@here.example
Subject: Your mail
Message-Id: {own_id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="limit"

--limit
Content-Type: text/plain

This is what became of your mail.
--limit
Content-Type: message/{kind}

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {text}

--limit
Content-Type: message/rfc822

From: us@here.example
To: {address}
Subject: Original
Message-ID: {message_id}

Hello
--limit--
"""


class MailServerCase(SmsCase, MockSmtplibCase):
    """The small world with a mail server that answers as a test wants.

    ``answers`` are exceptions by address, or for all addresses (``None``);
    ``connection_error`` is raised to who connects. Lajpat Nagar Services has only its
    mail address, and the queues are empty.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["lead.broadcast.notice"].search([("state", "=", "pending")]).unlink()
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
        cls.queue = cls.env.ref("mail.ir_cron_mail_scheduler_action")

    def setUp(self):
        super().setUp()
        self.answers = {}
        self.connection_error = None
        self.sent = []  # (address, Message-ID)
        self.enterContext(self.mock_smtplib_connection())
        self.testing_smtp_session.send_message = self._take
        self.testing_smtp_session.ehlo_or_helo_if_needed = self._connect

    def _connect(self):
        if self.connection_error:
            raise self.connection_error

    def _take(self, message, _smtp_from, smtp_to_list):
        [address] = smtp_to_list
        error = self.answers.get(address, self.answers.get(None))
        if error:
            raise error
        self.sent.append((address, message["Message-Id"]))

    def _refuse(self, address, answer):
        """Let the server answer to an address, as long as nothing else is said."""
        self.answers[address] = SMTPRecipientsRefused({address: answer})

    def _run_queue(self, minutes=0):
        """Let so many minutes pass, and do what core's queue does then."""
        self.env.flush_all()
        with (
            freeze_time(fields.Datetime.now() + timedelta(minutes=minutes)),
            self.enter_registry_test_mode(),
            mute_logger(
                "odoo.addons.mail.models.mail_mail",
                "odoo.addons.base.models.ir_mail_server",
            ),
        ):
            self.assertIs(self.queue.method_direct_trigger(), True)
        self.env.invalidate_all()

    def _capture_triggers(self):
        return RecordCapturer(
            self.env["ir.cron.trigger"], [("cron_id", "=", self.queue.id)]
        )

    @classmethod
    def _get_mail_notice(cls, partner, event="offered"):
        return cls.env["lead.broadcast.notice"].search(
            [
                ("event", "=", event),
                ("channel", "=", "mail"),
                ("recipient_id", "=", partner.id),
            ]
        )

    def _return_mail(
        self,
        notice,
        *,
        kind="delivery-status",
        action="failed",
        status="5.1.1",
        text="550 5.1.1 no such user",
    ):
        """Receive what a mail server says about the mail of a notice."""
        self.env["mail.thread"].message_process(
            False,
            RETURNED.format(
                own_id=make_msgid(),
                kind=kind,
                action=action,
                status=status,
                text=text,
                address=notice.recipient_id.email,
                message_id=notice.message_id,
            ),
        )

    def _get_fallbacks(self, notice):
        return [
            (fallback.recipient_id, fallback.channel)
            for fallback in notice.fallback_ids
        ]
