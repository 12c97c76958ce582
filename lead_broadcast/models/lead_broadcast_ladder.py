import ast
import logging

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class LeadBroadcastLadder(models.Model):
    """What is tried, in order, until somebody takes a lead."""

    _name = "lead.broadcast.ladder"
    _description = "Search Ladder"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="A lead follows the first ladder whose rule it matches."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    domain = fields.Char(
        "Which Leads", default="[]", required=True, help="Empty: all service leads."
    )
    auto_start = fields.Boolean(
        "Starts by Itself",
        help="Partners are searched for as soon as a lead that matches is entered.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        ondelete="restrict",
        help="When partners are asked. None: at any time of the day and the week.",
    )
    step_ids = fields.One2many("lead.broadcast.ladder.step", "ladder_id", copy=True)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        Lead = self.env["crm.lead"]
        for ladder in self:
            try:
                Lead.search(ladder._get_domain(), limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The rule of ladder %(ladder)s cannot be followed: %(error)s",
                        ladder=ladder.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if {"active", "auto_start"} & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_followed(self):
        """What became of leads stays on record with the steps that were taken."""
        if followed := self.filtered("snapshot_ids"):
            raise UserError(
                self.env._(
                    "Leads have followed %s. Archive the ladder instead.",
                    ", ".join(followed.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _match(self, leads):
        """Return which ladder each lead follows by the rules: that of its service,
        else the first whose rule it matches.

        :return: ``{lead: lead.broadcast.ladder}``, empty ones for no match
        """
        # sudo: rules may look at what the reader of a lead cannot see
        ladders = self.sudo().search([("origin_id", "=", False)])
        matches = {
            lead: lead.service_id.sudo().ladder_id.filtered("active") for lead in leads
        }
        left = leads.filtered(lambda lead: lead.service_id and not matches[lead])
        for ladder in ladders:
            if not left:
                break
            matching = left.filtered(lambda lead, own=ladder: own._is_of_company(lead))
            matching &= ladder._filter_matching(matching)
            matches.update((lead, ladder) for lead in matching)
            left -= matching
        return matches

    @api.model
    @tools.ormcache()
    def _has_auto_start(self):
        """Tell whether any ladder starts by itself: asked for each new lead."""
        domain = [("origin_id", "=", False), ("auto_start", "=", True)]
        return bool(self.sudo().search_count(domain, limit=1))

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_domain(self):
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _filter_matching(self, leads):
        """Return the leads that match the rule. One that cannot be followed any more,
        for example after a field was removed, matches none."""
        self.ensure_one()
        try:
            return leads.sudo().filtered_domain(self._get_domain()).with_env(leads.env)
        except Exception:
            _logger.exception("The rule of ladder %s cannot be followed", self.id)
            return leads.browse()

    def _is_of_company(self, lead):
        self.ensure_one()
        company = lead.company_id or self.env.company
        return self.company_id in (company, company[:0])
