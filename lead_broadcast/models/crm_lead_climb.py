from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

from .lead_broadcast_batch import DueWork

ERROR_DELAY = timedelta(minutes=10)
MAX_FAILURES = 3  # then a person has to help

FIND_PARTNER = "lead_broadcast.mail_activity_type_find_partner"


class CrmLead(models.Model):
    """The engine of the ladder: which step is taken, when, and what follows."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "lead.broadcast.batch.mixin"]

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_climb(self):
        """Take the steps that are due. Triggered at the very moment; the regular run
        is a net."""
        self._work_off(
            DueWork(
                get_domain=self._get_due_domain,
                order="next_action_at, id",
                act=lambda leads: leads._climb_again(),
                note_failure=lambda lead: lead._note_failure(),
                set_alarm=self._set_climb_alarm,
            )
        )

    def _climb_again(self):
        self._climb()
        self.filtered("ladder_failures").ladder_failures = 0

    def _note_failure(self):
        """Try the step that failed again after a while; when that is of no use, let a
        person go on, so that the lead is not left searching."""
        self.ladder_failures += 1
        if self.ladder_failures < MAX_FAILURES:
            self.next_action_at = fields.Datetime.now() + ERROR_DELAY
            self._set_climb_alarm([self.next_action_at])
            return
        step = self.next_step_id
        self._give_to_people(
            step,
            lambda lead, env: env._(
                "The search stopped at step %s, which fails again and again. Take"
                " another step, or find a partner by hand; tell your administrator.",
                step.with_env(env).name,
            ),
        )

    @api.model
    def _get_due_domain(self):
        return Domain(
            [
                ("ladder_state", "in", ["running", "paused"]),
                ("next_action_at", "<=", fields.Datetime.now()),
            ]
        )

    @api.model
    def _set_climb_alarm(self, moments):
        """Have steps taken at these moments, in UTC."""
        cron = self.env.ref("lead_broadcast.ir_cron_climb_ladders")
        cron.sudo()._trigger(set(moments))  # sudo: whoever starts a search sets it

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _climb(self):
        """Take the steps that are due, as superuser.

        Steps that find nobody are passed over, so that each lead ends up with partners
        that are asked, with a person, or at the end of its ladder.
        """
        now = fields.Datetime.now()
        climbing = self.filtered_domain(self._get_due_domain())
        climbing -= climbing._keep_paused()
        climbing._get_open_rounds().filtered(
            lambda broadcast: broadcast.valid_until <= now
        )._expire()
        climbing.filtered(lambda lead: lead._get_broadcast_problem())._give_up_asking()
        climbing = climbing.filtered(lambda lead: lead.ladder_state == "running")
        while climbing:
            for step, leads in climbing.grouped("next_step_id").items():
                climbing -= leads._take_step(step, now)

    def _take_step(self, step, now):
        """Take one step with leads that are to take it next.

        :return: those with which it is done for now; the others found nobody, and go
            on with the step after
        """
        if not step:
            self._reach_end()
            return self
        if step.audience == "people":
            self._hand_over(step)
            return self
        opening = step._get_opening(now)
        if opening > now:
            return self._wait_for(opening)
        candidates = self.env["lead.broadcast.audience"]._find_for_step(step, self)
        asking = self.filtered(
            lambda lead: any(line["selected"] for line in candidates[lead])
        )
        (self - asking)._log_ladder(
            lambda lead, env: env._(
                "Step %s: there is nobody to ask.", step.with_env(env).name
            )
        )
        for upcoming, leads in self.grouped(step._get_following).items():
            leads.write({"ladder_step_id": step.id, "next_step_id": upcoming.id})
        asking._ask(step, {lead: candidates[lead] for lead in asking})
        return asking

    def _ask(self, step, candidates):
        """Offer leads to those found for a step, and wait for their answers."""
        broadcasts = self._broadcast(candidates, step=step, audience=step.audience)
        for moment, rounds in broadcasts.grouped("valid_until").items():
            rounds.lead_id.next_action_at = moment
        self._set_climb_alarm(broadcasts.mapped("valid_until"))

    def _wait_for(self, opening):
        """Wait until working hours begin, unless it is too late then.

        :return: the leads that wait
        """
        late = self.filtered(
            lambda lead: (end := lead._get_closure_end()) and end <= opening
        )
        late._pass_to_people()
        late._log_ladder(
            lambda lead, env: env._(
                "Its closure date comes before partners can be asked again."
            )
        )
        waiting = self - late
        if waiting:
            waiting.next_action_at = opening
            self._set_climb_alarm([opening])
        return waiting

    def _hand_over(self, step):
        """Give leads that nobody took to people, who decide what to do."""
        self.ladder_step_id = step
        self._give_to_people(
            step, lambda lead, env: step.with_env(env).activity_note or ""
        )

    def _give_to_people(self, step, tell):
        """End the search with people who take care of these leads, as a step says.

        :param tell: function of a lead and an environment, returns what is to be done
        """
        people = step._get_responsible(self)
        for user, leads in self.grouped(people.get).items():
            leads.handed_user_id = user
        self._end_ladder("handed")
        self._give_tasks(step, tell)

    def _give_tasks(self, step, tell):
        """Have those who take care of these leads now find a partner."""
        activity_type = step.activity_type_id or self._get_find_partner_type()
        for user, leads in self.grouped("handed_user_id").items():
            env = self.with_context(lang=user.lang or self.env.lang).env
            leads.activity_schedule(
                activity_type_id=activity_type.id,
                summary=step.with_env(env).name,
                note=plaintext2html(tell(leads, env)),
                user_id=user.id,
            )
        self._log_ladder(
            lambda lead, env: env._(
                "Nobody took it: handed to %s.",
                lead.handed_user_id.name or env._("the team"),
            )
        )

    def _get_find_partner_type(self):
        """Return what kind of activity a search ends with, where its step does not
        say."""
        return self.env.ref(FIND_PARTNER, raise_if_not_found=False) or self.env.ref(
            "mail.mail_activity_data_todo"
        )

    def _keep_paused(self):
        """Leave paused searches alone, as long as they can be resumed.

        :return: the leads that stay paused
        """
        paused = self.filtered(lambda lead: lead.ladder_state == "paused")
        lost = paused.filtered(lambda lead: lead._get_broadcast_problem())
        lost.ladder_state = "running"
        (paused - lost)._watch_paused()
        return paused - lost

    def _give_up_asking(self):
        """Pass over the steps that ask partners: these leads cannot be offered any
        more, for example because their closure date has passed."""
        closed = self.filtered(lambda lead: not lead._is_open_for_broadcast())
        closed._end_ladder()
        given_up = self - closed
        given_up._pass_to_people()
        given_up._log_ladder(
            lambda lead, env: lead.with_env(env)._get_broadcast_problem()
        )

    def _pass_to_people(self):
        """Go on with the step for people, or with the end where there is none."""
        for snapshot, leads in self.grouped("ladder_snapshot_id").items():
            people = snapshot.step_ids.filtered(lambda step: step.audience == "people")
            leads.next_step_id = people[:1]

    def _reach_end(self):
        """Nobody took these leads, and no step is left: somebody must know."""
        self._end_ladder("ended")
        self._notify_exhausted()

    def _continue_search(self):
        """After a round that nobody won: take the next step now, unless others can
        still answer; of leads without a ladder tell that the search is over."""
        waiting = self.filtered(lambda lead: not lead._get_open_rounds())
        climbing = waiting.filtered(lambda lead: lead.ladder_state == "running")
        now = fields.Datetime.now()
        early = climbing.filtered(lambda lead: lead.next_action_at > now)
        if early:
            early.next_action_at = now
        if climbing:
            self._set_climb_alarm([now])
        (waiting - climbing)._notify_exhausted()

    def _notify_exhausted(self):
        """Tell that nobody took these leads, once for each time that it happens."""
        exhausted = self.filtered(lambda lead: lead.broadcast_state == "exhausted")
        last = max(exhausted.broadcast_ids.ids, default=0)
        for run, leads in exhausted.grouped("ladder_run").items():
            self.env["lead.broadcast.notification.rule"]._notify(
                "exhausted", leads, slot=f"round-{last}-{run}"
            )
