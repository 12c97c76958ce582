from odoo import fields, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """How a search is started, paused, taken to another step, and ended."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start_ladder(self):
        """Start to search by the ladder chosen, or that of the rules."""
        self._check_may_steer()
        self._check_can_broadcast()
        self._check_no_problem(
            lambda lead: lead._get_start_problem() or lead._get_ladder_problem()
        )
        self._start_ladder()

    def action_pause_ladder(self):
        """Take no further step for now; offers stay valid."""
        self._check_may_steer()
        self._pause_ladder()

    def action_resume_ladder(self):
        """Go on with the step that is next."""
        self._check_may_steer()
        self._resume_ladder()

    def action_restart_ladder(self):
        """Begin at the first step of the ladder as it is now."""
        self._check_may_steer()
        self._check_can_broadcast()
        self._check_no_problem(lambda lead: lead._get_ladder_problem())
        self._restart_ladder()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _start_ladder(self, ladder=None):
        """Climb from the first step: at once, or when working hours begin.

        :param ladder: instead of each lead's own, or that of the rules; leads without
            any, and those that are searching already, are left as they are
        """
        # sudo: users steer searches by these methods only, not by writing
        leads = self.sudo().filtered(lambda lead: not lead._get_start_problem())
        leads._begin_ladder(ladder)
        leads._climb()

    def _restart_ladder(self):
        """Climb from the first step again, by the ladder as it is now."""
        leads = self.sudo()  # sudo: as in _start_ladder
        leads._begin_ladder()
        leads._climb()

    def _begin_ladder(self, ladder=None):
        """Make the first step due, without taking it."""
        now = fields.Datetime.now()
        for own, leads in self._get_ladders(ladder).items():
            leads._start_searching(now)
            leads._follow(own)

    def _get_ladders(self, ladder=None):
        """Return which of these leads follow which ladder.

        :return: ``{ladder: leads}``
        """
        matches = self.env["lead.broadcast.ladder"]._match(self)
        groups = self.grouped(
            lambda lead: ladder or lead.ladder_id.filtered("active") or matches[lead]
        )
        return {own: leads for own, leads in groups.items() if own}

    def _follow(self, ladder):
        """Begin at the first step of a ladder, as it is now."""
        snapshot = ladder._get_snapshot()
        self._end_ladder()  # the ladder of a running search is not changed
        self.write(
            {
                "ladder_id": ladder.id,
                "ladder_snapshot_id": snapshot.id,
                "ladder_step_id": False,
            }
        )
        self._go_on_with(snapshot.step_ids[:1])

    def _go_on_with(self, step):
        """Begin a new run with a step, which is due now."""
        now = fields.Datetime.now()
        self._end_ladder()
        for run, leads in self.grouped("ladder_run").items():
            leads.write(
                {
                    "ladder_state": "running",
                    "ladder_run": run + 1,
                    "ladder_failures": 0,
                    "next_step_id": step.id,
                    "next_action_at": now,
                }
            )

    def _jump_to(self, step):
        """Take a step out of turn, now or when its working hours begin; offers of the
        steps before stay valid.

        :param step: of the copy of the ladder that these leads follow
        """
        leads = self.sudo()  # sudo: as in _start_ladder
        if leads.ladder_snapshot_id != step.ladder_id:
            raise UserError(
                self.env._("%s is no step of the ladder of this lead.", step.name)
            )
        if any(lead._is_taking(step) for lead in leads):
            raise UserError(
                self.env._(
                    "Step %s is being taken already: wait for the answers, or choose"
                    " another step.",
                    step.name,
                )
            )
        leads._start_searching(fields.Datetime.now())
        leads._go_on_with(step)
        leads._climb()

    def _pause_ladder(self):
        """Take no further step until somebody resumes the search, or until it is too
        late for it."""
        leads = self.sudo().filtered(  # sudo: as in _start_ladder
            lambda lead: lead.ladder_state == "running"
        )
        leads.ladder_state = "paused"
        leads._watch_paused()
        leads._log_ladder(lambda lead, env: env._("The search is paused."))

    def _resume_ladder(self):
        """Go on: after the offers that are still valid, else now."""
        leads = self.sudo().filtered(  # sudo: as in _start_ladder
            lambda lead: lead.ladder_state == "paused"
        )
        if not leads:
            return
        now = fields.Datetime.now()
        for moment, group in leads.grouped(
            lambda lead: max([now, *lead._get_open_rounds().mapped("valid_until")])
        ).items():
            group.write({"ladder_state": "running", "next_action_at": moment})
        leads._log_ladder(lambda lead, env: env._("The search goes on."))
        leads._climb()

    def _watch_paused(self):
        """Look at paused searches again when their closure date has passed."""
        paused = self.filtered(lambda lead: lead.ladder_state == "paused")
        for end, leads in paused.grouped(lambda lead: lead._get_closure_end()).items():
            leads.next_action_at = end
            if end:
                leads._set_climb_alarm([end])

    def _end_ladder(self, state="none"):
        """Take no further step: somebody has the lead, it is closed, or the search was
        stopped."""
        leads = self.sudo().filtered(  # sudo: as in _start_ladder
            lambda lead: lead.ladder_state not in ("none", state)
        )
        if not leads:
            return
        leads.filtered(lambda lead: lead.ladder_state == "handed")._drop_tasks()
        leads.write(
            {"ladder_state": state, "next_step_id": False, "next_action_at": False}
        )

    def _drop_tasks(self):
        """The person who had these leads need not look for a partner any more."""
        self._get_search_tasks().unlink()

    def _get_search_tasks(self):
        """Return the activities with which searches of these leads have ended."""
        types = self.ladder_step_id.activity_type_id | self._get_find_partner_type()
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "in", types.ids),
                ("automated", "=", True),
            ]
        )

    def _start_by_itself(self):
        """Search for partners of new leads whose ladder starts by itself: soon, not
        while the lead is being entered."""
        leads = self.filtered("service_id")
        if not leads or not self.env["lead.broadcast.ladder"]._has_auto_start():
            return
        leads = leads.sudo().filtered(  # sudo: as in _start_ladder
            lambda lead: (
                not (lead._get_start_problem() or lead._get_broadcast_problem())
            )
        )
        for ladder, group in leads._get_ladders().items():
            if ladder.auto_start and ladder.step_ids:
                group._begin_ladder(ladder)
                group._set_climb_alarm([fields.Datetime.now()])

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _check_may_steer(self):
        """Only who may see rounds steers searches."""
        self.check_access("write")
        self.env["lead.broadcast"].check_access("read")

    def _get_start_problem(self):
        """Return why this lead cannot start to search, as it does so already, or
        False."""
        self.ensure_one()
        if self.ladder_state in ("running", "paused"):
            return self.env._("It is searching already. Restart or resume its search.")
        return False

    def _get_ladder_problem(self):
        """Return why this lead cannot follow a ladder and what to do, or False."""
        self.ensure_one()
        ladder = self.ladder_id.filtered("active") or self.matching_ladder_id
        if not ladder:
            return self.env._(
                "No ladder matches it. Choose one, or broadcast the lead by hand."
            )
        if not ladder.sudo().step_ids:  # sudo: only whether there are some
            return self.env._("The ladder %s has no steps.", ladder.name)
        return False

    def _is_taking(self, step):
        """Tell whether a step is being taken right now."""
        self.ensure_one()
        return step == self.ladder_step_id and (
            self.ladder_state == "handed"
            or self._get_open_rounds().filtered(
                lambda broadcast: (
                    broadcast.step_id == step
                    and broadcast.ladder_run == self.ladder_run
                )
            )
        )

    def _get_open_rounds(self):
        return self.broadcast_ids.filtered(lambda broadcast: broadcast.state == "open")

    def _log_ladder(self, tell):
        """Log one line on each lead, in the language of its team.

        :param tell: function of a lead and an environment, returns the line
        """
        self._message_log_batch(
            {lead.id: tell(lead, lead._with_team_lang().env) for lead in self}
        )
