from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

IS_ON_DESK = Domain("broadcast_state", "in", ["searching", "exhausted"])


class CrmLead(models.Model):
    """What the desk shows of the leads that nobody has yet, in as many queries for a
    page as for one lead."""

    _inherit = "crm.lead"

    search_alert_date = fields.Datetime(
        "Searching Too Long from",
        compute="_compute_search_alert",
        help="When the search has lasted longer than the settings allow.",
    )
    is_search_overdue = fields.Boolean(
        "Searching Too Long",
        compute="_compute_search_alert",
        search="_search_is_search_overdue",
    )
    search_step = fields.Char(
        compute="_compute_search_step",
        help="The step of the ladder, or the latest round that was started by hand.",
    )
    open_offer_count = fields.Integer(
        "Offers Out",
        compute="_compute_desk_figures",
        help="Partners that can still answer.",
    )
    declined_offer_count = fields.Integer("Declined", compute="_compute_desk_figures")
    decline_summary = fields.Json(
        "Decline Reasons",
        compute="_compute_desk_figures",
        help="Why partners declined, the most frequent reason first.",
    )

    # the order of the desk
    _desk_idx = models.Index(
        "(searching_since, id) WHERE broadcast_state IN ('searching', 'exhausted')"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("broadcast_state", "searching_since", "company_id")
    @api.depends_context("company")
    def _compute_search_alert(self):
        now = fields.Datetime.now()
        for lead in self:
            company = lead.company_id or self.env.company
            hours = company.sudo().broadcast_search_alert_hours  # sudo: one setting
            lead.search_alert_date = lead._is_on_desk() and (
                lead.searching_since + timedelta(hours=hours)
            )
            lead.is_search_overdue = bool(
                lead.search_alert_date and lead.search_alert_date <= now
            )

    def _search_is_search_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        company_ids = defaultdict(list)
        for company in self.env.companies.sudo():
            company_ids[company.broadcast_search_alert_hours].append(company.id)
            if company == self.env.company:
                # leads of no company are looked at as those of one's own
                company_ids[company.broadcast_search_alert_hours].append(False)
        overdue = IS_ON_DESK & Domain.OR(
            Domain("company_id", "in", ids)
            & Domain("searching_since", "<=", now - timedelta(hours=hours))
            for hours, ids in company_ids.items()
        )
        return Domain.OR(overdue if flag else ~overdue for flag in value)

    @api.depends("ladder_step_id", "ladder_state", "broadcast_ids")
    @api.depends_context("lang")
    def _compute_search_step(self):
        leads = self.sudo()  # sudo: a lead's reader may know where the search stands
        audiences = dict(
            leads.broadcast_ids._fields["audience"]._description_selection(self.env)
        )
        for lead, lead_sudo in zip(self, leads, strict=True):
            if lead_sudo.ladder_state != "none" and lead_sudo.ladder_step_id:
                lead.search_step = lead_sudo.ladder_step_id.name
            else:
                rounds = {own.sequence: own for own in lead_sudo.broadcast_ids}
                last = rounds.get(max(rounds, default=0))
                lead.search_step = last and audiences[last.audience]

    @api.depends("offer_ids.state", "offer_ids.decline_reason_id")
    @api.depends_context("lang")
    def _compute_desk_figures(self):
        # sudo: as in _compute_search_step
        offers = self.env["lead.broadcast.offer"].sudo()
        still_open = Domain("state", "=", "open") & Domain(
            "valid_until", ">", fields.Datetime.now()
        )
        groups = offers._read_group(
            Domain("lead_id", "in", self.ids)
            & (still_open | Domain("state", "=", "declined")),
            ["lead_id", "state", "decline_reason_id"],
            ["__count"],
        )
        labels = self._get_decline_labels()
        counts, reasons = Counter(), defaultdict(Counter)
        for lead, state, reason, count in groups:
            counts[lead.id, state] += count
            if reason:
                label = labels.get(reason.kind, reason.name)
                reasons[lead.id][reason.kind, label] += count
        for lead in self:
            lead_id = lead._origin.id
            lead.open_offer_count = counts[lead_id, "open"]
            lead.declined_offer_count = counts[lead_id, "declined"]
            lead.decline_summary = [
                {"kind": kind, "label": label, "count": count}
                for (kind, label), count in reasons[lead_id].most_common()
            ]

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _is_on_desk(self):
        """Tell whether somebody should mind the search for this lead."""
        self.ensure_one()
        return bool(
            self.searching_since and self.broadcast_state in ("searching", "exhausted")
        )

    @api.model
    def _get_decline_labels(self):
        """Return the kinds of reasons in a word; other reasons are called by name."""
        return {
            "date": self.env._("Date"),
            "price": self.env._("Price"),
            "area": self.env._("Area"),
            "capacity": self.env._("Capacity"),
        }
