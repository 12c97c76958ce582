from typing import NamedTuple

from odoo import api, models

from .lead_assignment_rule import CRITERIA


class Criterion(NamedTuple):
    """One thing a rule looks for, and whether a lead has it."""

    name: str
    wanted: str
    found: str
    fits: bool


class LeadAssignmentRule(models.Model):
    """Why a rule applies to a lead, or why not."""

    _inherit = "lead.assignment.rule"

    def _explain(self, lead):
        """Return what this rule looks for and what it finds in a lead, whether or not
        a rule before it applies.

        :return: list of :class:`Criterion`; the rule fits when all of them do
        """
        self.ensure_one()
        # sudo: a lead's reader may know why it goes where it goes
        rule, lead = self.sudo(), lead.sudo()
        return [
            *rule._explain_company(lead),
            *(
                Criterion(
                    rule._fields[name]._description_string(self.env),
                    self._tell(rule, name),
                    self._tell(lead, CRITERIA[name]),
                    rule._fits(name, lead),
                )
                for name in CRITERIA
                if rule[name]
            ),
            *rule._explain_domain(lead),
        ]

    def _explain_company(self, lead):
        """What every lead of a single company meets is not worth a word."""
        fits = self._is_of_company(lead)
        if fits and not self.company_id:
            return []
        parts = self.company_id or (
            self.team_id.company_id | self.ladder_id.company_id
            or self.user_id.company_ids
        )
        company = lead.company_id or self.env.company
        return [
            Criterion(
                self._fields["company_id"]._description_string(self.env),
                ", ".join(parts.mapped("name")),
                company.name,
                fits,
            )
        ]

    def _explain_domain(self, lead):
        if self.domain in (False, "[]"):
            return []
        try:
            fits = bool(lead.filtered_domain(self._get_domain()))
        except Exception:  # met by nobody; logged whenever the rule is followed
            fits = False
        return [
            Criterion(
                self.env._("Further conditions"),
                self.domain,
                self.env._("met") if fits else self.env._("not met"),
                fits,
            )
        ]

    @api.model
    def _tell(self, record, name):
        """Return the value of a field as people read it."""
        value, field = record[name], record._fields[name]
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        return field.convert_to_export(value, record) or ""
