from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import get_known_zone, to_local
from .lead_broadcast_batch import DueWork


class CrmLead(models.Model):
    """Leads do not wait for people who are away: they go to the back-up at once, not
    only when the time has run out."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _skip_absent(self):
        """Give the leads that wait for somebody who is away to the back-ups, in locked
        batches. Where there is no back-up, the clock runs on."""
        self._work_off(
            DueWork(
                get_domain=self._get_waiting_for_absent_domain,
                order="response_deadline, id",
                act=lambda leads: leads._give_to_back_ups(),
                note_failure=lambda lead: None,  # the clock runs on
                set_alarm=self._set_clock_alarm,
            )
        )

    @api.model
    def _get_waiting_for_absent_domain(self):
        """Return the unanswered leads of people who are archived, or on a leave that
        ends too late to answer.

        Whoever gives a lead to somebody knowing of the leave wants it so: only leaves
        count that began, or were noted, after the lead was given.
        """
        self.flush_model(["response_assignment_id", "response_deadline"])
        self.env["lead.response.assignment"].flush_model(
            ["end_date", "first_response_date", "start_date", "user_id"]
        )
        Users = self.env["res.users"]
        Users._flush_backups()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lead.id
                  FROM (
                        SELECT id AS user_id, NULL AS known_date, NULL AS end_date
                          FROM res_users
                         WHERE NOT active
                     UNION ALL
                        SELECT owner.user_id,
                               greatest(leave.date_from, leave.create_date),
                               leave.date_to
                          FROM %(leaves)s
                         WHERE %(covers)s
                       ) absence
                  JOIN lead_response_assignment held
                    ON held.user_id = absence.user_id AND held.end_date IS NULL
                  JOIN crm_lead lead ON lead.response_assignment_id = held.id
                 WHERE held.first_response_date IS NULL
                   AND (
                        absence.end_date IS NULL
                        OR absence.known_date > held.start_date
                        -- none: the time is over
                        AND absence.end_date > COALESCE(
                            lead.response_deadline, held.start_date
                        )
                   )
                """,
                leaves=Users._get_leave_table(),
                covers=Users._get_leave_condition(fields.Datetime.now()),
            )
        )
        return Domain("id", "in", [lead_id for (lead_id,) in rows])

    @api.model
    def _set_absence_alarm(self, moments):
        """Have the leads looked at of people whose absence begins at these moments, in
        UTC."""
        if moments and self.env["lead.response.policy"]._has_any():
            self._set_clock_alarm(moments)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _give_to_back_ups(self):
        """Give these leads to those who stand in for their holders."""
        now = fields.Datetime.now()
        holders = {lead: lead._get_holder() for lead in self}
        stand_ins = self._pick_back_ups(holders, now)
        given = self.filtered(lambda lead: stand_ins[lead] != holders[lead])
        levels = {lead: lead._get_running_level() for lead in given}
        given._pass_on(stand_ins, "absent", levels)
        given._log_absences(holders, stand_ins)

    def _log_absences(self, absent, stand_ins):
        """Log that these leads were given on because somebody is away, and until when.

        :param absent: ``{lead: Holder}`` before, ``stand_ins`` of now
        """
        users = self.env["res.users"].union(*(absent[lead].user for lead in self))
        ends = users._get_absences(fields.Datetime.now())
        self._message_log_batch(
            {
                lead.id: lead._tell_absence(
                    absent[lead].user,
                    ends.get(absent[lead].user.id),
                    stand_ins[lead].name,
                )
                for lead in self
            }
        )

    def _tell_absence(self, user, end, person):
        """Say who is away, until when, and who has the lead now.

        :param datetime end: naive UTC, None of those who are archived
        """
        self.ensure_one()
        env = self._with_team_lang().env
        if not end:
            return env._(
                "%(absent)s is archived: goes to %(person)s.",
                absent=user.name,
                person=person,
            )
        tz = get_known_zone(user.tz, self.env.user.tz)
        return env._(
            "%(absent)s is absent until %(day)s: goes to %(person)s.",
            absent=user.name,
            day=format_date(env, to_local(end, tz).date()),
            person=person,
        )
