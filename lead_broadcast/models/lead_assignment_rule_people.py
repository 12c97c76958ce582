from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .lead_assignment_rule_explain import Criterion

SALES_GROUP = "sales_team.group_sale_salesman"


class Assignee(NamedTuple):
    """Who gets a lead that follows a rule."""

    user: models.BaseModel
    team: models.BaseModel
    instead_of: models.BaseModel  # res.users who would get it, but cannot


class LeadAssignmentRule(models.Model):
    """Who of our people gets the leads of a rule, also when the person or team that it
    names is archived, or may not work on leads any more."""

    _inherit = "lead.assignment.rule"

    @api.depends("user_id.group_ids")
    def _compute_problem(self):
        result = super()._compute_problem()
        for rule in self.filtered(lambda rule: rule.user_id and not rule.problem):
            if not rule.user_id.has_group(SALES_GROUP):
                rule.problem = self.env._(
                    "%s cannot work on leads. Choose a salesperson.", rule.user_id.name
                )
        return result

    @api.constrains("user_id")
    def _check_user(self):
        for rule in self.filtered("user_id"):
            if not rule.user_id.has_group(SALES_GROUP):
                raise ValidationError(
                    self.env._(
                        "%(person)s cannot work on leads. Choose a salesperson for"
                        " %(rule)s.",
                        person=rule.user_id.name,
                        rule=rule.name,
                    )
                )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_assignees(self, leads):
        """Return who gets leads that follow this rule: its person, or the leader of its
        team, as what enters by mail does in core, unless core chooses among the team's
        people. Of somebody who cannot have a lead, the back-up gets it, else the team's
        leader.

        :return: ``{lead: Assignee}``
        """
        self.ensure_one()
        team, leader = self.team_id.filtered("active"), self.team_id.user_id
        if team and leads._is_rule_based_assignment_activated():
            leader = leader.browse()
        wanted = self.user_id or leader
        closed = leads.filtered(lambda lead: wanted and not lead._is_open_to(wanted))
        assignees = dict.fromkeys(leads, Assignee(wanted, team, wanted.browse()))
        if closed:
            stand_ins = self._get_stand_ins(wanted, leader)
            for lead in closed:
                user = stand_ins.filtered(lead._is_open_to)[:1]
                assignees[lead] = Assignee(user, team, wanted)
        return assignees

    @api.model
    def _get_stand_ins(self, user, leader):
        """Return who gets the leads of a person who cannot have them, in this order."""
        now = fields.Datetime.now()
        backups = (user | leader)._get_backup(now)
        people = backups[user] | leader | backups.get(leader, leader)
        return people - people._filter_absent(now)

    def _filter_by(self, domain, leads):
        """Leads that nobody would get follow the next rule."""
        matching = super()._filter_by(domain, leads)
        rule = self.sudo()  # sudo: as in super
        if not (matching and rule.problem):
            return matching
        assignees = rule._get_assignees(matching.sudo())
        return matching.filtered(lambda lead: rule._is_usable(assignees[lead]))

    def _is_usable(self, assignee):
        """Tell whether anything follows of this rule, with whom it assigns leads to."""
        self.ensure_one()
        return bool(assignee.user or assignee.team or self.ladder_id.active)

    # ------------------------------------------------------------
    # EXPLAIN
    # ------------------------------------------------------------

    def _explain(self, lead):
        return [*super()._explain(lead), *self._explain_assignee(lead)]

    def _explain_assignee(self, lead):
        # sudo: as in super
        rule, lead = self.sudo(), lead.sudo()
        if not rule.problem or rule._is_usable(rule._get_assignees(lead)[lead]):
            return []
        return [
            Criterion(
                self.env._("Somebody who gets it"),
                (rule.user_id or rule.team_id or rule.ladder_id).display_name,
                rule.problem,
                False,
            )
        ]

    def _get_outcome(self, lead):
        """Return the names of those who get a lead that follows this rule, and of the
        ladder that is started."""
        self.ensure_one()
        rule = self.sudo()  # sudo: as in super
        parts = [rule.user_id, rule.team_id, rule.ladder_id]
        if rule.problem:
            user, team, _instead_of = rule._get_assignees(lead.sudo())[lead]
            parts = [user, team, rule.ladder_id.filtered("active")]
        return ", ".join(part.display_name for part in parts if part)
