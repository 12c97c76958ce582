from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
        leads.filtered(lambda lead: matches[lead] in self)._sync_assignee("rule")

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_level(self, passed):
        """Return the level whose time runs after so many have run out; no level when
        there is nothing left to happen.

        :param int passed: levels that have run out
        """
        levels = self.level_ids
        return levels[passed : passed + 1] or levels[-1:].filtered("repeat")
