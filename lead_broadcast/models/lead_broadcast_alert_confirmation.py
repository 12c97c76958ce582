import secrets
import unicodedata
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, consteq, hmac

CODE_DIGITS = 6
VALIDITY = timedelta(minutes=15)
MAX_ATTEMPTS = 5
# Every code is a paid message: codes per contact, and per number, in this time
MAX_CODES = 3
RATE_PERIOD = timedelta(hours=1)


class LeadBroadcastAlertConfirmation(models.Model):
    """A number somebody wants alerts on, and the code that was sent to it.

    Nobody has access: ``res.partner._request_alert_number`` and
    ``_confirm_alert_number`` are the ways in. Of the code only a keyed hash is kept.
    """

    _name = "lead.broadcast.alert.confirmation"
    _description = "Alert Number to Confirm"
    _order = "id desc"
    _rec_name = "number"

    contact_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    number = fields.Char(required=True, index=True, help="In E.164.")
    code_hash = fields.Char(required=True)
    valid_until = fields.Datetime(required=True)
    attempt_count = fields.Integer("Attempts")

    # ------------------------------------------------------------
    # REQUESTS
    # ------------------------------------------------------------

    @api.model
    def _request(self, contact, number):
        """Send a code to a number; codes sent to the contact before are void.

        :param str number: in E.164
        :raise UserError: when too many were asked for
        """
        self._check_rate(contact, number)
        self._void(contact)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        confirmation = self.create(
            {
                "contact_id": contact.id,
                "number": number,
                "code_hash": self._hash(number, code),
                "valid_until": fields.Datetime.now() + VALIDITY,
            }
        )
        confirmation._send(code)
        return confirmation

    @api.model
    def _check_rate(self, contact, number):
        # Written, not only read: requests made at the same moment are counted one
        # after the other.
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET write_date = write_date WHERE id = %s",
                contact.id,
            )
        )
        since = fields.Datetime.now() - RATE_PERIOD
        recent = self.search_fetch(
            Domain("create_date", ">", since)
            & (Domain("contact_id", "=", contact.id) | Domain("number", "=", number)),
            ["contact_id", "number"],
        )
        for same in (
            recent.filtered(lambda other: other.contact_id == contact),
            recent.filtered(lambda other: other.number == number),
        ):
            if len(same) >= MAX_CODES:
                raise UserError(
                    self.env._(
                        "Too many codes were asked for. Wait an hour, then try again."
                    )
                )

    def _send(self, code):
        self.ensure_one()
        template = self.env.ref("lead_broadcast.sms_template_confirmation")
        contact = self.contact_id
        bodies = template.with_context(alert_code=code)._render_field(
            "body", contact.ids, compute_lang=True
        )
        self.env["sms.sms"]._queue_broadcast_sms(
            [
                {
                    "number": self.number,
                    "body": bodies[contact.id],
                    "partner_id": contact.id,
                    "broadcast_company_id": (contact.company_id or self.env.company).id,
                    "broadcast_valid_until": self.valid_until,
                }
            ]
        )

    def _get_number_text(self):
        """Return the number as people read it."""
        self.ensure_one()
        return self.contact_id._phone_format(
            number=self.number, force_format="INTERNATIONAL"
        )

    # ------------------------------------------------------------
    # CODES
    # ------------------------------------------------------------

    @api.model
    def _find_pending(self, contacts):
        """Return the numbers that still wait for their code."""
        return self.search(
            [
                ("contact_id", "in", contacts.ids),
                ("valid_until", ">", fields.Datetime.now()),
            ]
        )

    @api.model
    def _void(self, contacts):
        """Let no code sent to these contacts confirm anything. The records stay, as
        they count for the rate."""
        self._find_pending(contacts).valid_until = fields.Datetime.now()

    def _check_code(self, text):
        """Tell whether this is the code, and count the attempt.

        The last attempt allowed ends the validity, whatever it was.
        """
        self.ensure_one()
        self.attempt_count += 1
        if self.attempt_count >= MAX_ATTEMPTS:
            self.valid_until = fields.Datetime.now()
        # Before the code is looked at: of guesses made at the same moment one goes
        # on, the others fail, are tried again, and count.
        self.flush_recordset()
        # people type what their keyboard offers: spaces, digits of other scripts
        code = "".join(
            str(unicodedata.decimal(char)) for char in text if char.isdecimal()
        )
        return consteq(self.code_hash, self._hash(self.number, code))

    @api.model
    def _hash(self, number, code):
        return hmac(
            self.env(su=True), "lead_broadcast.alert_confirmation", (number, code)
        )

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_confirmations(self):
        """Forget what no longer counts for the rate."""
        limit = fields.Datetime.now() - RATE_PERIOD - VALIDITY
        self.search([("create_date", "<", limit)]).unlink()
