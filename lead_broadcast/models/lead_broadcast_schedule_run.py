from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import get_known_zone

KEPT_DAYS = 60
RUN_FIELDS = ("schedule_id", "company_id", "tz", "slot")


class LeadBroadcastScheduleRun(models.Model):
    """What was planned already, so that no slot is planned twice."""

    _name = "lead.broadcast.schedule.run"
    _description = "Run of a Schedule"
    _order = "id desc"

    schedule_id = fields.Many2one(
        "lead.broadcast.schedule", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    tz = fields.Char(required=True)
    slot = fields.Char(required=True, help="Local date and time.")

    _once_uniq = models.Constraint(
        "UNIQUE(schedule_id, company_id, tz, slot)", "A slot is planned only once."
    )

    @api.model
    def _start_runs(self, schedules, now):
        """Note which slots are due now and were not planned yet.

        Of two workers that come at once, each gets the slots it was the first to note.

        :return: ``{(schedule, company, tz): Slot}``
        """
        due = {
            (schedule.id, company.id, tz, slot.label): (schedule, company, tz, slot)
            for schedule, company, tz in self._get_keys(schedules)
            for slot in schedule._get_due_slots(tz, now)
        }
        labels = {slot.label for *_key, slot in due.values()}
        for run in self.search_fetch([("slot", "in", list(labels))], RUN_FIELDS):
            due.pop((run.schedule_id.id, run.company_id.id, run.tz, run.slot), None)
        if not due:
            return {}
        started = self.env.execute_query(
            SQL(
                "INSERT INTO lead_broadcast_schedule_run"
                " (schedule_id, company_id, tz, slot, create_date)"
                " SELECT run.*, %s FROM (VALUES %s) run"
                " ON CONFLICT DO NOTHING RETURNING schedule_id, company_id, tz, slot",
                now,
                SQL(", ").join(SQL("%s", key) for key in due),
            )
        )
        return {
            (schedule, company, tz): slot
            for schedule, company, tz, slot in (due[key] for key in started)
            if schedule._filter_working([slot], company)
        }

    @api.model
    def _get_next_moments(self, schedules, now):
        """Return when slots of schedules may be, within a day."""
        return {
            slot.moment
            for schedule, _company, tz in self._get_keys(schedules)
            for slot in schedule._get_daily_slots(tz, now, now + timedelta(days=1))
        }

    @api.model
    def _get_keys(self, schedules):
        """Return each schedule with the companies and time zones it may be for."""
        companies = self.env["res.company"].search([("active", "=", True)])
        zones = self.env["res.partner"]._get_broadcast_zones()
        return [
            (schedule, company, tz)
            for schedule in schedules
            for company in companies
            for tz in sorted(zones | {get_known_zone(company.resource_calendar_id.tz)})
        ]

    @api.autovacuum
    def _gc_runs(self):
        """Forget the slots of long ago."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", limit)], limit=10_000).unlink()
