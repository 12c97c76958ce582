from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError


class LeadResponsePolicy(models.Model):
    """How long whoever is given a lead may take until the first response, and what
    happens, level by level, when the time runs out."""

    _name = "lead.response.policy"
    _inherit = ["lead.broadcast.condition.mixin"]
    _description = "Response Policy"
    _order = "sequence, id"

    sequence = fields.Integer(
        help="A lead follows the first policy whose rule it matches."
    )
    level_ids = fields.One2many("lead.response.level", "policy_id", copy=True)
    running_count = fields.Integer(
        "Clocks Running", compute="_compute_running_count", compute_sudo=True
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("level_ids")
    def _check_levels(self):
        for policy in self:
            if not policy.level_ids:
                raise ValidationError(
                    self.env._(
                        "%s has no levels. Say how long an answer may take, and what"
                        " happens then.",
                        policy.name,
                    )
                )

    @api.constrains("level_ids")
    def _check_repeat(self):
        for level in self.level_ids.filtered("repeat"):
            if level != level.policy_id.level_ids.sorted()[-1:]:
                raise ValidationError(
                    self.env._(
                        "%s can happen again and again only as the last level.",
                        level.name,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_running_count(self):
        groups = self.env["lead.response.assignment"]._read_group(
            [
                ("policy_id", "in", self.ids),
                ("end_date", "=", False),
                ("first_response_date", "=", False),
            ],
            ["policy_id"],
            ["__count"],
        )
        counts = dict(groups)
        for policy in self:
            policy.running_count = counts.get(policy._origin, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        """Leads whose clock runs would never be escalated."""
        self.invalidate_recordset(["running_count"])  # what runs changes by the minute
        if running := self.filtered("running_count"):
            raise UserError(
                self.env._(
                    "Clocks run by %s. Archive the policy instead: they go on, and new"
                    " leads follow another one.",
                    ", ".join(running.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start_clocks(self):
        """Begin the time of leads that were there before these policies, and that
        nobody has answered yet. New leads need no such beginning."""
        self.check_access("write")
        # sudo: the policy holds for all leads, also those of others
        leads = (
            self.env["crm.lead"]
            .sudo()
            .search([("response_state", "=", "new"), ("response_deadline", "=", False)])
        )
        matches = self._match(leads)
        leads = leads.filtered(lambda lead: matches[lead] in self)
        # known: they have had these leads all along
        leads.with_context(assignee_is_known=True)._sync_assignee("rule")

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_following(self, level):
        """Return the level whose time runs after one has taken effect; no level when
        there is nothing left to happen."""
        levels = self.level_ids
        after = levels[levels.ids.index(level.id) + 1 :]
        return after[:1] or levels[-1:].filtered("repeat")

    @api.model
    @tools.ormcache()
    def _get_watched_fields(self):
        """Return the fields of leads that the policies' rules look at: which policy a
        lead follows may change with them."""
        return frozenset(
            leaf.field_expr.partition(".")[0]
            for _policy_id, domain, _company_id in self._get_conditions()
            for leaf in self._parse(domain).iter_conditions()
        )
