from datetime import timedelta

from odoo.tests import tagged

from .notification_common import NotificationCase


@tagged("post_install", "-at_install")
class TestNoticeLate(NotificationCase):
    """Reminders that could not leave the outbox at their time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedule = cls.env.ref("lead_broadcast.schedule_three_daily")

    def _remind(self, *moments):
        """Have the partner in Delhi reminded of a lead, but deliver nothing.

        :return: the digests by mail, the oldest first
        """
        self._give(self.green_park, self._at(0, 10))
        self._deliver()
        for moment in moments:
            self.clock.move_to(moment)
            self.Rule._plan_slots(moment)
        return self.Notice.search(
            [
                ("event", "=", "digest"),
                ("channel", "=", "mail"),
                ("recipient_id", "=", self.green_park.id),
            ],
            order="id",
        )

    def test_within_the_grace(self):
        notice = self._remind(self._at(0, 13))
        self.clock.move_to(self._at(0, 13 + self.schedule.grace_hours))
        notice._deliver()
        self.assertEqual(notice.state, "sent")

    def test_after_the_grace(self):
        notice = self._remind(self._at(0, 13))
        self.clock.move_to(self._at(0, 13.01 + self.schedule.grace_hours))
        notice._deliver()
        self.assertEqual(notice.state, "skipped")
        self.assertIn("could not be sent in time", notice.note)
        self.assertFalse(notice.mail_id)

    def test_only_the_last(self):
        """They do not pile up, however long the grace is."""
        self.schedule.write({"grace_hours": 24})
        first, last = notices = self._remind(self._at(0, 13), self._at(0, 17))
        notices._deliver()
        self.assertEqual(first.state, "skipped")
        self.assertEqual(first.note, "A later reminder has replaced it")
        self.assertEqual(last.state, "sent")

    def test_failed_ones_may_be_sent_anew(self):
        notice = self._remind(self._at(0, 13))
        notice._finish("failed", "a bad record")
        self.clock.move_to(self._at(1, 8))
        notice._retry()
        notice._deliver()
        self.assertEqual(notice.state, "sent")

    def test_mails_that_came_back_may_be_sent_anew(self):
        notice = self._remind(self._at(0, 13))
        notice._deliver()
        self.clock.move_to(self._at(1, 8))
        notice._fail_mail("bounce", "mail_bounce", "550 5.1.1 no such user")
        notice._retry()
        notice._deliver()
        self.assertEqual(notice.state, "sent")

    def test_another_way_may_be_late(self):
        """A mail comes back when it does."""
        notice = self._remind(self._at(0, 13))
        notice._deliver()
        self.clock.move_to(self._at(0, 13) + timedelta(hours=20))
        notice._fail_mail("bounce", "mail_bounce", "550 5.1.1 no such user")
        self.assertTrue(notice.fallback_ids)
        notice.fallback_ids._deliver()
        self.assertEqual(set(notice.fallback_ids.mapped("state")), {"sent"})
