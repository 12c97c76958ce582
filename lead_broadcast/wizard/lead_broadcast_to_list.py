from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .lead_broadcast_wizard import MAX_VALIDITY_HOURS

MAX_NAMED = 5  # partners named for each lead


class LeadBroadcastToList(models.TransientModel):
    """Offers leads to the members of lists, after showing how many are asked."""

    _name = "lead.broadcast.to.list"
    _description = "Offer Leads to Lists of Partners"

    lead_ids = fields.Many2many("crm.lead", string="Leads", required=True)
    lead_id = fields.Many2one(
        "crm.lead", compute="_compute_lead_id", help="Set for a single lead."
    )
    list_ids = fields.Many2many(
        "lead.broadcast.list",
        string="Lists",
        help="None: all lists that fit each lead, by its size and region.",
    )
    ask_again = fields.Boolean(
        "Also Those Asked Before",
        help="Ask also partners that did not answer an earlier offer of the lead.",
    )
    validity_hours = fields.Float(
        "Validity (hours)", help="Never past the closure date. 0: as each service says."
    )
    line_ids = fields.One2many(
        "lead.broadcast.to.list.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    ready_count = fields.Integer(compute="_compute_counts")
    partner_count = fields.Integer(compute="_compute_counts")

    @api.constrains("validity_hours")
    def _check_validity_hours(self):
        for wizard in self:
            if not 0 <= wizard.validity_hours <= MAX_VALIDITY_HOURS:
                raise ValidationError(
                    self.env._("An offer can be valid for a year at most.")
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("lead_ids")
    def _compute_lead_id(self):
        for wizard in self:
            leads = wizard.lead_ids
            wizard.lead_id = leads._origin if len(leads) == 1 else False

    @api.depends("lead_ids", "list_ids", "ask_again")
    def _compute_line_ids(self):
        """Say for each lead whom it would be offered to, problems first."""
        for wizard in self:
            candidates = wizard._find_candidates(wizard.lead_ids._origin)
            lines = [
                wizard._prepare_line(lead, partners)
                for lead, partners in candidates.items()
            ]
            lines.sort(key=lambda line: not line["problem"])
            wizard.line_ids = [Command.clear()] + [
                Command.create(line) for line in lines
            ]

    @api.depends("line_ids.problem", "line_ids.partner_count")
    def _compute_counts(self):
        for wizard in self:
            ready = wizard.line_ids.filtered(lambda line: not line.problem)
            wizard.ready_count = len(ready)
            wizard.partner_count = sum(ready.mapped("partner_count"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_send(self):
        """Offer the leads to those found now; say why not the others."""
        self.ensure_one()
        problems = {
            line.lead_id: line.problem for line in self.line_ids if line.problem
        }
        leads = self.line_ids.lead_id.filtered(lambda lead: lead not in problems)
        candidates = self._find_candidates(leads)
        ready = leads.filtered(lambda lead: self._get_selected(candidates[lead]))
        if not ready:
            raise UserError(
                self.env._("None of these leads can be offered. See the problems.")
            )
        broadcasts = ready._broadcast(
            {lead: candidates[lead] for lead in ready},
            self.validity_hours or None,
            audience="list",
        )
        problems.update(
            (lead, self.env._("Nobody is left to ask.")) for lead in leads - ready
        )
        return ready._show_bulk_result(
            [
                self.env._(
                    "Leads offered: %(leads)s, to so many partners: %(partners)s",
                    leads=len(ready),
                    partners=len(broadcasts.offer_ids.partner_id),
                )
            ],
            problems,
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _find_candidates(self, leads):
        self.ensure_one()
        step = self.env["lead.broadcast.ladder.step"].new(
            {
                "audience": "list",
                "list_ids": [Command.set(self.list_ids._origin.ids)],
                "ask_again": self.ask_again,
            }
        )
        return self.env["lead.broadcast.audience"]._find_for_step(step, leads)

    @api.model
    def _get_selected(self, candidates):
        return [line for line in candidates if line["selected"]]

    def _prepare_line(self, lead, candidates):
        selected = self._get_selected(candidates)
        partners = self.env["res.partner"].browse(
            [line["partner_id"] for line in selected]
        )
        problem = lead._get_broadcast_problem()
        if not (selected or problem):
            problem = self.env._("No partner of the lists is available.")
        return {
            "lead_id": lead.id,
            "partner_count": len(selected),
            "problem": problem,
            "detail": problem or lead._name_some(partners.mapped("name"), MAX_NAMED),
        }


class LeadBroadcastToListLine(models.TransientModel):
    _name = "lead.broadcast.to.list.line"
    _description = "Lead to Offer to Lists"
    _order = "id"

    wizard_id = fields.Many2one(
        "lead.broadcast.to.list", required=True, index=True, ondelete="cascade"
    )
    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    service_place = fields.Char(related="lead_id.service_place")
    partner_count = fields.Integer("Partners to Ask")
    problem = fields.Char()
    detail = fields.Char("Who, or Why Not")
