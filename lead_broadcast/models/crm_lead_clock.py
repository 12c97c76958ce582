from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .lead_broadcast_batch import DueWork

# an answer that came in the last second may still be on its way to the database
GRACE = timedelta(seconds=30)
CLOSED = ("won", "lost", "completed", "archived")  # results of assignments
ERROR_DELAY = timedelta(hours=1)


class CrmLead(models.Model):
    """The response clock: begins when somebody is given the lead, ends with the first
    response, and has the levels of the policy take effect as it runs out."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_run_clocks(self):
        """Do what follows where the time allowed has run out unanswered. Triggered at
        the very moment; the regular run is a net."""
        self._skip_absent()
        self._work_off(
            DueWork(
                get_domain=self._get_overdue_domain,
                order="response_deadline, id",
                act=lambda leads: leads._run_out(),
                note_failure=lambda lead: lead._run_out_later(),
                set_alarm=self._set_clock_alarm,
            )
        )

    @api.model
    def _get_overdue_domain(self):
        """Return the leads whose time has run out.

        An answer locks the lead's row, too: one that is being written at this moment
        is met again later, and has stopped the clock by then.
        """
        return Domain("response_deadline", "<", fields.Datetime.now() - GRACE)

    @api.model
    def _set_clock_alarm(self, moments):
        """Have the clocks looked at when these moments, in UTC, have passed."""
        later = {moment + GRACE + timedelta(seconds=1) for moment in moments if moment}
        if later:
            cron = self.env.ref("lead_broadcast.ir_cron_run_clocks")
            cron.sudo()._trigger(later)  # sudo: whoever gives a lead sets it

    def _run_out_later(self):
        """Try again what failed, after a while; meanwhile it shows as overdue."""
        now = fields.Datetime.now()
        self.response_deadline = now + ERROR_DELAY
        rows = self.response_assignment_id
        rows.filtered(lambda row: not row.overdue_date).overdue_date = now

    # ------------------------------------------------------------
    # CLOCK
    # ------------------------------------------------------------

    def _begin_assignments(self, now, reasons, levels=None):
        """Begin the time of those who have these leads now.

        :param datetime now: naive UTC
        :param reasons: ``{lead: reason}``
        :param levels: ``{lead: level}`` to go on with, an empty one where nothing is
            left to happen; by default the first of the policy each lead follows
        """
        waiting = self.filtered(lambda lead: lead._needs_answer())
        waiting -= waiting._reopen_assignments()
        levels, policies = waiting._get_first_levels(levels or {})
        leads = waiting.filtered(lambda lead: policies[lead])
        (self - leads)._stop_clocks()
        # of the party before
        (waiting - leads).filtered("response_level").response_level = 0
        if not leads:
            return
        leads._claim_record()
        leads._stand_in_for_absent(reasons, now)
        holders = {lead: lead._get_holder() for lead in leads}
        # also who gets a lead last has a time to answer it in
        allowed = {
            lead: levels[lead] or policies[lead].level_ids[-1:] for lead in leads
        }
        deadlines = self._get_deadlines(allowed, holders, now)
        rows = self.env["lead.response.assignment"].create(
            [
                lead._prepare_assignment(holders[lead], reasons[lead])
                | {
                    "policy_id": policies[lead].id,
                    "first_level_id": allowed[lead].id,
                    "level_id": levels[lead].id,
                    "start_date": now,
                    "level_start_date": now,
                    "due_date": deadlines.get(lead),
                }
                for lead in leads
            ]
        )
        for lead, row in zip(leads, rows, strict=True):
            lead.write(
                {
                    "response_assignment_id": row.id,
                    "response_deadline": deadlines.get(lead),
                    "response_level": row.level,
                    "first_response_date": False,
                }
            )
        self._set_clock_alarm(set(deadlines.values()))
        leads._notify_assigned(reasons, slot=f"assignment-{max(rows.ids)}")

    def _reopen_assignments(self):
        """Let those who had answered leads that were closed have them again: there is
        nothing to be answered once more.

        :return: these leads
        """
        reopened = self.filtered(
            lambda lead: (
                (row := lead.response_assignment_id).result in CLOSED
                # not by closing it
                and row.first_response_date
                and row.first_response_date < row.end_date
                and row._get_holder() == lead._get_holder()
            )
        )
        reopened.response_assignment_id.write({"end_date": False, "result": "open"})
        for answered, leads in reopened.grouped(
            lambda lead: lead.response_assignment_id.first_response_date
        ).items():
            leads.first_response_date = answered
        return reopened

    def _get_first_levels(self, levels):
        """Return with which level the time of these leads begins, and by which policy.

        :param levels: ``{lead: level}`` of those that go on
        :return: ``({lead: level}, {lead: policy})``, empty policies for no clock
        """
        policies = {lead: lead.response_policy_id for lead in levels}
        new = self.filtered(lambda lead: lead not in levels)
        policies.update(self.env["lead.response.policy"]._match(new))
        first = {lead: policies[lead].level_ids[:1] for lead in new}
        return {**first, **levels}, policies

    def _prepare_assignment(self, holder, reason):
        """Return who has this lead now, and why, as values of an assignment."""
        self.ensure_one()
        goes_on = reason in ("escalated", "absent")
        former = self.response_assignment_id if goes_on else None
        return {
            "lead_id": self.id,
            "previous_id": former and former.id,
            "party": holder.party,
            "partner_id": holder.partner.id,
            "team_id": (holder.team or self.team_id).id,
            "user_id": holder.user.id,
            "tier_id": self.allocated_tier_id.id,
            "reason": reason,
            "assigned_by_id": self.env.uid,
            "level": former.level if former else 0,
            "last_level_id": former and former.last_level_id.id,
        }

    @api.model
    def _get_deadlines(self, levels, holders, start):
        """Return when the time of levels that begin now will have run out.

        :param levels: ``{lead: level}``, empty ones for nothing left to happen
        :param holders: ``{lead: Holder}``
        :return: ``{lead: moment}`` in naive UTC, without those where nothing is left
        """
        deadlines = {}
        for level in self.env["lead.response.level"].union(*levels.values()):
            concerned = {
                lead: holders[lead] for lead, own in levels.items() if own == level
            }
            deadlines.update(level._get_deadlines(concerned, start))
        return deadlines

    def _stop_clocks(self):
        """Nobody has to answer these leads any more."""
        running = self.filtered("response_deadline")
        if running:
            running.response_deadline = False

    def _notify_assigned(self, reasons, slot):
        """Tell the people who are given these leads by somebody else.

        :param str slot: what tells one time of it from the next
        """
        if self.env.context.get("assignee_is_known"):
            return
        told = self.filtered(
            lambda lead: (
                reasons[lead] != "escalated"  # an event of its own
                and not lead.allocated_date  # as is this
                and lead.user_id
                and lead.user_id != self.env.user
            )
        )
        if told:
            rules = self.env["lead.broadcast.notification.rule"]
            rules._notify("assigned", told, slot=slot)

    # ------------------------------------------------------------
    # ABSENCE
    # ------------------------------------------------------------

    def _stand_in_for_absent(self, reasons, now):
        """Give leads that came to somebody who is absent to the back-up at once;
        whoever gives a lead by hand may wait for that person.

        :param reasons: ``{lead: reason}``
        """
        coming = self.filtered(lambda lead: reasons[lead] not in ("hand", "offer"))
        holders = {lead: lead._get_holder() for lead in coming}
        users = self.env["res.users"].union(*(own.user for own in holders.values()))
        absent = users._filter_absent(now)
        left = coming.filtered(lambda lead: holders[lead].user in absent)
        stand_ins = left._pick_back_ups(holders, now)
        given = left.filtered(lambda lead: stand_ins[lead] != holders[lead])
        for lead in given:
            lead._hand_to(stand_ins[lead])
        given._log_absences(holders, stand_ins)
