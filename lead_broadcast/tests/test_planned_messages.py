from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .notification_common import NotificationCase

DIGEST_MODULE = "odoo.addons.lead_broadcast.wizard.lead_broadcast_planned_digest"


@tagged("post_install", "-at_install")
class TestPlannedMessages(NotificationCase):
    """What will be sent about a lead, as its salesperson sees it."""

    def _open(self, lead, user=None):
        """Return the action that somebody gets, and what it shows to them."""
        lead = lead.with_user(user or self.user)
        action = lead.action_open_planned_messages()
        planned = lead.env[action["res_model"]].search(action["domain"])
        return action, planned

    def _get_planned(self, lead):
        return self._open(lead)[1]

    def _get_sent(self, lead, start):
        """Return what was sent about a lead since then, to compare with a plan."""
        lines = self.env["lead.broadcast.notice.line"].search(
            [("lead_id", "=", lead.id), ("notice_id.state", "=", "sent")]
        )
        messages = {
            (
                notice,
                notice.line_ids.filtered(lambda line: line.lead_id == lead).rule_id,
            )
            for notice in lines.notice_id
        }
        singles = self.Notice.search(
            [("lead_id", "=", lead.id), ("state", "=", "sent")]
        )
        messages |= {(notice, notice.rule_id) for notice in singles}
        return {
            (notice.due_date, notice.recipient_id, notice.channel, rules)
            for notice, rules in messages
            if notice.due_date > start
        }

    # ------------------------------------------------------------
    # TRUTH
    # ------------------------------------------------------------

    def test_is_what_is_sent(self):
        """In three zones, two of which change their clocks within these days."""
        start = self._at(0, 10)
        leads = {
            tz: self._give(partner, start)
            for tz, partner in self.partner_by_zone.items()
        }
        planned = {
            tz: {
                (p.moment, p.recipient_id, p.channel, p.rule_ids)
                for p in self._get_planned(lead).sudo()
                if p.is_sent
            }
            for tz, lead in leads.items()
        }
        self._simulate(start, start + timedelta(days=14))
        for tz, lead in leads.items():
            with self.subTest(tz=tz):
                self.assertEqual(planned[tz], self._get_sent(lead, start))
                recipients = {recipient for _, recipient, *_ in planned[tz]}
                self.assertEqual(
                    recipients,
                    {
                        self.partner_by_zone[tz],
                        self.master_by_zone[tz],
                        self.field_user.partner_id,
                    },
                )

    def test_local_times(self):
        """Days and times are those of the recipient, in the order of their clocks."""
        lead = self._give(self.lajpat_nagar, self._at(9, 18, "America/Santiago"))
        planned = self._get_planned(lead)
        self.assertEqual(planned.mapped("slot"), sorted(planned.mapped("slot")))
        chilean = planned.filtered(lambda p: p.recipient_id == self.lajpat_nagar)
        morning = chilean.filtered(lambda p: p.slot.endswith("09:00"))[:2]
        # clocks go back in the night between these days
        self.assertEqual(
            [(p.day.isoformat(), p.moment.hour, p.tz) for p in morning],
            [
                ("2027-04-04", 13, "America/Santiago"),
                ("2027-04-05", 13, "America/Santiago"),
            ],
        )
        self.assertEqual(morning[0].local_time, "Sun 9:00\u202fAM")

    def test_one_line_for_one_message(self):
        """A digest names a lead once, however many rules want it in there."""
        lead = self._give(self.green_park, self._at(0, 10))
        planned = self._get_planned(lead)
        keys = [(p.recipient_id, p.channel, p.slot) for p in planned]
        self.assertEqual(len(keys), len(set(keys)))
        several = planned.filtered(lambda p: len(p.rule_ids) > 1)[:1]
        self.assertEqual(several.rule_id.event, "unattended")

    # ------------------------------------------------------------
    # WHAT IS SAID
    # ------------------------------------------------------------

    def test_digest_with_others(self):
        leads = [self._give(self.green_park, self._at(0, 10)) for _ in range(3)]
        other = self._give(self.saket, self._at(0, 10))
        first = self._get_planned(leads[0]).filtered(
            lambda p: p.recipient_id == self.green_park
        )[:1]
        self.assertEqual(first.note, "In a digest with 2 others")
        alone = self._get_planned(other).filtered(
            lambda p: p.recipient_id == self.saket
        )
        self.assertEqual(alone[:1].note, "In a digest, alone")
        self._pass(first.moment)
        digest = self.Notice.search(
            [("recipient_id", "=", self.green_park.id), ("event", "=", "digest")]
        )
        self.assertEqual(len(digest.line_ids.lead_id), 3)

    def test_digest_with_one_other(self):
        lead = self._give(self.green_park, self._at(0, 10))
        self._give(self.green_park, self._at(0, 11))
        planned = self._get_planned(lead)
        first = planned.filtered(lambda p: p.recipient_id == self.green_park)[:1]
        self.assertEqual(first.note, "In a digest with 1 other")

    def test_digest_with_many(self):
        """Nobody waits until thousands of leads are counted."""
        leads = [self._give(self.green_park, self._at(0, 10)) for _ in range(3)]
        with patch(f"{DIGEST_MODULE}.MAX_LEADS", 2):
            planned = self._get_planned(leads[0])
        self.assertEqual(
            set(planned.filtered("is_sent").mapped("note")),
            {"In a digest with many others"},
        )

    def test_no_address(self):
        self.green_park.write({"email": False, "broadcast_email": False})
        lead = self._give(self.green_park, self._at(0, 10))
        planned = self._get_planned(lead)
        mute = planned.filtered(lambda p: p.recipient_id == self.green_park)
        self.assertTrue(mute)
        self.assertFalse(any(mute.mapped("is_sent")))
        self.assertEqual(set(mute.mapped("note")), {"Not sent: No email address"})
        self.assertTrue(all((planned - mute).mapped("is_sent")))

    def test_no_template(self):
        lead = self._give(self.green_park, self._at(0, 10))
        rule = self._get_planned(lead).rule_id.filtered(lambda r: r.role == "master")[
            :1
        ]
        rule.sudo().template_ref = False
        mute = self._get_planned(lead).filtered(lambda p: p.rule_id == rule)
        self.assertEqual(set(mute.mapped("note")), {"Not sent: The rule has no text"})

    def test_wrong_template(self):
        """A text about one offer is no digest."""
        lead = self._give(self.green_park, self._at(0, 10))
        rules = self._get_planned(lead).rule_id
        rule = rules.filtered(lambda rule: rule.role == "master")[:1]
        text = self.env["mail.template"].create(
            {
                "name": "Short digest",
                "model_id": self.env["ir.model"]._get_id("lead.broadcast.notice"),
            }
        )
        rule.sudo().template_ref = text
        text.model_id = self.env["ir.model"]._get_id("lead.broadcast.offer")
        mute = self._get_planned(lead).filtered(lambda p: p.rule_id == rule)
        self.assertEqual(set(mute.mapped("note")), {"Not sent: Wrong template"})

    # ------------------------------------------------------------
    # WHY NOTHING
    # ------------------------------------------------------------

    def assertNothing(self, lead, reason):
        action, planned = self._open(lead)
        self.assertFalse(planned)
        self.assertIn(reason, action["help"])

    def test_nothing_not_allocated(self):
        self.assertNothing(self.lead, "The lead is not allocated.")

    def test_nothing_searching(self):
        self.Rule.search([("event", "=", "expiring")]).active = False
        self._broadcast()
        self.assertNothing(self.lead, "it is being offered")

    def test_nothing_closed(self):
        lead = self._give(self.green_park, self._at(0, 10))
        lead.with_user(self.user).action_mark_completed()
        self.assertNothing(lead, "The lead is closed")

    def test_nothing_attended(self):
        rules = self.Rule.search([("schedule_id.kind", "=", "times")])
        rules.filtered(lambda rule: rule.stop_condition != "attended").active = False
        lead = self._give(self.green_park, self._at(0, 10))
        self.assertTrue(self._get_planned(lead))
        lead._note_response(self.portal_user.partner_id)
        self.assertNothing(lead, "The lead is attended")

    def test_nothing_switched_off(self):
        lead = self._give(self.green_park, self._at(0, 10))
        self.Rule.search([]).active = False
        self.assertNothing(lead, "are switched off")

    # ------------------------------------------------------------
    # RIGHTS AND SPEED
    # ------------------------------------------------------------

    def test_who_reads_the_lead_sees_it(self):
        lead = self._give(self.green_park, self._at(0, 10))
        _action, planned = self._open(lead, self.user)
        self.assertTrue(planned)
        with self.assertRaises(AccessError):
            self._open(lead, self.other_user)
        # nor is it seen where somebody else has looked it up
        seen = planned.with_user(self.other_user).search([("id", "in", planned.ids)])
        self.assertFalse(seen)
        with self.assertRaises(AccessError):
            planned.with_user(self.user).write({"note": "Nothing"})

    def test_looking_changes_nothing(self):
        lead = self._give(self.green_park, self._at(0, 10))
        before = self.Notice.search_count([])
        runs = self.env["lead.broadcast.schedule.run"].search_count([])
        self._get_planned(lead)
        self.assertEqual(self.Notice.search_count([]), before)
        self.assertEqual(self.env["lead.broadcast.schedule.run"].search_count([]), runs)

    def test_query_count(self):
        """Queries do not grow with the leads in the digests."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._give(self.green_park, self._at(0, 10))
        few = self._count_queries(lambda: self._open(lead))
        for _count in range(10):
            self._give(self.green_park, self._at(0, 10))
        self.assertLessEqual(self._count_queries(lambda: self._open(lead)), few)
        self.assertLess(few, 120)
