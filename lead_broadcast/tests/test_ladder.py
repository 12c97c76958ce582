from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadder(LadderCase):
    """What a ladder is, and which one a lead follows."""

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_first_matching_ladder(self):
        urgent = self._create_ladder(
            "Urgent", {"name": "All"}, sequence=1, domain="[('priority', '=', '3')]"
        )
        self.assertEqual(self.lead.matching_ladder_id, self.ladder)
        self.lead.priority = "3"
        self.lead.invalidate_recordset(["matching_ladder_id"])
        self.assertEqual(self.lead.matching_ladder_id, urgent)

    def test_ladder_of_service_precedes_rules(self):
        own = self._create_ladder("Own", {"name": "All"}, sequence=99)
        self.service.ladder_id = own
        self.assertEqual(self.lead.matching_ladder_id, own)

    def test_ladder_chosen_by_hand_precedes_all(self):
        other = self._create_ladder(
            "Other", {"name": "Another"}, domain="[('id', '=', 0)]"
        )
        self.lead.with_user(self.user).ladder_id = other
        self._start()
        self.assertEqual(self._get_asked()[0][0], "Another")

    def test_ladder_of_other_company(self):
        self.ladder.company_id = self.env["res.company"].create({"name": "Other"})
        self.lead.company_id = self.env.company
        self.assertFalse(self.lead.matching_ladder_id)

    def test_broken_rule_stops_no_other(self):
        broken = self._create_ladder("Broken", {"name": "All"}, sequence=1)
        self.env.cr.execute(
            "UPDATE lead_broadcast_ladder SET domain = %s WHERE id = %s",
            ['[("gone", "=", 1)]', broken.id],
        )
        broken.invalidate_recordset()
        with self.assertLogs("odoo.addons.lead_broadcast", "ERROR"):
            self.assertEqual(self.lead.matching_ladder_id, self.ladder)

    def test_broken_rule_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "cannot be followed"):
            self.ladder.with_user(self.administrator).domain = "[('gone', '=', 1)]"

    def test_no_ladder(self):
        self.ladder.active = False
        with self.assertRaisesRegex(UserError, "No ladder matches"):
            self._start()

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def test_step_without_channel(self):
        with self.assertRaisesRegex(ValidationError, "by no channel"):
            self.one.write({"by_mail": False, "by_sms": False, "by_inbox": False})

    def test_step_for_nobody_in_particular(self):
        with self.assertRaisesRegex(ValidationError, "Choose the person"):
            self.somebody.responsible = "user"

    def test_only_administrators_edit(self):
        with self.assertRaises(AccessError):
            self.ladder.with_user(self.supervisor).name = "Mine"
        with self.assertRaises(AccessError):
            self.one.with_user(self.user).wave_size = 9
        self.one.with_user(self.administrator).wave_size = 9
        self.assertEqual(self.one.wave_size, 9)

    # ------------------------------------------------------------
    # COPIES
    # ------------------------------------------------------------

    def test_running_leads_keep_their_ladder(self):
        self._start()
        self.two.with_user(self.administrator).wave_size = 3
        self._pass(hours=5)
        self.assertEqual(len(self._get_asked()[1][1]), 2)

    def test_next_lead_follows_the_edited_ladder(self):
        self._start()
        self.one.with_user(self.administrator).wave_size = 3
        other = self._create_lead()
        self._start(other)
        self.assertEqual(len(self._get_asked(other)[0][1]), 3)

    def test_unchanged_ladder_is_copied_once(self):
        self._start()
        other = self._create_lead()
        self._start(other)
        self.assertEqual(other.ladder_snapshot_id, self.lead.ladder_snapshot_id)

    def test_edit_tells_how_many_follow_an_earlier_version(self):
        self._start()
        ladder = self.ladder.with_user(self.administrator)
        self.assertEqual((ladder.running_count, ladder.outdated_count), (1, 0))
        ladder.step_ids[1].wave_size = 3
        ladder.invalidate_recordset()
        self.assertEqual((ladder.running_count, ladder.outdated_count), (1, 1))

    def test_apply_to_running(self):
        self._start()
        self.two.with_user(self.administrator).wave_size = 3
        self.ladder.with_user(self.administrator).action_apply_to_running()
        self.assertFalse(self.ladder.outdated_count)
        self._pass(hours=5)
        self.assertEqual(
            [(name, len(asked)) for name, asked in self._get_asked()],
            [("One", 1), ("Two", 3)],
        )

    def test_apply_without_the_step_that_was_next(self):
        self._start()
        self.two.with_user(self.administrator).unlink()
        self.ladder.with_user(self.administrator).action_apply_to_running()
        self._pass(hours=5)
        self.assertEqual(self.lead.ladder_state, "handed")

    def test_apply_with_a_step_after_the_last(self):
        self.somebody.unlink()
        self._start()
        self._pass(hours=5)
        self.assertFalse(self.lead.next_step_id)
        self.env["lead.broadcast.ladder.step"].create(
            {"ladder_id": self.ladder.id, "name": "Three", "sequence": 9}
        )
        self.ladder.action_apply_to_running()
        self._pass(hours=5)
        self.assertEqual(self._get_asked()[-1][0], "Three")

    def test_copies_are_not_edited(self):
        self._start()
        snapshot = self.lead.ladder_snapshot_id.with_user(self.administrator)
        with self.assertRaises(AccessError):
            snapshot.name = "Changed"
        with self.assertRaises(AccessError):
            snapshot.step_ids[0].wave_size = 9

    def test_followed_ladder_is_archived_not_deleted(self):
        self._start()
        with self.assertRaisesRegex(UserError, "Archive the ladder"):
            self.ladder.with_user(self.administrator).unlink()
        self.ladder.with_user(self.administrator).active = False
        self._pass(hours=5)
        self.assertEqual(self._get_asked()[1][0], "Two")

    # ------------------------------------------------------------
    # NEW LEADS
    # ------------------------------------------------------------

    def test_starts_by_itself(self):
        self.ladder.auto_start = True
        lead = self._create_lead()
        self.assertEqual(lead.broadcast_state, "searching")
        self.assertFalse(lead.sudo().offer_ids)
        self._pass(minutes=1)
        self.assertEqual(self._get_asked(lead)[0][0], "One")

    def test_starts_when_the_work_is_known(self):
        self.ladder.auto_start = True
        lead = self._create_lead(service_id=False)
        self.assertEqual(lead.ladder_state, "none")
        lead.with_user(self.user).service_id = self.service
        self.assertEqual(lead.ladder_state, "running")

    def test_starts_by_itself_only_where_it_matches(self):
        self.ladder.write({"auto_start": True, "domain": "[('priority', '=', '3')]"})
        self.assertEqual(self._create_lead().ladder_state, "none")
        self.assertEqual(self._create_lead(priority="3").ladder_state, "running")

    def test_does_not_start_by_itself(self):
        self.assertEqual(self._create_lead().ladder_state, "none")

    def test_search_is_steered_by_buttons_only(self):
        for values in (
            {"ladder_state": "paused"},
            {"next_action_at": fields.Datetime.now() + timedelta(days=9)},
            {"next_step_id": self.two.id},
        ):
            with self.assertRaises(AccessError):
                self.lead.with_user(self.user).write(values)
