from typing import NamedTuple

from odoo import fields, models

MAX_PLANNED = 30  # of levels that happen again and again


class PlannedEscalation(NamedTuple):
    """What will happen to a lead if nobody answers it."""

    moment: object  # naive UTC
    level: models.BaseModel
    number: int  # of the level, from 1
    previous: tuple  # Holder
    following: tuple  # Holder, the same one if the lead stays with it


class CrmLead(models.Model):
    """What follows when nobody has answered in time, level by level."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _run_out(self):
        """Have the levels take effect whose time has run out, as superuser."""
        now = fields.Datetime.now()
        self.filtered(lambda lead: not lead._is_running())._stop_clocks()
        due = self.filtered("response_deadline")
        due -= due._prolong(now)
        for level, leads in due.grouped(lambda lead: lead._get_running_level()).items():
            if level:
                leads._escalate(level, now)
            else:
                leads._end_time(now)

    def _is_running(self):
        self.ensure_one()
        return not self.first_response_date and self._needs_answer()

    def _get_running_level(self):
        self.ensure_one()
        return self.response_assignment_id.level_id

    def _prolong(self, now):
        """Give those more time whose policy or calendar was changed since their time
        began: it allows more, or a holiday has come.

        :return: these leads
        """
        levels = {lead: lead._get_running_level() for lead in self}
        holders = {lead: lead.response_assignment_id._get_holder() for lead in self}
        prolonged = self.browse()
        for start, leads in self.grouped(
            lambda lead: lead.response_assignment_id.level_start_date
        ).items():
            deadlines = self._get_deadlines(
                {lead: levels[lead] for lead in leads}, holders, start
            )
            for lead, deadline in deadlines.items():
                if deadline > now:
                    lead.response_deadline = deadline
                    row = lead.response_assignment_id
                    if not row.overdue_date:  # an answer by then is on time, too
                        row.due_date = deadline
                    prolonged |= lead
        self._set_clock_alarm(prolonged.mapped("response_deadline"))
        return prolonged

    def _escalate(self, level, now):
        """Have a level take effect on leads that nobody has answered in time."""
        rows = self.response_assignment_id
        rows._note_level(level, now)
        self._count_level()
        former = {row.lead_id: row._get_holder() for row in rows}
        past = {row.lead_id: row._get_past_people() for row in rows}
        upcoming = {row.lead_id: row.policy_id._get_following(level) for row in rows}
        following = level._get_next_holders(former, now, past)
        moving = self.filtered(lambda lead: following[lead] != former[lead])
        (self - moving)._begin_levels(upcoming, now)
        searching = moving.filtered(lambda lead: not following[lead])
        searching._search_again()
        (moving - searching)._pass_on(following, "escalated", upcoming)
        self._log_escalation(level, former, following)
        self.env["lead.broadcast.notification.rule"]._notify("escalated", self)

    def _count_level(self):
        for number, leads in self.grouped("response_level").items():
            leads.response_level = number + 1

    def _begin_levels(self, levels, now):
        """Begin the time of the next levels, with the same assignees.

        :param levels: ``{lead: level}``, empty ones for nothing left to happen
        """
        holders = {lead: lead.response_assignment_id._get_holder() for lead in self}
        deadlines = self._get_deadlines(
            {lead: levels[lead] for lead in self}, holders, now
        )
        self.response_assignment_id.level_start_date = now
        for (level, deadline), leads in self.grouped(
            lambda lead: (levels[lead], deadlines.get(lead))
        ).items():
            leads.response_assignment_id.level_id = level
            leads.response_deadline = deadline
        self._set_clock_alarm(set(deadlines.values()))

    def _end_time(self, now):
        """Let leads be overdue with those who got them last: no level is left."""
        rows = self.response_assignment_id
        rows.filtered(lambda row: not row.overdue_date).overdue_date = now
        self._stop_clocks()
        self._message_log_batch(
            {
                lead.id: lead._with_team_lang().env._(
                    "%s has not answered, and the policy has no further level.",
                    lead._get_holder().name,
                )
                for lead in self
            }
        )
        self.env["lead.broadcast.notification.rule"]._notify("escalated", self)

    def _search_again(self):
        """Take leads back from partners that do not answer, and search for others."""
        for lead in self:
            lead.with_context(assignee_on_hold=True)._release()
        self.with_context(assignee_on_hold=True)._begin_ladder()
        self._set_climb_alarm([fields.Datetime.now()])
        self._sync_assignee("escalated")

    def _can_search_again(self):
        """Tell whether partners can be searched for, once nobody has this lead."""
        self.ensure_one()
        return self._can_be_offered() and not self._get_ladder_problem()

    def _can_be_offered(self):
        """Tell whether a partner can be given this lead, once nobody has it."""
        self.ensure_one()
        now = fields.Datetime.now()
        return self.service_id and self._get_valid_until(now) > now

    # ------------------------------------------------------------
    # STORY
    # ------------------------------------------------------------

    def _log_escalation(self, level, former, following):
        """Log on each lead who has not answered, and what follows.

        :param former: ``{lead: Holder}``, as is ``following``
        """
        bodies = {}
        for lead in self:
            env = lead._with_team_lang().env
            own = level.with_env(env)
            bodies[lead.id] = env._(
                "Level %(number)s (%(level)s): %(person)s has not answered. %(what)s",
                number=lead.response_level,
                level=own.name,
                person=former[lead].name or env._("Nobody"),
                what=own._tell_outcome(former[lead], following[lead]),
            )
        self._message_log_batch(bodies)

    def _get_last_escalation(self):
        """Return the assignment whose time ran out last, if nobody answered since."""
        self.ensure_one()
        row = self.sudo().response_assignment_id  # sudo: as in _get_planned_escalations
        return row if row.overdue_date else row.previous_id

    def _get_last_level(self):
        """Return the level that took effect last, if any has."""
        self.ensure_one()
        # sudo: as in _get_planned_escalations
        return self.sudo().response_assignment_id.last_level_id

    # ------------------------------------------------------------
    # WHAT WILL HAPPEN
    # ------------------------------------------------------------

    def _get_planned_escalations(self, end):
        """Return what will happen until a moment if nobody answers this lead.

        :param datetime end: naive UTC
        :return: list of :class:`PlannedEscalation`, in order of time
        """
        self.ensure_one()
        planned = []
        lead = self.sudo()  # sudo: whoever sees a lead may know who will be told
        row, moment = lead.response_assignment_id, lead.response_deadline
        if not moment:
            return planned
        holder, passed = row._get_holder(), row.level
        level, past = lead._get_running_level(), row._get_past_people()
        while moment and moment <= end and level and len(planned) < MAX_PLANNED:
            following = level._get_next_holders({lead: holder}, moment, {lead: past})
            passed += 1
            planned.append(
                PlannedEscalation(moment, level, passed, holder, following[lead])
            )
            holder = following[lead]
            past |= holder.user
            level = row.policy_id._get_following(level)
            if not (holder and level):
                break
            moment = level._get_deadlines({lead: holder}, moment)[lead]
        return planned
