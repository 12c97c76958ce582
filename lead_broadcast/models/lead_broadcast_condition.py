import ast
import logging

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class LeadBroadcastConditionMixin(models.AbstractModel):
    """Settings that hold for some leads: of those in order, each lead follows the first
    whose condition it meets."""

    _name = "lead.broadcast.condition.mixin"
    _description = "Condition on Leads"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="A lead follows the first one whose condition it meets."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    domain = fields.Char(
        "Which Leads", default="[]", required=True, help="Empty: all leads."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        Lead = self.env["crm.lead"]
        for condition in self:
            try:
                Lead.search(condition._get_domain(), limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The condition of %(name)s cannot be followed: %(error)s",
                        name=condition.name,
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
        if self._get_cached_fields() & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _match(self, leads):
        """Return which of these settings each lead follows.

        :return: ``{lead: record}``, empty ones for no match
        """
        matches = dict.fromkeys(leads, self.browse())
        left = leads
        for condition_id, domain, company_id in self._get_conditions():
            if not left:
                break
            condition = self.browse(condition_id)
            own = left.filtered(
                lambda lead, company_id=company_id: (
                    company_id in (False, (lead.company_id or self.env.company).id)
                )
            )
            matching = condition._filter_by(domain, own)
            matches.update((lead, condition) for lead in matching)
            left -= matching
        return matches

    def _filter_matching(self, leads):
        """Return the leads that meet this condition."""
        self.ensure_one()
        return self._filter_by(self.domain, leads)

    @api.model
    def _has_any(self):
        """Tell whether there are any to follow: asked for each new lead."""
        return bool(self._get_conditions())

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_conditions(self):
        """Return what decides which leads follow what, in order: cached, because each
        lead that is written asks.

        :return: ``((id, domain, company id or False), ...)``
        """
        # sudo: conditions hold for whoever enters a lead
        conditions = self.sudo().search(self._get_applicable_domain())
        return tuple(
            (condition.id, condition.domain, condition.company_id.id)
            for condition in conditions
        )

    @api.model
    def _get_applicable_domain(self):
        """Return which records are followed at all."""
        return Domain("active", "=", True)

    @api.model
    def _get_cached_fields(self):
        """Return the fields that decide what is cached of these records."""
        return {"active", "company_id", "domain", "sequence"}

    def _get_domain(self):
        self.ensure_one()
        return self._parse(self.domain)

    @api.model
    def _parse(self, domain):
        return Domain(ast.literal_eval(domain or "[]"))

    def _filter_by(self, domain, leads):
        """Return the leads that meet a condition. One that cannot be followed any
        more, for example after a field was removed, is met by none."""
        try:
            # sudo: conditions may look at what the reader of a lead cannot see
            matching = leads.sudo().filtered_domain(self._parse(domain))
            return matching.with_env(leads.env)
        except Exception:
            _logger.exception("The condition of %s cannot be followed", self)
            return leads.browse()
