from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadderForm(LadderCase):
    """What an administrator sees of a ladder, and does with it."""

    def _describe(self, **values):
        return (
            self.env["lead.broadcast.ladder.step"]
            .new({"by_inbox": False, "by_sms": False, **values})
            .summary
        )

    def test_step_in_a_sentence(self):
        lists = self.env["lead.broadcast.list"].create([{"name": "A"}, {"name": "B"}])
        hours = self.env.ref("resource.resource_calendar_std")
        for sentence, values in [
            (
                "Nearest 5 within 50 km, 4 h, Email",
                {
                    "audience": "nearest",
                    "wave_size": 5,
                    "radius_km": 50,
                    "validity_hours": 4,
                },
            ),
            (
                "Nearest partners in a wider radius, beyond their own radius,"
                " also those asked before, 15 min, Email",
                {
                    "audience": "wider",
                    "beyond_own_radius": True,
                    "ask_again": True,
                    "validity_hours": 0.25,
                },
            ),
            (
                "A, B, 1.5 h, Email + SMS",
                {
                    "audience": "list",
                    "list_ids": [Command.set(lists.ids)],
                    "validity_hours": 1.5,
                    "by_sms": True,
                },
            ),
            (
                "3 of all lists that fit the lead, valid as the service says, Email",
                {"audience": "list", "wave_size": 3},
            ),
            (
                "Everybody who was asked, 1 h, Email",
                {"audience": "again", "ask_again": True, "validity_hours": 1},
            ),
            (
                "On the way: within 30 km and 1 days, 1 h, Email",
                {
                    "audience": "on_the_way",
                    "way_km": 30,
                    "way_days": 1,
                    "validity_hours": 1,
                },
            ),
            (
                f"Activity for: {self.user.name}, {hours.name}",
                {
                    "audience": "people",
                    "responsible": "user",
                    "user_id": self.user.id,
                    "calendar_id": hours.id,
                },
            ),
        ]:
            with self.subTest(sentence):
                self.assertEqual(self._describe(**values), sentence)

    def test_administrator_builds_a_ladder(self):
        form = Form(self.Ladder.with_user(self.administrator))
        form.name = "Own"
        with form.step_ids.new() as step:
            step.name = "Many"
            step.audience = "nearest"
            step.wave_size = 7
            self.assertIn("Nearest 7", step.summary)
            with self.assertRaisesRegex(AssertionError, "invisible"):
                step.responsible = "leader"
        with form.step_ids.new() as step:
            step.name = "Us"
            step.audience = "people"
            step.responsible = "leader"
            with self.assertRaisesRegex(AssertionError, "invisible"):
                step.wave_size = 1
        ladder = form.save()
        self.assertEqual(ladder.step_ids.mapped("name"), ["Many", "Us"])

    def test_edit_is_applied_to_leads_under_way(self):
        self._start()
        ladder = self.ladder.with_user(self.administrator)
        self.assertEqual((ladder.running_count, ladder.outdated_count), (1, 0))
        with Form(ladder) as form, form.step_ids.edit(1) as step:
            step.wave_size = 4
        self.assertEqual((ladder.running_count, ladder.outdated_count), (1, 1))
        ladder.action_apply_to_running()
        ladder.invalidate_recordset()
        self.assertEqual((ladder.running_count, ladder.outdated_count), (1, 0))
        self.assertEqual(self.lead.next_step_id.wave_size, 4)


@tagged("post_install", "-at_install")
class TestLadderOnLead(LadderCase):
    """What a lead's salesperson sees of its search, and does about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own_lead = cls.lead.with_user(cls.user)

    def _get_progress(self):
        return [
            (step["name"], step["state"], step["outcome"])
            for step in self.own_lead.ladder_progress
        ]

    def test_before_the_start(self):
        self.assertEqual(self.own_lead.matching_ladder_name, "Small")
        self.assertEqual(
            self._get_progress(),
            [
                ("One", "ahead", False),
                ("Two", "ahead", False),
                ("Somebody", "ahead", False),
            ],
        )
        self.assertFalse(self.own_lead.broadcast_summary)

    def test_one_line(self):
        self._start()
        lead = self.own_lead
        self.assertEqual(
            lead.broadcast_summary,
            "Step 1 of 3 (One): 1 of 1 partners can still answer",
        )
        self.assertEqual(lead.next_step_summary, "next step (Two)")
        lead.action_pause_ladder()
        self.assertEqual(
            lead.broadcast_summary,
            "Paused at step 1 of 3 (One): 1 of 1 partners can still answer",
        )
        self.assertFalse(lead.next_step_summary)
        lead.action_resume_ladder()
        self._pass(hours=9)
        self.assertEqual(
            lead.broadcast_summary, f"Nobody took it: with {self.user.name}"
        )

    def test_at_the_end(self):
        self.somebody.unlink()
        self._start()
        self._pass(hours=5)
        self.assertEqual(self.own_lead.next_step_summary, "the search ends")
        self._pass(hours=5)
        self.assertEqual(
            self.own_lead.broadcast_summary, "Nobody took it. Broadcast again?"
        )

    def test_before_working_hours(self):
        self.ladder.calendar_id = self.env.ref("resource.resource_calendar_std")
        self.clock.move_to(self.START.replace(hour=0))
        self._start()
        lead = self.own_lead
        self.assertEqual(lead.broadcast_summary, "The first step")
        self.assertEqual(lead.next_step_summary, "next step (One)")
        self.assertGreater(lead.next_action_at, self.START.replace(hour=1))

    def test_what_became_of_each_step(self):
        self._start()
        self._get_offer(self.green_park)._decline(
            "mail", self.green_park, self.price_reason
        )
        self._pass(minutes=1)
        self._get_offer(self.saket)._accept("mail", self.saket)
        self.assertEqual(
            self._get_progress(),
            [
                ("One", "done", "1 asked: 1 declined, 0 did not answer"),
                ("Two", "done", "Taken by Saket Services"),
                ("Somebody", "ahead", False),
            ],
        )

    def test_handed_and_skipped(self):
        self.partners.broadcast_capacity = 1
        (self.partners - self.green_park).broadcast_paused_until = "2999-01-01"
        self._start()
        self._pass(hours=5)
        self.assertEqual(
            self._get_progress(),
            [
                ("One", "done", "1 asked: 0 declined, 1 did not answer"),
                ("Two", "skipped", False),
                ("Somebody", "current", f"Handed to {self.user.name}"),
            ],
        )

    def test_another_ladder_is_shown_when_it_is_chosen(self):
        other = self._create_ladder("Other", {"name": "Another"})
        self._start()
        self.own_lead.action_stop_broadcast()
        with Form(self.own_lead) as form:
            form.ladder_id = other
        self.assertEqual(self._get_progress(), [("Another", "ahead", False)])

    def test_jump(self):
        self._start()
        action = self.own_lead.action_jump_ladder()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.user)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.step_id.name, "Two", "the one that is next")
        wizard.step_id = self.lead.ladder_snapshot_id.step_ids[2]
        self.assertIn("Activity for", wizard.step_summary)
        wizard.save().action_jump()
        self.assertEqual(self.own_lead.ladder_state, "handed")
        self.assertEqual(self.own_lead.activity_ids.user_id, self.user)

    def test_jump_is_for_those_who_may_write_the_lead(self):
        self._start()
        step = self.lead.ladder_snapshot_id.step_ids[1]
        wizard = (
            self.env["lead.broadcast.jump"]
            .with_user(self.other_user)
            .create({"lead_id": self.lead.id, "step_id": step.id})
        )
        with self.assertRaises(AccessError):
            wizard.action_jump()
        self.assertEqual(len(self.lead.broadcast_ids), 1)

    def test_jump_to_a_step_of_another_ladder(self):
        self._start()
        wizard = (
            self.env["lead.broadcast.jump"]
            .with_user(self.user)
            .create({"lead_id": self.lead.id, "step_id": self.two.id})
        )
        with self.assertRaisesRegex(UserError, "no step of the ladder"):
            wizard.action_jump()

    def test_reading_many_leads(self):
        leads = self._create_leads(12)
        self._start(leads)
        names = ["broadcast_summary", "next_step_summary", "ladder_progress"]

        def read(records):
            return self._count_queries(lambda: records.with_user(self.user).read(names))

        read(leads[:1])
        self.assertLessEqual(read(leads) - read(leads[:2]), 1)
