import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, clean_context

KEPT_DAYS = 90
MAX_KEY_LENGTH = 200


class LeadIntakeRequest(models.Model):
    """What other programs asked to make leads of. A program that gets no answer cannot
    know whether there is a lead, so it sends the same once more: the key it gave the
    request says that there is to be one lead only."""

    _name = "lead.intake.request"
    _description = "Request for a Lead"
    _rec_name = "key"
    _order = "id desc"

    user_id = fields.Many2one(
        "res.users", "Sent by", required=True, readonly=True, ondelete="cascade"
    )
    key = fields.Char(required=True, readonly=True)
    digest = fields.Char(
        required=True, readonly=True, help="Tells whether the same was sent."
    )
    lead_id = fields.Many2one(
        "crm.lead", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _key_uniq = models.Constraint(
        "UNIQUE(user_id, key)", "A request is carried out only once."
    )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def submit(self, key, values):
        """Make a lead of what a program knows, once, however often it is sent.

        Within 90 days the same key with the same values gives the same lead.

        :param str key: what the program calls this request, an order number for example
        :param dict values: by the names of ``_get_readers``
        :return: ``{"lead_id", "name", "created", "assigned_to"}``
        :raise UserError: one line for each name that is wrong; nothing is created then
        """
        leads = self.env["crm.lead"].with_context(
            clean_context(self.env.context),  # no default is a value, nor checked
            intake_channel="api",
            mail_create_nosubscribe=True,
        )
        leads.check_access("create")
        self._check_request(key, values)
        digest = self._get_digest(values)
        request = self._claim(key, digest)
        if not request:
            return self._find_request(key, digest)._get_answer(created=False)
        request.lead_id = leads.create(self._prepare_lead(values))
        return request._get_answer(created=True)

    @api.model
    def _claim(self, key, digest):
        """Note a request that is new.

        Of two at the same moment the second waits here for the first, and is retried
        with a snapshot that has it.

        :return: the request as superuser; none if the key was used before
        """
        now = self.env.cr.now()
        new = self.env.execute_query(
            SQL(
                """
                INSERT INTO lead_intake_request
                       (user_id, key, digest, create_uid, create_date,
                        write_uid, write_date)
                VALUES (%(uid)s, %(key)s, %(digest)s, %(uid)s, %(now)s,
                        %(uid)s, %(now)s)
                    ON CONFLICT (user_id, key) DO NOTHING
             RETURNING id
                """,
                uid=self.env.uid,
                key=key,
                digest=digest,
                now=now,
            )
        )
        # sudo: nobody writes requests
        return self.sudo().browse([request_id for [request_id] in new])

    @api.model
    def _find_request(self, key, digest):
        """Return the request that this one repeats, as superuser."""
        # sudo: nobody reads requests; these are the user's own
        request = self.sudo().search(
            [("user_id", "=", self.env.uid), ("key", "=", key)]
        )
        if request.digest != digest:
            raise UserError(
                self.env._(
                    "key: Other values were sent with the key %s before. Send the same"
                    " values again, or another key for another lead.",
                    key,
                )
            )
        if not request.lead_id:
            raise UserError(
                self.env._(
                    "key: The lead that was made with the key %s has been deleted. Send"
                    " another key to make another lead.",
                    key,
                )
            )
        return request

    # ------------------------------------------------------------
    # CRONS
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_requests(self):
        """Forget requests that nobody sends again."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", limit)], limit=10_000).unlink()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _check_request(self, key, values):
        if not (self._is_text(key) and 0 < len(key.strip()) <= MAX_KEY_LENGTH):
            raise ValidationError(
                self.env._(
                    "key: This must be a text of at most %s characters that names the"
                    " request, for example an order number.",
                    MAX_KEY_LENGTH,
                )
            )
        if not isinstance(values, dict):
            raise ValidationError(
                self.env._('values: This must be an object, such as {"name": "..."}.')
            )

    @api.model
    def _get_digest(self, values):
        """Return what tells these values from others, whatever their order."""
        text = json.dumps(values, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_answer(self, created):
        """Return what the program is told."""
        lead = self.lead_id
        return {
            "lead_id": lead.id,
            "name": lead.name,
            "created": created,
            "assigned_to": lead._get_holder().name or False,
        }
