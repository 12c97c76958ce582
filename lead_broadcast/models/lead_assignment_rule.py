from odoo import api, fields, models
from odoo.exceptions import ValidationError

# what a rule looks for, by the field of a lead that shows it
CRITERIA = {
    "intake_channel": "intake_channel",
    "intake_form": "intake_form",
    "source_ids": "source_id",
    "tag_ids": "tag_ids",
    "team_ids": "team_id",
    "country_ids": "country_id",
    "state_ids": "state_id",
    "zip_prefix": "zip",
}


class LeadAssignmentRule(models.Model):
    """Who gets the leads that enter without a salesperson: of the rules in order, each
    lead follows the first whose criteria it meets."""

    _name = "lead.assignment.rule"
    _inherit = ["lead.broadcast.condition.mixin"]
    _description = "Assignment Rule"
    _order = "sequence, id"
    _check_company_auto = True

    # ------------------------------------------------------------
    # CRITERIA: all that are set must be met
    # ------------------------------------------------------------

    intake_channel = fields.Selection(
        "_selection_intake_channel", "Entered by", help="None: in any way."
    )
    intake_form = fields.Char(
        "Form",
        help="The form that made the lead, as the lead names it: a website form, a"
        " survey, or what the caller of the API says.",
    )
    source_ids = fields.Many2many(
        "utm.source",
        "lead_assignment_rule_source_rel",
        "rule_id",
        "source_id",
        string="Sources",
        ondelete="restrict",  # no source means any: it must not become that
    )
    tag_ids = fields.Many2many(
        "crm.tag",
        "lead_assignment_rule_tag_rel",
        "rule_id",
        "tag_id",
        string="Tags",
        ondelete="restrict",
        help="The lead has one of them at least.",
    )
    team_ids = fields.Many2many(
        "crm.team",
        "lead_assignment_rule_team_rel",
        "rule_id",
        "team_id",
        string="Entered for Teams",
        ondelete="restrict",
        context={"active_test": False},
        help="The team the lead enters with, for example that of its mail alias.",
    )
    country_ids = fields.Many2many(
        "res.country",
        "lead_assignment_rule_country_rel",
        "rule_id",
        "country_id",
        string="Countries",
        ondelete="restrict",
    )
    state_ids = fields.Many2many(
        "res.country.state",
        "lead_assignment_rule_state_rel",
        "rule_id",
        "state_id",
        string="States",
        ondelete="restrict",
    )
    zip_prefix = fields.Char(
        "ZIP Begins with", help="One or several, with commas between: 110, 1220."
    )

    # ------------------------------------------------------------
    # OUTCOME
    # ------------------------------------------------------------

    user_id = fields.Many2one(
        "res.users",
        "Assign to",
        domain=[("share", "=", False)],
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Assign to Team",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Without a person the lead goes to the team's leader, or waits for the"
        " rule-based assignment of CRM where that is switched on.",
    )
    ladder_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Start Ladder",
        domain=[("origin_id", "=", False)],
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Partners are searched for. The person or team has the lead meanwhile, and"
        " when nobody takes it.",
    )
    problem = fields.Char(compute="_compute_problem")
    lead_count = fields.Integer("Leads", compute="_compute_lead_count")

    _check_outcome = models.Constraint(
        "CHECK(user_id IS NOT NULL OR team_id IS NOT NULL OR ladder_id IS NOT NULL)",
        "A rule assigns leads to somebody or starts a ladder: choose a person, a team"
        " or a ladder.",
    )

    @api.model
    def _selection_intake_channel(self):
        channel = self.env["crm.lead"]._fields["intake_channel"]
        return channel._description_selection(self.env)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("ladder_id")
    def _check_ladder(self):
        for rule in self:
            if rule.ladder_id.sudo().origin_id:  # sudo: only what it is
                raise ValidationError(
                    self.env._(
                        "%s is a copy that other leads follow. Choose the ladder.",
                        rule.ladder_id.name,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("user_id.active", "team_id.active", "ladder_id.active")
    def _compute_problem(self):
        """Say which part of what the rule does is out of use."""
        for rule in self:
            outcome = (rule.user_id, rule.team_id, rule.ladder_id)
            gone = [part.display_name for part in outcome if part and not part.active]
            rule.problem = bool(gone) and self.env._(
                "Archived: %s. Choose another one.", ", ".join(gone)
            )

    def _compute_lead_count(self):
        counts = dict(
            self.env["crm.lead"]
            .with_context(active_test=False)
            ._read_group(
                [("assignment_rule_id", "in", self.ids)],
                ["assignment_rule_id"],
                ["__count"],
            )
        )
        for rule in self:
            rule.lead_count = counts.get(rule._origin, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_leads(self):
        """Open the leads that followed these rules."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        action["domain"] = [("assignment_rule_id", "in", self.ids)]
        action["context"] = {"active_test": False, "create": False}
        return action

    # ------------------------------------------------------------
    # MATCHING
    # ------------------------------------------------------------

    def _filter_by(self, domain, leads):
        # sudo: as in super; read once for all the rules
        prefetch_ids = [rule_id for rule_id, *_rest in self._get_conditions()]
        rule = self.sudo().with_prefetch(prefetch_ids)
        fitting = leads.sudo().filtered(
            lambda lead: (
                rule._is_of_company(lead)
                and all(rule._fits(name, lead) for name in CRITERIA)
            )
        )
        return super()._filter_by(domain, fitting.with_env(leads.env))

    def _fits(self, name, lead):
        """Tell whether a lead meets one of the criteria; one that is not set is met by
        any."""
        wanted, found = self[name], lead[CRITERIA[name]]
        if not wanted or not found:
            return not wanted
        if name == "zip_prefix":
            prefixes = (_simplify(prefix) for prefix in wanted.split(","))
            return _simplify(found).startswith(tuple(filter(None, prefixes)))
        if name == "intake_form":
            return _simplify(found) == _simplify(wanted)
        if self._fields[name].relational:
            return bool(wanted & found)
        return wanted == found

    def _is_of_company(self, lead):
        """Nobody is given leads of a company that they do not belong to."""
        company = lead.company_id
        if self.company_id - (company or self.env.company):
            return False
        return not company or (
            (not self.user_id or company in self.user_id.company_ids)
            and (self.team_id.company_id | self.ladder_id.company_id) <= company
        )


def _simplify(text):
    """Let texts be the same however people space and capitalise them."""
    return "".join(text.split()).casefold()
