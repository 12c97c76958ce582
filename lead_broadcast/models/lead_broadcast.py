import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_datetime

_logger = logging.getLogger(__name__)

AUDIENCES = [
    ("preferred", "Preferred partner"),
    ("nearest", "Nearest partners"),
    ("wider", "Nearest partners in a wider radius"),
    ("region", "Partners of the region"),
    ("list", "Broadcast lists"),
    ("again", "Everybody who was asked"),
    ("on_the_way", "Partners on the way"),
    ("date", "Partners free on that date"),
    ("hand", "Given by hand"),
]


class LeadBroadcast(models.Model):
    """One round in which a lead is offered to a set of partners."""

    _name = "lead.broadcast"
    _description = "Broadcast"
    _order = "lead_id desc, sequence desc, id desc"

    lead_id = fields.Many2one(
        "crm.lead", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # not stored: writing leads is a hot path of core's, rounds are not searched then
    company_id = fields.Many2one(related="lead_id.company_id")
    service_id = fields.Many2one(
        related="lead_id.service_id", store=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users", "Started by", readonly=True, default=lambda self: self.env.user
    )
    sequence = fields.Integer("Round", default=1, readonly=True)
    audience = fields.Selection(
        AUDIENCES, required=True, readonly=True, default="nearest"
    )
    step_id = fields.Many2one(
        "lead.broadcast.ladder.step",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The step of the ladder, as it was then. None: a round started by hand.",
    )
    ladder_run = fields.Integer(readonly=True)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("won", "Won"),
            ("expired", "Nobody took it"),
            ("cancelled", "Stopped"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    start_date = fields.Datetime(readonly=True, default=fields.Datetime.now)
    valid_until = fields.Datetime(
        required=True,
        readonly=True,
        help="From this moment on the offers of this round cannot be accepted.",
    )
    end_date = fields.Datetime("Ended", readonly=True)
    offer_ids = fields.One2many("lead.broadcast.offer", "broadcast_id")
    candidate_ids = fields.One2many(
        "lead.broadcast.candidate",
        "broadcast_id",
        help="Who was looked at when this round started, and why some were left out.",
    )
    excluded_candidate_ids = fields.One2many(
        "lead.broadcast.candidate",
        "broadcast_id",
        domain=[("selected", "=", False)],
        string="Left Out",
    )
    # Stored on purpose: every answer then updates the row of its round, so that
    # two last answers given at the same moment cannot overlook each other.
    offer_count = fields.Integer(
        "Offers", compute="_compute_offer_counts", store=True, aggregator="sum"
    )
    open_offer_count = fields.Integer(
        "Unanswered", compute="_compute_offer_counts", store=True, aggregator="sum"
    )
    declined_offer_count = fields.Integer(
        "Declined", compute="_compute_offer_counts", store=True, aggregator="sum"
    )

    _open_valid_until_idx = models.Index("(valid_until) WHERE state = 'open'")
    _step_uniq = models.UniqueIndex(
        "(lead_id, ladder_run, step_id) WHERE ladder_run > 0",
        "A step of the ladder is taken only once.",
    )

    @api.depends("offer_ids.state")
    def _compute_offer_counts(self):
        for broadcast in self:
            states = broadcast.offer_ids.mapped("state")
            broadcast.offer_count = len(states)
            broadcast.open_offer_count = states.count("open")
            broadcast.declined_offer_count = states.count("declined")

    @api.depends("sequence", "service_id", "lead_id.service_place")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for broadcast in self:
            broadcast.display_name = self.env._(
                "Round %(sequence)s: %(title)s",
                sequence=broadcast.sequence,
                title=broadcast.lead_id._get_service_title(),
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        broadcasts = super().create(vals_list)
        broadcasts._set_alarm(broadcasts.mapped("valid_until"))
        return broadcasts

    def write(self, vals):
        result = super().write(vals)
        if "valid_until" in vals:
            self._set_alarm(self.mapped("valid_until"))
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_lead(self):
        """Open the lead of this round."""
        self.ensure_one()
        return self.lead_id._get_records_action()

    def action_stop(self):
        """Stop this round: its open offers are withdrawn."""
        self.lead_id.check_access("write")
        self._cancel()
        self.sudo().lead_id._continue_search()  # sudo: the right to the lead is enough

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _win(self):
        """Close the rounds that were won."""
        self.write({"state": "won", "end_date": fields.Datetime.now()})

    def _cancel(self):
        """Stop open rounds; partners that were asked are told.

        The lead's story says who stopped it.
        """
        # sudo: nobody may write rounds directly; callers checked the lead
        broadcasts = self.sudo().filtered(lambda broadcast: broadcast.state == "open")
        if not broadcasts:
            return
        broadcasts.write({"state": "cancelled", "end_date": fields.Datetime.now()})
        broadcasts.offer_ids._withdraw()
        broadcasts._log_story(
            lambda broadcast, env: env._("Round %s was stopped.", broadcast.sequence)
        )

    def _expire(self):
        """End open rounds that nobody won, because their time is over or because
        everybody declined."""
        broadcasts = self.filtered(lambda broadcast: broadcast.state == "open")
        if not broadcasts:
            return
        broadcasts.write({"state": "expired", "end_date": fields.Datetime.now()})
        broadcasts.offer_ids.filtered(lambda offer: offer.state == "open").write(
            {"state": "expired"}
        )
        broadcasts._log_story(
            lambda broadcast, env: env._(
                "Round %(round)s ended, nobody took it: %(declined)s declined,"
                " %(silent)s did not answer.",
                round=broadcast.sequence,
                declined=broadcast.declined_offer_count,
                silent=broadcast.offer_count - broadcast.declined_offer_count,
            )
        )
        broadcasts.offer_ids._note_silence()
        broadcasts.lead_id._continue_search()

    def _expire_if_answered(self):
        """End rounds in which everybody has declined, without waiting."""
        self.filtered(lambda broadcast: not broadcast.open_offer_count)._expire()

    # ------------------------------------------------------------
    # CRONS
    # ------------------------------------------------------------

    @api.model
    def _cron_expire(self):
        """End the rounds whose time is over, one by one.

        Triggered at the very moment a round ends; the regular run is only a net.
        No answer depends on it: an offer cannot be accepted after its validity
        whether or not this has run. A round that is being answered right now is met
        again a minute later; one that fails is logged and met again by the regular
        run, the others go on.

        Rounds of leads that take their next step at this moment are left to them: they
        end them as they do.
        """
        is_over = Domain("state", "=", "open") & Domain(
            "valid_until", "<=", fields.Datetime.now()
        )
        climbs = Domain("lead_id", "any", self.env["crm.lead"]._get_due_domain())
        due = self.search(is_over & ~climbs, order="valid_until, id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        later = fields.Datetime.now() + timedelta(minutes=1)
        for broadcast in due:
            try:
                if broadcast.try_lock_for_update():
                    broadcast._expire()
                    self.env.flush_all()  # here, what fails concerns this round alone
                else:
                    broadcast._set_alarm([later])
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                broadcast._set_alarm([later])
            except Exception:
                _logger.exception("Broadcast %s could not be ended", broadcast.id)
                self.env.cr.rollback()
            if not cron._commit_progress(1):
                break

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _set_alarm(self, moments):
        """Have rounds ended at these moments, in UTC."""
        cron = self.env.ref("lead_broadcast.ir_cron_expire_broadcasts")
        cron.sudo()._trigger(set(moments))  # sudo: whoever starts a round sets it

    def _log_story(self, tell):
        """Log one line for each round on its lead, in the language of its team.

        :param tell: function of a round and an environment, returns the line
        """
        stories = {}
        for lead, broadcasts in self.grouped("lead_id").items():
            env = lead._with_team_lang().env
            lines = [tell(broadcast, env) for broadcast in broadcasts]
            stories[lead.id] = Markup("<br/>").join(lines)
        self.lead_id._message_log_batch(stories)

    def _format_valid_until(self):
        """Return the end of validity as the lead's team reads it."""
        self.ensure_one()
        lead = self.lead_id._with_team_lang()
        return format_datetime(
            lead.env, self.valid_until, tz=lead._get_team_tz(), dt_format="medium"
        )
