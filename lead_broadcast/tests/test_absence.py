from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.crm_lead_clock import GRACE
from .absence_common import AbsenceCase


@tagged("post_install", "-at_install")
class TestAbsence(AbsenceCase):
    """Leads do not wait for people who are away."""

    def setUp(self):
        super().setUp()
        self.waiting = self._enter()
        self.cron = self.env.ref("lead_broadcast.ir_cron_run_clocks")

    def _run_cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.assertIs(self.cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def _get_alarms(self):
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        return triggers.mapped("call_at")

    def _assertGivenOn(self, lead, line):
        """Ravi stands in for ``self.asha``; the story says why."""
        former, current = lead.response_assignment_ids.sorted("id")
        self.assertEqual((former.user_id, former.result), (self.asha, "absent"))
        self.assertEqual((current.user_id, current.reason), (self.ravi, "absent"))
        self.assertEqual(current.previous_id, former)
        self.assertEqual(lead.user_id, self.ravi)
        self.assertIn(line, " ".join(lead.message_ids.mapped("body")))

    # ------------------------------------------------------------
    # WHO HAS A LEAD GOES AWAY
    # ------------------------------------------------------------

    def test_leave_begins(self):
        """When a leave begins, what was not answered goes on, at that very time."""
        start = self.START + timedelta(hours=2)
        self._be_absent(self.asha, start, days=9, hours=8)
        moment = start + GRACE + timedelta(seconds=1)
        self.assertIn(moment, self._get_alarms())
        self._run_cron()
        self.assertEqual(self.waiting.user_id, self.asha, "still there")
        self.clock.move_to(moment)
        self._run_cron()
        self._assertGivenOn(
            self.waiting, "Asha is absent until 03/31/2027: goes to Ravi."
        )
        self.assertGreater(self.waiting.response_deadline, moment)
        self._run_cron()
        self.assertEqual(len(self.waiting.response_assignment_ids), 2, "once")

    def test_noted_afterwards(self):
        """Who is ill says so when the day has begun."""
        self.clock.move_to(self.START + timedelta(hours=1))
        self._be_absent(self.asha, self.START - timedelta(hours=2), days=5)
        self._run_cron()
        self.assertEqual(self.waiting.user_id, self.ravi)

    def test_back_in_time(self):
        """Who is back before the time runs out can still answer."""
        end = self.waiting.response_deadline - timedelta(minutes=1)
        self._be_absent(self.asha, seconds=(end - self.START).total_seconds())
        self.clock.move_to(self.START + timedelta(minutes=5))
        self._run_cron()
        self.assertEqual(self.waiting.user_id, self.asha)
        self.assertEqual(len(self.waiting.response_assignment_ids), 1)

    def test_leave_moved(self):
        """A leave that is brought forward counts from its new beginning."""
        leave = self._be_absent(self.asha, self.START + timedelta(days=30), days=9)
        earlier = self.START + timedelta(hours=1)
        leave.write({"date_from": earlier, "date_to": earlier + timedelta(days=9)})
        self.assertIn(earlier + GRACE + timedelta(seconds=1), self._get_alarms())

    def test_no_policy(self):
        """Without policies nobody is woken up."""
        self.policy.active = False
        before = self._get_alarms()
        self._be_absent(self.asha, days=9)
        self.asha.action_archive()
        self.assertEqual(self._get_alarms(), before)

    def test_archived(self):
        self.asha.action_archive()
        self.assertIn(self.START + GRACE + timedelta(seconds=1), self._get_alarms())
        self._run_cron()
        self._assertGivenOn(self.waiting, "Asha is archived: goes to Ravi.")

    def test_answered(self):
        """Who has answered keeps the lead."""
        self.waiting.with_user(self.asha).message_post(
            body="I come tomorrow.", message_type="comment"
        )
        self._be_absent(self.asha, self.START + timedelta(minutes=1), days=9)
        self.clock.move_to(self.START + timedelta(hours=1))
        self._run_cron()
        self.assertEqual(self.waiting.user_id, self.asha)

    def test_person_of_a_team(self):
        """A lead that was given to a team stays there."""
        self.waiting._allocate_to_team(self.team, self.asha)
        self.clock.move_to(self.START + timedelta(minutes=1))
        self._be_absent(self.asha, days=9)
        self.clock.move_to(self.START + timedelta(minutes=2))
        self._run_cron()
        self.assertEqual(self.waiting.allocated_team_id, self.team)
        self.assertEqual(self.waiting.allocated_user_id, self.ravi)

    # ------------------------------------------------------------
    # WHO IS AWAY GETS A LEAD
    # ------------------------------------------------------------

    def test_lead_comes(self):
        """What comes by a rule goes to the back-up at once; a person may wait."""
        self._be_absent(self.asha, days=9)
        by_rule = (
            self.env["crm.lead"]
            .with_context(assignment_reason="rule")
            .create(
                {
                    "name": "By rule",
                    "service_id": self.service.id,
                    "user_id": self.asha.id,
                }
            )
        )
        self.assertEqual(by_rule.user_id, self.ravi)
        story = " ".join(by_rule.message_ids.mapped("body"))
        self.assertIn("is absent until", story)
        by_hand = self._enter()
        self.clock.move_to(self.START + timedelta(minutes=5))
        self._run_cron()
        self.assertEqual(by_hand.user_id, self.asha)

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_query_count(self):
        """Who is away is found by one query, however many leads wait."""
        Lead = self.env["crm.lead"]
        leads = Lead.create(
            [
                {
                    "name": f"L{n}",
                    "service_id": self.service.id,
                    "user_id": self.asha.id,
                }
                for n in range(20)
            ]
        )
        self._be_absent(self.head, days=9)
        self.env.flush_all()
        with self.assertQueryCount(1):
            domain = Lead._get_waiting_for_absent_domain()
        self.assertFalse(Lead.search(domain))
        self.clock.move_to(self.START + timedelta(minutes=1))
        self._be_absent(self.asha, days=9)
        self.env.flush_all()
        with self.assertQueryCount(1):
            domain = Lead._get_waiting_for_absent_domain()
        self.assertLessEqual(leads | self.waiting, Lead.search(domain))

    # ------------------------------------------------------------
    # WIZARD
    # ------------------------------------------------------------

    def _note(self, by, **values):
        wizard = self.env["lead.response.absence"].with_user(by)
        return wizard.create({"user_id": self.asha.id, **values})

    def test_note_absence(self):
        """Administrators say on which days somebody is away, as that person's clock
        has them."""
        wizard = self._note(self.administrator, first_day=date(2027, 3, 24))
        self.assertEqual(wizard.last_day, date(2027, 3, 24), "one day at least")
        wizard.last_day = date(2027, 3, 26)
        wizard.action_note()
        leave = self.env["resource.calendar.leaves"].search(
            [("resource_id.user_id", "=", self.asha.id)]
        )
        self.assertEqual(leave.date_from, datetime(2027, 3, 23, 18, 30))
        self.assertEqual(leave.date_to, datetime(2027, 3, 26, 18, 29, 59))
        for moment, away in (
            (datetime(2027, 3, 23, 18, 29), False),
            (datetime(2027, 3, 23, 18, 30), True),
            (datetime(2027, 3, 26, 18, 0), True),
            (datetime(2027, 3, 26, 18, 30), False),
        ):
            self.assertEqual(bool(self.asha._filter_absent(moment)), away)
        again = self._note(self.administrator, first_day=date(2027, 4, 5))
        again.action_note()
        self.assertEqual(len(self.asha.resource_ids), 1, "the same calendar")

    def test_note_absence_refused(self):
        wizard = self._note(self.administrator, first_day=date(2027, 3, 24))
        wizard.last_day = date(2027, 3, 23)
        with self.assertRaisesRegex(UserError, "comes before the first"):
            wizard.action_note()
        with self.assertRaises(AccessError):
            self._note(self.asha, first_day=date(2027, 3, 24))
