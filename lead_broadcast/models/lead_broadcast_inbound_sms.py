import hashlib
import logging
import re
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import mute_logger

from .lead_broadcast_notice_sms import SMS_STATES

_logger = logging.getLogger(__name__)

MAX_BODY = 4000  # characters; ten joined messages have half of that
MAX_SHORT = 64  # of a number or a gateway's reference
KEEP_DAYS = 90  # messages of strangers
BATCH_SIZE = 100

RESULTS = [
    ("pending", "Waiting"),
    ("accepted", "Accepted"),
    ("already_yours", "Already theirs"),
    ("taken", "Taken by another partner"),
    ("expired", "Too late"),
    ("withdrawn", "Offer withdrawn"),
    ("unknown_code", "Unknown code"),
    ("foreign_code", "Code of another partner"),
    ("typo", "Mistyped code"),
    ("several_codes", "Several codes"),
    ("no_code", "No code"),
    ("not_authorized", "Not authorised"),
    ("unknown_sender", "Unknown sender"),
    ("opted_out", "Opted out"),
    ("opted_in", "Opted in again"),
    ("carrier_word", "Word of the operator"),
    ("rate_limited", "Too many messages"),
    ("failed", "Failed"),
]
# Words to which operators themselves react, as the carriers' handbooks list them;
# none of them can be an answer to an offer.
CARRIER_WORDS = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"),
        "stop",
    ),
    **dict.fromkeys(("START", "UNSTOP"), "start"),
    **dict.fromkeys(("YES", "HELP", "INFO"), "other"),
}


class LeadBroadcastInboundSms(models.Model):
    """The log of received messages, each handled once however often it is repeated.

    A message is stored and answered in one transaction. What fails unexpectedly stays
    and is taken up again by a cron; what counts is when it was received.
    """

    _name = "lead.broadcast.inbound.sms"
    _description = "Received SMS"
    _order = "received_at desc, id desc"
    _rec_name = "sender"

    provider = fields.Selection(
        [("operator", "Pasted by an operator")], required=True, readonly=True
    )
    provider_ref = fields.Char(
        "Provider's Reference",
        readonly=True,
        help="The message's id at the gateway. The same message is handled once.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    sender = fields.Char(readonly=True)
    number = fields.Char(
        "Sender's Number", readonly=True, help="The sender in international form."
    )
    recipient = fields.Char(readonly=True)
    body = fields.Text("Message", readonly=True)
    received_at = fields.Datetime("Received", required=True, readonly=True)
    processed_at = fields.Datetime("Processed", readonly=True)
    carrier_word = fields.Selection(
        [("stop", "Stop"), ("start", "Start"), ("other", "Other")], readonly=True
    )
    result = fields.Selection(
        RESULTS, required=True, readonly=True, default="pending", index=True
    )
    contact_id = fields.Many2one(
        "res.partner",
        "From",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    offer_id = fields.Many2one(
        "lead.broadcast.offer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    reply_body = fields.Text("Reply", readonly=True)
    reply_state = fields.Selection(SMS_STATES, "Reply Status", readonly=True)

    _provider_ref_uniq = models.UniqueIndex(
        "(provider, company_id, provider_ref) WHERE provider_ref IS NOT NULL",
        "This message has been received already.",
    )
    _number_idx = models.Index("(number, received_at)")
    _company_idx = models.Index("(company_id, received_at)")
    _pending_idx = models.Index("(received_at) WHERE result = 'pending'")

    # ------------------------------------------------------------
    # RECEIVING
    # ------------------------------------------------------------

    @api.model
    def _receive(
        self,
        provider,
        sender,
        recipient,
        body,
        company,
        provider_ref=None,
        received_at=None,
        carrier_word=None,
    ):
        """Store a message, and do what it says.

        Nothing in a message is an error: whatever the gateway hands over is kept as
        far as it can be, and has a result.

        :param str provider: one of the field's values
        :param str sender: as the gateway gave it
        :param company: ``res.company`` whose gateway received it
        :param str provider_ref: the gateway's id of the message; a message with the
            same one is the same message, and nothing is done again
        :param datetime received_at: when the gateway received it, in UTC; now if unset
        :param str carrier_word: what the operator itself has made of the message, if
            it tells: ``stop``, ``start`` or ``other``
        :return: the message, new or known
        :raise ConcurrencyError: when the same message arrives twice at once; the
            caller's transaction is then to be repeated, as Odoo does with requests
        """
        provider_ref = self._shorten_ref(self._clean(provider_ref, MAX_BODY))
        known = provider_ref and self.search(
            [
                ("provider", "=", provider),
                ("company_id", "=", company.id),
                ("provider_ref", "=", provider_ref),
            ]
        )
        if known:
            return known
        now = fields.Datetime.now()
        body = self._clean(body, MAX_BODY)
        message = self._store(
            {
                "provider": provider,
                "provider_ref": provider_ref,
                "company_id": company.id,
                "sender": self._clean(sender, MAX_SHORT),
                "recipient": self._clean(recipient, MAX_SHORT),
                "body": body,
                "received_at": min(received_at or now, now),
                "carrier_word": carrier_word or self._find_carrier_word(body),
            }
        )
        message._process()
        return message

    @api.model
    def _store(self, vals):
        """Create a message; one that is being received in another transaction, too,
        is met there."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return self.create(vals)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError("This message is being received.") from error

    @api.model
    def _clean(self, text, length):
        """Return what PostgreSQL can keep of a text, at most so long."""
        text = (text or "")[:length].replace("\x00", "")
        return text.encode("utf-8", "replace").decode()

    @api.model
    def _shorten_ref(self, provider_ref):
        """Return a reference that fits into the index; a long one by its digest."""
        if len(provider_ref) <= MAX_SHORT:
            return provider_ref or False
        return hashlib.sha256(provider_ref.encode()).hexdigest()

    @api.model
    def _find_carrier_word(self, body):
        """Return which word of the operators a message is, or False."""
        word = re.sub(r"[\W_]+", "", body).upper()  # phones quote and pad it
        return CARRIER_WORDS.get(word, False)

    # ------------------------------------------------------------
    # PROCESSING
    # ------------------------------------------------------------

    def _process(self):
        """Do what these messages say, in the order of their receipt.

        One that fails unexpectedly is left for the cron, and loses nothing; one that
        collides with another transaction is repeated with it.
        """
        for message in self.sorted("received_at"):
            try:
                with self.env.cr.savepoint():
                    message._answer()
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError):
                raise
            except Exception:
                _logger.exception("Received message %s could not be processed", message)
                message.invalidate_recordset()
                self.env.ref("lead_broadcast.ir_cron_process_inbound_sms")._trigger()

    @api.model
    def _cron_process(self):
        """Take up the messages that were left; one that fails again is marked, and
        does not stop the others."""
        domain = [("result", "=", "pending")]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        waiting = self.search(domain, order="received_at, id", limit=BATCH_SIZE)
        for message in waiting:
            try:
                message.invalidate_recordset()  # read with the others, then processed
                if message.try_lock_for_update() and message.result == "pending":
                    message._answer()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()  # met again by the next run
            except Exception:
                _logger.exception("Received message %s was given up", message.id)
                self.env.cr.rollback()
                message.result = "failed"
            if not cron._commit_progress(1):
                break

    @api.autovacuum
    def _gc_strangers(self):
        """Forget messages that had nothing to do with us."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search(
            [
                ("result", "in", ("unknown_sender", "rate_limited")),
                ("received_at", "<", limit),
            ],
            limit=10000,
        ).unlink()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_process_again(self):
        """Take up messages that were given up."""
        self.check_access("read")
        self.env["crm.lead"].check_access("write")
        messages = self.sudo()  # sudo: nobody writes the log
        failed = messages.filtered(lambda message: message.result == "failed")
        failed.result = "pending"
        failed._process()
