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
            ["end_date", "start_date", "user_id"]
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
                 WHERE lead.response_deadline IS NOT NULL
                   AND (
                        absence.end_date IS NULL
                        OR absence.known_date > held.start_date
                        AND absence.end_date > lead.response_deadline
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
        for lead in given:
            lead._log_absence(holders[lead], stand_ins[lead])

    def _log_absence(self, absent, stand_in):
        """Log that this lead was given on because somebody is away, and until when.

        :param absent: the :class:`Holder` before, ``stand_in`` the one now
        """
        self.ensure_one()
        env = self._with_team_lang().env
        names = {"absent": absent.name, "person": stand_in.name}
        end = absent.user._get_absences(fields.Datetime.now()).get(absent.user.id)
        if end:
            tz = get_known_zone(absent.user.tz, self.env.user.tz)
            day = format_date(env, to_local(end, tz).date())
            body = env._(
                "%(absent)s is absent until %(day)s: goes to %(person)s.",
                day=day,
                **names,
            )
        else:
            body = env._("%(absent)s is archived: goes to %(person)s.", **names)
        self._message_log(body=body)
