"""Weeks in the life of a desk: leads come in, partners answer as people do, staff step
in, and only the engine's own alarms wake its crons."""

import heapq
import itertools
import random
from collections import Counter
from datetime import timedelta

from odoo import SUPERUSER_ID, fields
from odoo.tools import SQL

from .simulation_truth import Truth
from .simulation_world import REASONS, START, World

TICK = timedelta(minutes=20)
# in the order in which they run when several are due
CRONS = {
    "ir_cron_expire_broadcasts": ("lead.broadcast", "_cron_expire"),
    "ir_cron_climb_ladders": ("crm.lead", "_cron_climb"),
    "ir_cron_send_notices": ("lead.broadcast.notice", "_cron_send"),
}
# what becomes of an offer, in percent; the others are silent
ACCEPT, DECLINE, LATE = 9, 30, 6
# what staff do with a lead while it is searching, in percent
INTERVENTIONS = {
    "_pause": 6,
    "_jump": 4,
    "_restart": 3,
    "_give_by_hand": 3,
    "_give_to_team": 2,
    "_lose": 4,
    "_archive": 2,
    "_hasten": 4,
}


class Simulation:
    """Dice decide what happens, the same for the same seed.

    :param env: on a cursor that may commit
    :param clock: of freezegun; the cursor's own clock must follow it
    :param int days: in which the leads come in
    """

    def __init__(self, env, clock, *, leads, partners, days, seed=20270301):
        self.env, self.clock = env(user=SUPERUSER_ID), clock
        self.dice = random.Random(seed)
        self.queue, self.order = [], itertools.count()
        self.counts = Counter()
        self.clock.move_to(START)
        self.world = World(self.env, self.dice, partners)
        self.truth = Truth(self.env, self.world.fair_partners)
        self.crons = {
            self.env.ref(f"lead_broadcast.{name}").id: call
            for name, call in CRONS.items()
        }
        self.env["ir.cron.trigger"].search([]).unlink()
        for _number in range(leads):
            self._plan(self._hours(0, 24 * days), self._enter_lead)
        self._plan(timedelta(days=days / 3), self._edit_ladders)
        self._plan(timedelta(days=days / 2), self._apply_ladders)
        self._commit()

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def run(self) -> None:
        """Let time pass until nothing is left to happen."""
        while moment := self._get_next_moment():
            self.clock.move_to(moment)
            while self.queue and self.queue[0][0] <= moment:
                _moment, _order, happen, arguments = heapq.heappop(self.queue)
                happen(*arguments)
                self._commit()
            self._run_crons(moment)
            self.truth.check(moment)
            self._let_partners_answer()
            self.counts["moments"] += 1
        self.counts.update(self.truth.check_end())

    def _plan(self, delay, happen, *arguments) -> None:
        entry = (fields.Datetime.now() + delay, next(self.order), happen, arguments)
        heapq.heappush(self.queue, entry)

    def _get_next_moment(self):
        """Return the next tick at which something is due, if anything is."""
        [[alarm]] = self.env.execute_query(
            SQL(
                "SELECT min(call_at) FROM ir_cron_trigger WHERE cron_id IN %s",
                tuple(self.crons),
            )
        )
        moments = [alarm] if alarm else []
        moments += [self.queue[0][0]] if self.queue else []
        if not moments:
            return None
        due = max(min(moments) - START, timedelta())
        return max(START + -(-due // TICK) * TICK, fields.Datetime.now())

    def _run_crons(self, moment) -> None:
        """Run what was asked to run by now; a run may ask for another one."""
        while due := self._take_alarms(moment):
            for cron, (model, method) in self.crons.items():
                if cron in due:
                    getattr(self.env[model], method)()
                    self._commit()

    def _take_alarms(self, moment) -> set:
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM ir_cron_trigger WHERE call_at <= %s AND cron_id IN %s"
                " RETURNING cron_id",
                moment,
                tuple(self.crons),
            )
        )
        return {cron for [cron] in rows}

    def _commit(self) -> None:
        """What follows is another request, or another run."""
        self.env["ir.cron"]._commit_progress()
        self.env.invalidate_all()

    def _hours(self, first, last) -> timedelta:
        return timedelta(hours=self.dice.uniform(first, last))

    def _chance(self, percent) -> bool:
        return self.dice.uniform(0, 100) < percent

    # ------------------------------------------------------------
    # STAFF
    # ------------------------------------------------------------

    def _enter_lead(self) -> None:
        lead = self.world.create_lead()
        if lead.ladder_state == "none":  # does not start by itself
            lead.action_start_ladder()
        for name, percent in INTERVENTIONS.items():
            if self._chance(percent) and lead.service_id != self.world.fair_service:
                self._plan(self._hours(0, 30), self._intervene, lead.id, name)

    def _intervene(self, lead_id, name) -> None:
        lead = self.world.as_staff("crm.lead", lead_id)
        if lead.broadcast_state == "searching" and lead.ladder_state == "running":
            self.counts[name] += 1
            getattr(self, name)(lead)

    def _pause(self, lead) -> None:
        lead.action_pause_ladder()
        self._plan(self._hours(1, 20), self._resume, lead.id)

    def _resume(self, lead_id) -> None:
        self.world.as_staff("crm.lead", lead_id).action_resume_ladder()

    def _jump(self, lead) -> None:
        steps = lead.sudo().ladder_snapshot_id.step_ids
        lead._jump_to(self.dice.choice(steps))

    def _restart(self, lead) -> None:
        lead.action_restart_ladder()

    def _give_by_hand(self, lead) -> None:
        lead._allocate(self.dice.choice(self.world.partners))

    def _give_to_team(self, lead) -> None:
        lead._allocate_to_team(self.world.team)

    def _lose(self, lead) -> None:
        lead.action_set_lost()

    def _archive(self, lead) -> None:
        lead.action_archive()

    def _hasten(self, lead) -> None:
        """The customer needs it sooner."""
        lead.closure_date = fields.Date.today() + timedelta(
            days=self.dice.randint(0, 2)
        )

    def _complete(self, offer_id) -> None:
        offer = self.env["lead.broadcast.offer"].browse(offer_id)
        if offer.state == "accepted":
            offer.lead_id._mark_completed(offer.partner_id)

    def _take_back(self, offer_id) -> None:
        """The partner cannot do it after all."""
        lead = self.world.as_staff("lead.broadcast.offer", offer_id).lead_id
        lead.action_release()
        if lead._get_broadcast_problem():  # it is too late for the day agreed on
            lead.closure_date = fields.Date.today() + timedelta(days=3)
        self.counts["search again"] += 1
        lead.action_restart_ladder()

    def _edit_ladders(self) -> None:
        for step in self.world.ladders.step_ids:
            if step.audience != "people":
                step.validity_hours = self.dice.choice([1, 2, 3, 6])
        self.world.add_step()
        self.counts["leads on an earlier ladder"] = sum(
            self.world.ladders.mapped("outdated_count")
        )

    def _apply_ladders(self) -> None:
        self.world.ladders.with_user(self.world.administrator).action_apply_to_running()

    # ------------------------------------------------------------
    # PARTNERS
    # ------------------------------------------------------------

    def _let_partners_answer(self) -> None:
        """Decide about each new offer what will become of it, and when."""
        for offer_id, service, hours in self.truth.get_new_offers():
            self.counts["offers"] += 1
            if service == self.world.fair_service.id:
                self._plan(self._hours(0, 0.5), self._decline, offer_id, "other")
                continue
            fate = self.dice.uniform(0, 100)
            if fate < ACCEPT:
                self._plan(self._hours(0, hours), self._accept, offer_id)
            elif fate < ACCEPT + DECLINE:
                reason = self.dice.choice(REASONS)
                self._plan(self._hours(0, hours), self._decline, offer_id, reason)
            elif fate < ACCEPT + DECLINE + LATE:
                self._plan(self._hours(hours, hours + 9), self._accept, offer_id)

    def _accept(self, offer_id) -> None:
        offer = self.env["lead.broadcast.offer"].browse(offer_id)
        outcome = offer._accept("portal", offer.partner_id)
        self.counts[outcome] += 1
        if outcome == "accepted":
            happen = self._take_back if self._chance(8) else self._complete
            self._plan(self._hours(1, 60), happen, offer_id)

    def _decline(self, offer_id, kind) -> None:
        offer = self.env["lead.broadcast.offer"].browse(offer_id)
        today = fields.Date.today()
        outcome = offer._decline(
            "portal",
            offer.partner_id,
            self.env.ref(f"lead_broadcast.decline_reason_{kind}"),
            dates=[today + timedelta(days=3)] if kind == "date" else (),
            price=self.dice.randint(100, 900) if kind == "price" else 0,
        )
        self.counts[outcome] += 1
