from datetime import datetime

from odoo.tests import tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestClockTiers(ClockCase):
    """A lead that nobody answers, from Thursday before Easter until management is told:
    across two holidays, the weekend and the change of the clock in Berlin."""

    START = datetime(2027, 3, 25, 14, 0)  # Thursday, 15:00 in Berlin

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar.tz = "Europe/Berlin"
        for user in cls.asha + cls.ravi + cls.meera + cls.head:
            user.tz = "Europe/Berlin"
        cls.env["resource.calendar.leaves"].create(
            [
                {
                    "name": name,
                    "calendar_id": cls.calendar.id,
                    "date_from": date_from,
                    "date_to": date_to,
                }
                for name, date_from, date_to in (
                    ("Good Friday", "2027-03-25 23:00:00", "2027-03-26 22:59:59"),
                    ("Easter Monday", "2027-03-28 22:00:00", "2027-03-29 21:59:59"),
                )
            ]
        )

    def _get_told(self, lead):
        """Return who was told of the last escalation, and who had been told before is
        not counted."""
        notices = self._notices("escalated", lead) - self.known
        self.known |= notices
        return set(notices.mapped("recipient_id.name"))

    def test_all_tiers(self):
        self.known = self.env["lead.broadcast.notice"]
        lead = self._enter()
        self.assertEqual(
            lead.response_deadline,
            self._utc("2027-03-30 13:00:00"),
            "two hours on Thursday, six on Tuesday, on the clock of summer time",
        )

        self.clock.move_to("2027-03-30 13:00:00")
        self._do_what_is_due()
        self.assertEqual(lead.user_id, self.asha, "the last second is hers")
        self.assertFalse(self._get_told(lead))

        self._pass(seconds=self.LATE.seconds)
        self.assertEqual(lead.user_id, self.ravi)
        self.assertEqual(self._get_told(lead), {"Asha", "Ravi"})
        self.assertEqual(lead.response_deadline, self._utc("2027-03-31 13:00:31"))

        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.meera)
        self.assertTrue(self._get_told(lead) >= {"Ravi", "Meera"})

        self._pass(days=1, minutes=1)
        self.assertEqual((lead.user_id, lead.response_state), (self.meera, "overdue"))
        self.assertIn("Kavita", self._get_told(lead), "management")

        # over the next weekend, too
        self.assertEqual(lead.response_deadline, self._utc("2027-04-02 13:01:33"))
        self._pass(days=1, minutes=1)
        self.assertIn("Kavita", self._get_told(lead), "again and again")
        self.assertEqual(lead.response_deadline, self._utc("2027-04-05 13:02:04"))

        lead.with_user(self.meera).message_post(body="Hello", message_type="comment")
        self._pass(days=10)
        self.assertFalse(self._get_told(lead), "somebody has answered")
        self.assertEqual(lead.response_state, "open")
        self.assertEqual(
            lead.response_assignment_ids.mapped("assignee_name"),
            ["Asha", "Ravi", "Meera"],
        )
