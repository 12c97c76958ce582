import logging
from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

IS_MEMBER = Domain("is_service_partner", "=", True) & Domain("active", "=", True)
PREVIEW_SIZE = 80  # members shown on the list itself


class LeadBroadcastList(models.Model):
    """Partners that are asked together: some named one by one, or all that meet a
    condition, or both."""

    _name = "lead.broadcast.list"
    _description = "Broadcast List"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    # who is on it
    partner_ids = fields.Many2many(
        "res.partner",
        "lead_broadcast_list_partner_rel",
        "list_id",
        "partner_id",
        string="Fixed Members",
        context={"active_test": False},  # who left is shown
    )
    has_domain = fields.Boolean(
        "Members by Condition",
        compute="_compute_has_domain",
        inverse="_inverse_has_domain",
        help="Whoever meets the condition is on the list, without being added.",
    )
    domain = fields.Char("Condition", help="None: only the fixed members.")
    partner_count = fields.Integer("Partners", compute="_compute_partner_count")
    preview_ids = fields.Many2many(
        "res.partner", string="Members Now", compute="_compute_preview_ids"
    )
    left_partner_ids = fields.Many2many(
        "res.partner",
        string="Left",
        compute="_compute_left_partner_ids",
        context={"active_test": False},
        help="Fixed members that are archived or no longer service partners.",
    )
    problem = fields.Char(
        compute="_compute_problem", help="Why the condition does not work any more."
    )
    # which leads it fits
    size_ids = fields.Many2many(
        "lead.broadcast.size",
        "lead_broadcast_list_size_rel",
        "list_id",
        "size_id",
        string="Sizes",
        context={"active_test": False},  # no size means any: it must not become that
    )
    state_ids = fields.Many2many(
        "res.country.state",
        "lead_broadcast_list_state_rel",
        "list_id",
        "state_id",
        string="States",
        ondelete="restrict",
    )
    country_ids = fields.Many2many(
        "res.country",
        "lead_broadcast_list_country_rel",
        "list_id",
        "country_id",
        string="Countries",
        ondelete="restrict",
    )

    @api.constrains("domain")
    def _check_domain(self):
        for plist in self.filtered("domain"):
            try:
                with self.env.cr.savepoint():
                    plist._parse_domain()
                    plist._search_members(limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The condition of %(list)s does not work. Choose its fields"
                        " and values again. (%(error)s)",
                        list=plist.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("domain")
    def _compute_has_domain(self):
        for plist in self:
            plist.has_domain = bool(plist.domain)

    @api.onchange("has_domain")
    def _inverse_has_domain(self):
        for plist in self:
            if not plist.has_domain:
                plist.domain = False
            elif not plist.domain:
                plist.domain = "[('is_service_partner', '=', True)]"

    @api.depends("partner_ids", "domain", "company_id")
    def _compute_partner_count(self):
        """Count the members of all these lists in one statement."""
        # sudo: who is on a list does not depend on who looks
        partners = self.env["res.partner"].sudo()
        counts = [
            SQL(
                "SELECT %s, count(*) FROM (%s) member",
                position,
                partners._search(plist._get_member_domain()).select(),
            )
            for position, plist in enumerate(self)
        ]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(counts))
        for position, count in rows:
            self[position].partner_count = count

    @api.depends("partner_ids", "domain", "company_id")
    def _compute_preview_ids(self):
        for plist in self:
            plist.preview_ids = plist._search_members(limit=PREVIEW_SIZE)

    @api.depends("domain")
    def _compute_problem(self):
        for plist in self:
            _condition, error = plist._get_condition()
            plist.problem = error and str(error)

    @api.depends("partner_ids.active", "partner_ids.is_service_partner")
    def _compute_left_partner_ids(self):
        for plist in self:
            members = plist.partner_ids.filtered_domain(IS_MEMBER)
            plist.left_partner_ids = plist.partner_ids - members

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_ladder(self):
        """A step without lists means all that fit: it must not become one."""
        # sudo: whoever may delete lists need not see all ladders
        steps = (
            self.env["lead.broadcast.ladder.step"]
            .sudo()
            .with_context(active_test=False)
            .search([("list_ids", "in", self.ids)])
        )
        if steps:
            raise UserError(
                self.env._(
                    "These lists are used by %s. Archive them instead.",
                    ", ".join(sorted(set(steps.ladder_id.mapped("name")))),
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_partners(self):
        """Open the partners that are on these lists now."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.res_partner_action_service_partner"
        )
        action["domain"] = [("id", "in", self._get_partners().ids)]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------
    # MEMBERS
    # ------------------------------------------------------------

    def _get_partners(self):
        """Return who is on any of these lists now. Members who left are skipped."""
        return self.env["res.partner"].union(*self._get_partners_by_list().values())

    def _get_partners_by_list(self):
        """Return ``{list: res.partner}``. A condition that does not work any more,
        as the field is gone that it asks for, counts for nobody and is logged."""
        members = {}
        for plist in self:
            _condition, error = plist._get_condition()
            if error:
                _logger.warning(
                    "The condition of list %r (id %s) is left out: %s",
                    plist.name,
                    plist.id,
                    error,
                )
            members[plist] = plist._search_members()
        return members

    def _get_condition(self):
        """Return the domain of members by condition, and the error if it does not
        work; then nobody meets it."""
        self.ensure_one()
        try:
            return self._parse_domain(), None
        except Exception as error:
            return Domain.FALSE, error

    def _parse_domain(self):
        """Return the domain of members by condition, checked against the fields that
        there are.

        :raise Exception: of any kind, as fields have searches of their own
        """
        self.ensure_one()
        if not self.domain:
            return Domain.FALSE
        domain = Domain(literal_eval(self.domain))
        self.env["res.partner"].sudo()._search(domain)  # builds the query, no more
        return domain

    def _get_member_domain(self):
        self.ensure_one()
        condition, _error = self._get_condition()
        domain = IS_MEMBER & (Domain("id", "in", self.partner_ids.ids) | condition)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        return domain

    def _search_members(self, limit=None):
        # sudo: who is on a list does not depend on who looks
        partners = self.env["res.partner"].sudo()
        members = partners.search(self._get_member_domain(), limit=limit)
        return members.sudo(self.env.su)
