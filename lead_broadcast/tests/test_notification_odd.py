from datetime import datetime

from odoo.tests import tagged

from .notification_common import NotificationCase

GONE = "US/Pacific-New"  # was a time zone until 2020


@tagged("post_install", "-at_install")
class TestNotificationOdd(NotificationCase):
    """Clocks and calendars that are not as they should be stop nobody's reminders."""

    def _set_zone(self, record, tz):
        """Have a time zone that could be chosen once."""
        record.flush_recordset()
        self.env.cr.execute(
            f"UPDATE {record._table} SET tz = %s WHERE id = %s", [tz, record.id]
        )
        record.invalidate_recordset(["tz"])

    def test_zone_of_a_recipient(self):
        """It counts as none, and the others are told as ever."""
        self._set_zone(self.green_park, GONE)
        odd = self._give(self.green_park, self._at(0, 10))
        other = self._give(self.saket, self._at(0, 10, "Europe/Berlin"))
        self._simulate(self._at(0, 10), self._at(0, 23, "Europe/Berlin"))
        for lead, partner in ((odd, self.green_park), (other, self.saket)):
            self.assertEqual(
                self._get_slots(lead, "allocated", partner),
                [self._label(0, 13), self._label(0, 17)],
            )

    def test_zone_of_the_company(self):
        """Reminders come by the clocks of their recipients."""
        self._set_zone(self.company.resource_calendar_id, GONE)
        lead = self._give(self.green_park, self._at(0, 10))
        self._simulate(self._at(0, 10), self._at(0, 18))
        self.assertEqual(
            self._get_slots(lead, "allocated", self.green_park),
            [self._label(0, 13), self._label(0, 17)],
        )

    def test_zone_of_working_days(self):
        schedule = self.env.ref("lead_broadcast.schedule_daily_working")
        schedule.calendar_id = self.company.resource_calendar_id
        self._set_zone(schedule.calendar_id, GONE)
        self.assertEqual(self._get_days(schedule), [25, 26, 29, 30])

    def test_zone_of_a_salesperson(self):
        """The lead's days are those of whoever offers it."""
        self._set_zone(self.user.partner_id, GONE)
        self.user.invalidate_recordset(["tz"])
        broadcast = self._broadcast()
        self.assertEqual(broadcast.state, "open")

    def test_flexible_calendar(self):
        """Nobody says on which days people work who work when they like."""
        schedule = self.env.ref("lead_broadcast.schedule_daily_working")
        schedule.calendar_id = self.env["resource.calendar"].create(
            {"name": "As you like it", "flexible_hours": True, "hours_per_day": 8}
        )
        self.assertEqual(self._get_days(schedule), [25, 26, 29, 30])

    def test_time_changed_by_itself(self):
        """It counts from then on, also if its schedule was not touched."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._pass(self._at(0, 13))
        self.clock.move_to(self._at(0, 15))
        schedule = self.env.ref("lead_broadcast.schedule_three_daily")
        schedule.time_ids[-1].hour = 14
        self.assertEqual(schedule.effective_date, self._at(0, 15))
        self._simulate(self._at(0, 15), self._at(1, 14))
        self.assertEqual(
            self._get_slots(lead, "allocated", self.green_park),
            [self._label(*slot) for slot in ((0, 13), (1, 9), (1, 13), (1, 14))],
        )

    def _get_days(self, schedule):
        slots = schedule._get_slots(
            "Asia/Kolkata", self.company, datetime(2027, 3, 25), datetime(2027, 3, 31)
        )
        return [int(slot.label[8:10]) for slot in slots]
