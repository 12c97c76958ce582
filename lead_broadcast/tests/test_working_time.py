from datetime import datetime

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..tools import add_working_time, count_working_time


@tagged("post_install", "-at_install")
class TestWorkingTime(TransactionCase):
    """Hours of work on anybody's clock, across weekends, holidays and its changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls._create_calendar("Office", range(5), 9, 17)
        cls.weekdays = cls._create_calendar("Weekdays", range(5), 0, 24)
        cls.closed = cls._create_calendar("Closed", (), 0, 24)
        cls.env["resource.calendar.leaves"].create(
            {
                "name": "Good Friday",
                "calendar_id": cls.office.id,
                "date_from": "2027-03-25 23:00:00",
                "date_to": "2027-03-26 22:59:59",
            }
        )

    @classmethod
    def _create_calendar(cls, name, days, start, end):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "Europe/Berlin",
                "company_id": False,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": name,
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning",
                        }
                    )
                    for day in days
                ],
            }
        )

    def assertWork(self, calendar, start, hours, end, tz=None):
        """Assert that so many hours lie between two moments of UTC, both ways."""
        start, end = datetime.fromisoformat(start), datetime.fromisoformat(end)
        self.assertEqual(add_working_time(calendar, hours, start, tz), end)
        self.assertAlmostEqual(
            count_working_time(calendar, start, end, tz), hours, places=5
        )

    def test_weekend_holiday_and_change_of_the_clock(self):
        """Two hours on Thursday, six on Monday, when Berlin has summer time."""
        self.assertWork(self.office, "2027-03-25 14:00", 8, "2027-03-29 13:00")

    def test_begins_with_working_hours(self):
        start, opening = datetime(2027, 3, 27, 3), datetime(2027, 3, 29, 7)
        self.assertEqual(add_working_time(self.office, 0, start), opening)
        self.assertEqual(count_working_time(self.office, start, opening), 0)

    def test_clock_of_somebody_else(self):
        """Nine in Delhi is 3:30 in UTC."""
        self.assertWork(
            self.office, "2027-03-22 03:30", 8, "2027-03-22 11:30", "Asia/Kolkata"
        )

    def test_weekdays_around_the_clock(self):
        """Friday at ten to Monday at ten, which is an hour earlier in UTC."""
        self.assertWork(self.weekdays, "2027-03-26 09:00", 24, "2027-03-29 08:00")

    def test_day_of_23_hours(self):
        """In Cairo the clock is put forward in the night to Friday: from Thursday noon
        to Friday at one."""
        self.assertWork(
            self.weekdays, "2027-04-29 10:00", 24, "2027-04-30 10:00", "Africa/Cairo"
        )

    def test_day_of_25_hours(self):
        """In Cairo the clock is put back in the night to Friday, which begins once."""
        self.assertWork(
            self.weekdays, "2027-10-28 09:00", 24, "2027-10-29 09:00", "Africa/Cairo"
        )

    def test_around_the_clock(self):
        nothing = self.env["resource.calendar"]
        self.assertWork(nothing, "2027-03-27 03:00", 5, "2027-03-27 08:00")

    def test_public_holidays_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        leaves = self.env["resource.calendar.leaves"].with_company(other)
        holiday = leaves.create(
            {
                "name": "National day",
                "calendar_id": False,
                "date_from": "2027-03-21 23:00:00",
                "date_to": "2027-03-22 22:59:59",
            }
        )
        self.assertEqual(holiday.company_id, other)
        self.assertWork(self.office, "2027-03-22 08:00", 2, "2027-03-22 10:00")
        start, end = datetime(2027, 3, 22, 8), datetime(2027, 3, 23, 10)
        self.assertEqual(add_working_time(self.office, 2, start, company=other), end)

    def test_calendar_that_never_opens(self):
        """Stops nobody, and is not looked at for long."""
        start = datetime(2027, 3, 27, 3)
        with self.assertQueryCount(10):
            end = add_working_time(self.closed, 5, start)
        self.assertEqual(end, datetime(2027, 3, 27, 8))

    def test_nothing_before_it_began(self):
        self.assertEqual(
            count_working_time(
                self.office, datetime(2027, 3, 23, 9), datetime(2027, 3, 22, 9)
            ),
            0,
        )
