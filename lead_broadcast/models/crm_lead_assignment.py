from odoo import api, fields, models


class CrmLead(models.Model):
    """Leads that enter without a salesperson are given to somebody by rules; whom
    people choose by hand has the lead, whatever the rules say."""

    _inherit = "crm.lead"

    assignment_rule_id = fields.Many2one(
        "lead.assignment.rule",
        "Assigned by Rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The assignment rule that this lead followed last.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        if self.env["lead.assignment.rule"]._has_any():
            leads.filtered(
                lambda lead: not lead.user_id and not lead._get_rules_problem()
            )._assign_by_rules()
        return leads

    def _get_guarded_fields(self):
        return {
            **super()._get_guarded_fields(),
            "assignment_rule_id": lambda env: env._(
                "Which rule a lead followed is noted by the rules only."
            ),
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_apply_rules(self):
        """Give the leads among these that nobody has answered to whom the rules say,
        whoever has them now; say which, and why not the others."""
        self.check_access("write")
        problems = {
            lead: problem for lead in self if (problem := lead._get_rules_problem())
        }
        leads = self.filtered(lambda lead: lead not in problems)
        followed = leads._assign_by_rules()
        problems.update(
            (lead, self.env._("No assignment rule fits."))
            for lead in leads
            if lead not in followed
        )
        done = followed and self.env._("Leads that follow a rule: %s", len(followed))
        return self._show_bulk_result([done], problems)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _assign_by_rules(self):
        """Have each of these leads follow the first rule that fits it.

        :return: ``{lead: rule}`` of those that one fits
        """
        if not self:
            return {}
        # sudo: whoever enters a lead need not have the right to give it to others
        leads = self.sudo().with_context(assignment_reason="rule")
        matches = leads.env["lead.assignment.rule"]._match(leads)
        for rule, group in leads.grouped(matches.get).items():
            if rule:
                group._follow_rule(rule)
        return {lead: rule for lead, rule in matches.items() if rule}

    def _follow_rule(self, rule):
        """Search for partners and give these leads to somebody, as a rule says. Nobody
        has a lead that is searching, so that the search begins first. Where it cannot,
        and the rule names nobody, leads go where they would without a rule."""
        self.assignment_rule_id = rule
        if rule.ladder_id:
            self._search_by_rule(rule)
        if rule.user_id or rule.team_id:
            self._give_by_rule(rule)

    def _search_by_rule(self, rule):
        """Start the ladder of a rule: soon, not while the lead is being entered. Say
        why it does not start where something is missing; then it is chosen, so that a
        button starts it later.
        """
        ladder = rule.ladder_id
        ready = self.filtered(lambda lead: not lead._get_rule_ladder_problem(ladder))
        ready._begin_ladder(ladder)
        if ready:
            ready._set_climb_alarm([fields.Datetime.now()])
        left = self - ready
        left.filtered(lambda lead: lead.ladder_state == "none").ladder_id = ladder
        ready._log_rule(
            lambda lead, env: env._(
                "Partners are searched for by ladder %(ladder)s, says rule %(rule)s.",
                ladder=ladder.with_env(env).name,
                rule=rule.with_env(env).name,
            )
        )
        left._log_rule(
            lambda lead, env: env._(
                "Ladder %(ladder)s of rule %(rule)s cannot start. %(problem)s",
                ladder=ladder.with_env(env).name,
                rule=rule.with_env(env).name,
                problem=lead.with_env(env)._get_rule_ladder_problem(
                    ladder.with_env(env)
                ),
            )
        )

    def _give_by_rule(self, rule):
        """Give these leads to whom a rule names, or to who stands in there."""
        for assignee, leads in self.grouped(rule._get_assignees(self).get).items():
            if assignee.user or assignee.team:
                leads._log_rule(
                    lambda _lead, env, assignee=assignee: self._tell_assignee(
                        rule, assignee, env
                    )
                )
                values = {"user_id": assignee.user.id}
                if assignee.team:
                    values["team_id"] = assignee.team.id
                leads.write(values)

    @api.model
    def _tell_assignee(self, rule, assignee, env):
        """Say in the language of an environment whom a rule gives a lead to."""
        owner = (assignee.user or assignee.team).with_env(env).display_name
        rule_name = rule.with_env(env).name
        if not assignee.instead_of:
            return env._(
                "Assigned to %(assignee)s by rule %(rule)s.",
                assignee=owner,
                rule=rule_name,
            )
        return env._(
            "Assigned to %(assignee)s instead of %(person)s by rule %(rule)s.",
            assignee=owner,
            person=assignee.instead_of.with_env(env).display_name,
            rule=rule_name,
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_rule_ladder_problem(self, ladder):
        """Return why a rule cannot have this lead follow its ladder and what to do, or
        False."""
        self.ensure_one()
        if not ladder.active:
            return self.env._("The ladder %s is archived.", ladder.name)
        if not ladder.step_ids:
            return self.env._("The ladder %s has no steps.", ladder.name)
        if problem := self._get_start_problem() or self._get_broadcast_problem():
            return problem
        if not self.service_place:
            return self.env._("Enter its place first.")
        return False

    def _get_rules_problem(self):
        """Return why the rules leave this lead alone and what to do, or False."""
        self.ensure_one()
        if problem := self._get_allocation_problem():
            return problem
        if self.broadcast_state == "searching":
            return self.env._("It is offered to partners. Stop the search first.")
        if self.first_response_date:
            return self.env._("It is answered already. Give it to somebody by hand.")
        return False

    def _log_rule(self, tell):
        """Log one line on each lead, in the language of its team, in nobody's name.

        :param tell: function of a lead and an environment, returns the line
        """
        self._message_log_batch(
            {lead.id: tell(lead, lead._with_team_lang().env) for lead in self},
            author_id=self.env.ref("base.partner_root").id,
        )
