from datetime import datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .notification_common import LONG_AGO, NotificationCase


@tagged("post_install", "-at_install")
class TestNotificationSlots(NotificationCase):
    """When a slot is, and that each is met once at most."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.three_daily = cls.env.ref("lead_broadcast.schedule_three_daily")
        cls.working = cls.env.ref("lead_broadcast.schedule_daily_working")
        cls.working.calendar_id = cls.env["resource.calendar"].create(
            {"name": "Monday to Friday, 9 to 17", "tz": "Europe/Berlin"}
        )

    def _create_schedule(self, *hours):
        return self.env["lead.broadcast.schedule"].create(
            {
                "name": "Odd hours",
                "time_ids": [Command.create({"hour": hour}) for hour in hours],
                "effective_date": LONG_AGO,
            }
        )

    def _slots(self, schedule, tz, first, last):
        return schedule._get_slots(tz, self.company, first, last)

    # ------------------------------------------------------------
    # CLOCKS
    # ------------------------------------------------------------

    def test_day_of_23_hours(self):
        """Half past two does not come: it is what half past three is then, once."""
        schedule = self._create_schedule(2.5, 3.25)
        slots = self._slots(
            schedule,
            "Europe/Berlin",
            datetime(2027, 3, 27, 23, 0),
            datetime(2027, 3, 28, 22, 0),
        )
        self.assertEqual(
            slots,
            [
                ("2027-03-28 02:30", datetime(2027, 3, 28, 1, 30)),
                ("2027-03-28 03:15", datetime(2027, 3, 28, 1, 15)),
            ],
        )

    def test_day_of_25_hours(self):
        """Half past two comes twice, and counts once."""
        schedule = self._create_schedule(2.5)
        slots = self._slots(
            schedule,
            "Europe/Berlin",
            datetime(2027, 10, 30, 22, 0),
            datetime(2027, 10, 31, 23, 0),
        )
        self.assertEqual(slots, [("2027-10-31 02:30", datetime(2027, 10, 31, 0, 30))])

    def test_missing_time_zone(self):
        """The company's, else that of the country, else that of who sends."""
        self.executive.tz = False
        self.green_park.tz = "Europe/Berlin"
        zone = self.executive._get_broadcast_tz
        self.assertEqual(zone(self.company), "Europe/Berlin")
        self.green_park.tz = False
        self.assertEqual(zone(self.company), "Asia/Kolkata")
        self.green_park.country_id = self.env.ref("base.ru")  # has many
        self.executive.country_id = False
        self.company.resource_calendar_id.tz = "America/Santiago"
        self.assertEqual(zone(self.company), "America/Santiago")

    def test_working_days(self):
        """Neither at the weekend nor on a holiday."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Good Friday",
                "calendar_id": self.working.calendar_id.id,
                "date_from": datetime(2027, 3, 25, 23),
                "date_to": datetime(2027, 3, 26, 22),
            }
        )
        slots = self._slots(
            self.working, "Asia/Kolkata", datetime(2027, 3, 25), datetime(2027, 3, 31)
        )
        self.assertEqual(
            [slot.label for slot in slots],
            ["2027-03-25 09:00", "2027-03-29 09:00", "2027-03-30 09:00"],
        )

    def test_time_needed(self):
        with self.assertRaisesRegex(ValidationError, "at least one time"):
            self._create_schedule()

    # ------------------------------------------------------------
    # ONCE
    # ------------------------------------------------------------

    def _told(self, lead):
        return self._get_slots(lead, "allocated", self.green_park)

    def test_run_twice(self):
        lead = self._give(self.green_park, self._at(0, 10))
        for _time in range(3):
            self._pass(self._at(0, 13))
        self.assertEqual(self._told(lead), [self._label(0, 13)])

    def test_given_after_the_slot(self):
        """A cron that is late does not tell of what was not so at the time."""
        lead = self._give(self.green_park, self._at(0, 14))
        self._pass(self._at(0, 14))
        self.assertEqual(self._told(lead), [])

    def test_server_was_off(self):
        """For a day: of what was missed only the last is sent, if it is not too old."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._pass(self._at(1, 15))
        self.assertEqual(self._told(lead), [self._label(1, 13)])

    def test_server_was_off_at_night(self):
        lead = self._give(self.green_park, self._at(0, 10))
        self._pass(self._at(1, 21))
        self.assertEqual(self._told(lead), [])
        self._pass(self._at(2, 9))
        self.assertEqual(self._told(lead), [self._label(2, 9)])

    def test_schedule_changed(self):
        """In the middle of the day: what was at times that are past is not made up."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._pass(self._at(0, 13))
        self.clock.move_to(self._at(0, 14))
        self.three_daily.time_ids = [
            Command.clear(),
            *(Command.create({"hour": hour}) for hour in (8, 13.5, 18)),
        ]
        self._simulate(self._at(0, 14), self._at(1, 9))
        self.assertEqual(
            self._told(lead),
            [self._label(0, 13), self._label(0, 18), self._label(1, 8)],
        )

    def test_rule_switched_on(self):
        """In the middle of the day: it is in force from then on."""
        lead = self._give(self.green_park, self._at(0, 10))
        rules = self.Rule.search(
            [("event", "=", "allocated"), ("role", "=", "partner_admin")]
        )
        rules.active = False
        self.clock.move_to(self._at(0, 14))
        rules.active = True
        self._simulate(self._at(0, 14), self._at(0, 23))
        self.assertEqual(self._told(lead), [self._label(0, 17)])

    def test_recipient_moves(self):
        """Told at the times of the new zone, but not again of one o'clock."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._pass(self._at(0, 13))
        self.green_park.tz = "Europe/Berlin"
        self._simulate(self._at(0, 13), self._at(0, 23, "Europe/Berlin"))
        self.assertEqual(
            self._told(lead), [self._label(0, hour) for hour in (9, 13, 17)]
        )

    def test_threshold_once(self):
        """A reminder that is sent once comes when the threshold is reached."""
        rule = self.Rule.search([("event", "=", "unattended")])
        rule.write(
            {
                "is_digest": False,
                "schedule_id": self.env.ref("lead_broadcast.schedule_once").id,
                "effective_date": LONG_AGO,
            }
        )
        lead = self._give(self.green_park, self._at(0, 10))
        moments = []
        for hours in range(24 * 4):
            self._pass(self._at(0, 10) + timedelta(hours=hours))
            if not moments and self._notices("unattended", lead):
                moments.append(self._at(0, 10) + timedelta(hours=hours))
        self.assertEqual(moments, [self._at(2, 10)])
        notice = self._notices("unattended", lead)
        self.assertEqual(notice.state, "sent")
        self.assertEqual(notice.mail_id.email_to, notice._get_email())

    def _make_once(self, event):
        rule = self.Rule.search([("event", "=", event)], limit=1)
        rule.write(
            {
                "is_digest": False,
                "schedule_id": self.env.ref("lead_broadcast.schedule_once").id,
            }
        )
        rule.effective_date = LONG_AGO
        return rule

    def test_more_than_five_days_once(self):
        """What is strictly after a threshold comes as well when it is sent once."""
        rule = self._make_once("pending")
        lead = self._give(self.green_park, self._at(0, 10))
        self._pass(self._at(5, 10))
        told = self._notices("pending", lead)
        self.assertEqual(told.rule_id, rule)
        self.assertEqual(told.state, "sent")

    def test_threshold_from_the_hour_that_comes_twice(self):
        """Two days after the second half past two of a night with two of them."""
        self.START = datetime(2027, 10, 31)
        self._make_once("unattended")
        given = datetime(2027, 10, 31, 1, 30)  # 2:30 in Berlin, winter time
        self.saket.broadcast_email = "night@saket.example"
        lead = self._give(self.saket, given)
        self._pass(given + timedelta(days=2, minutes=5))
        self.assertEqual(self._notices("unattended", lead).state, "sent")

    def test_expiring(self):
        """Half an hour before its end, but not of an offer that was shorter."""
        rules = self.Rule.with_context(active_test=False)
        rules = rules.search([("event", "=", "expiring")])
        rules.active = True
        rules.effective_date = LONG_AGO
        long_lead, short_lead = self._create_leads(2)
        start = self._at(0, 10)
        self.clock.move_to(start)
        self._broadcast(long_lead, validity_hours=2)
        self._broadcast(short_lead, validity_hours=0.25)
        for minutes in range(0, 130, 5):
            self._pass(start + timedelta(minutes=minutes))
        self.assertFalse(self._notices("expiring", short_lead))
        told = self._notices("expiring", long_lead)
        self.assertEqual(
            set(told.mapped("create_date")), {start + timedelta(minutes=90)}
        )
        self.assertEqual(set(told.mapped("state")), {"sent"})

    def test_threshold_changed(self):
        """A rule that is changed is in force from then on."""
        lead = self._give(self.green_park, self._at(0, 10))
        rule = self._make_once("unattended")
        self.clock.move_to(self._at(1, 12))
        rule.write({"threshold": 25, "threshold_unit": "hours"})
        self._pass(self._at(1, 12))
        self.assertFalse(self._notices("unattended", lead))

    def test_no_working_hours(self):
        """Monday to Friday, where the company has not said when it works."""
        self.working.calendar_id = False
        self.company.resource_calendar_id = False
        slots = self._slots(
            self.working, "Asia/Kolkata", datetime(2027, 3, 25), datetime(2027, 3, 31)
        )
        self.assertEqual([slot.label[8:10] for slot in slots], ["25", "26", "29", "30"])

    # ------------------------------------------------------------
    # DIGEST
    # ------------------------------------------------------------

    def test_many_leads(self):
        """One mail for each slot, however many leads there are."""
        master = self.master_by_zone["Asia/Kolkata"]
        leads = self.lead.browse()
        for _count in range(20):
            leads += self._give(master, self._at(0, 10))
        self._simulate(self._at(0, 10), self._at(1, 23))
        digests = self.Notice.search(
            [("event", "=", "digest"), ("recipient_id", "=", master.id)], order="slot"
        )
        self.assertEqual(
            digests.mapped("slot"),
            [
                self._label(*slot)
                for slot in ((0, 13), (0, 17), (1, 9), (1, 13), (1, 17))
            ],
        )
        for digest in digests:
            self.assertEqual(digest.line_ids.lead_id, leads)
            self.assertEqual(len(digest.mail_id), 1)

    def test_look_again(self):
        """What is no longer true when a digest goes out is not in it."""
        leads = [self._give(self.green_park, self._at(0, 10)) for _count in range(3)]
        self.clock.move_to(self._at(0, 13))
        self.Rule._plan_slots(self._at(0, 13))
        leads[0]._mark_contacted(self.owner)
        leads[1].with_user(self.user).action_release()
        self._deliver()
        digest = self.Notice.search(
            [("event", "=", "digest"), ("recipient_id", "=", self.green_park.id)]
        )
        self.assertEqual(digest.state, "sent")
        self.assertEqual(digest.line_ids.lead_id, leads[2])
        body = digest.mail_id.body_html
        self.assertIn(f"L{leads[2].id}", body)
        self.assertNotIn(f"L{leads[1].id}", body)

    def test_nothing_left(self):
        lead = self._give(self.green_park, self._at(0, 10))
        self.clock.move_to(self._at(0, 13))
        self.Rule._plan_slots(self._at(0, 13))
        lead._mark_contacted(self.owner)
        self._deliver()
        digest = self.Notice.search(
            [("event", "=", "digest"), ("recipient_id", "=", self.green_park.id)]
        )
        self.assertEqual(digest.state, "skipped")
        self.assertFalse(digest.mail_id)
