from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .notification_common import LONG_AGO, NotificationCase


@tagged("post_install", "-at_install")
class TestNoticeTruth(NotificationCase):
    """What waits in the outbox while people, rules and leads change."""

    def _set_rule(self, event, role, schedule, sequence=1):
        """Have one rule by mail for an event and a role, about single leads."""
        cell = {"event": event, "role": role, "channel": "mail", "tier_id": False}
        self.Rule.search([("event", "=", event), ("role", "=", role)]).active = False
        rule = self.Rule.with_context(active_test=False).search(
            [(name, "=", value) for name, value in cell.items()]
        ) or self.Rule.create(cell)
        template = self.env.ref(f"lead_broadcast.mail_template_{event}")
        rule.write(
            {
                "active": True,
                "sequence": sequence,
                "is_digest": False,
                "schedule_id": self.env.ref(f"lead_broadcast.schedule_{schedule}").id,
                "template_ref": f"mail.template,{template.id}",
                "threshold": 0,
                "threshold_until": 0,
                "effective_date": LONG_AGO,
            }
        )
        return rule

    def _plan(self, moment):
        self.clock.move_to(moment)
        self.Rule._plan_slots(moment)

    def _get_notices(self, event, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return self.Notice.search([("event", "=", event), *domain])

    # ------------------------------------------------------------
    # IN PLACE OF OTHERS
    # ------------------------------------------------------------

    def _fall_back_to_executive(self, notice):
        """Tell somebody whom no rule has told."""
        notice.state = "sent"
        executive = self.env["res.partner"].create(
            {"name": "Newly authorized", "parent_id": self.green_park.id}
        )
        self._give_alerts(executive, "+919810000007")
        fallback = self.Notice.create(notice._prepare_fallbacks(executive, "sms"))
        self.assertFalse(fallback.rule_id)
        return fallback

    def test_fallback_while_the_rule_names_the_partner(self):
        rule = self._set_rule("allocated", "partner_admin", "once")
        lead = self._give(self.green_park, self._at(0, 10))
        notice = self._get_notices("allocated", rule_id=rule.id, lead_id=lead.id)
        fallback = self._fall_back_to_executive(notice)
        self.assertEqual(fallback._filter_true(), fallback)
        lead._release()
        self.assertFalse(fallback._filter_true())
        lead._allocate(self.saket)
        self.assertFalse(fallback._filter_true())

    def test_fallback_of_a_fallback(self):
        rule = self._set_rule("allocated", "partner_admin", "once")
        lead = self._give(self.green_park, self._at(0, 10))
        notice = self._get_notices("allocated", rule_id=rule.id, lead_id=lead.id)
        by_sms = self._fall_back_to_executive(notice)
        by_mail = self.Notice.create(
            by_sms._prepare_fallbacks(by_sms.recipient_id, "mail")
        )
        self.assertEqual(by_mail._filter_true(), by_mail)
        rule.active = False
        self.assertFalse(by_mail._filter_true())

    def test_fallback_of_a_digest(self):
        """Its lines are about the leads of whom the digest was for."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._plan(self._at(0, 13))
        digest = self._get_notices(
            "digest", recipient_id=self.green_park.id, channel="mail"
        )
        fallback = self._fall_back_to_executive(digest)
        self._deliver()
        self.assertEqual(fallback.state, "sent")
        self.assertEqual(fallback.line_ids.lead_id, lead)

    # ------------------------------------------------------------
    # PEOPLE AND RULES
    # ------------------------------------------------------------

    def test_two_roles(self):
        """Who leaves one of them is told for the other."""
        self._set_rule("unattended", "owner", "daily", sequence=1)
        self._set_rule("unattended", "team", "daily", sequence=2)
        lead = self._give(self.green_park, self._at(0, 10))
        lead.user_id = self.field_user
        self._plan(self._at(1, 9))
        notice = self._get_notices(
            "unattended", recipient_id=self.field_user.partner_id.id, lead_id=lead.id
        )
        self.assertEqual(notice.rule_id.role, "owner")
        lead.write({"user_id": self.user.id, "team_id": self.field_team.id})
        self.assertEqual(notice._filter_true(), notice)
        self.field_team.member_ids = [Command.set(self.user.ids)]
        self.assertFalse(notice._filter_true())

    def test_rule_deleted(self):
        """What happened is told while it is so, reminders are not."""
        once = self._set_rule("allocated", "partner_admin", "once")
        daily = self._set_rule("unattended", "partner_admin", "daily")
        lead = self._give(self.green_park, self._at(0, 10))
        self._plan(self._at(1, 9))
        happening = self._get_notices("allocated", rule_id=once.id, lead_id=lead.id)
        reminder = self._get_notices("unattended", rule_id=daily.id, lead_id=lead.id)
        self.assertEqual((happening | reminder)._filter_true(), happening | reminder)
        (once | daily).unlink()
        self.assertEqual((happening | reminder)._filter_true(), happening)
        lead._release()
        lead._allocate(self.saket)
        self.assertFalse(happening._filter_true())

    def test_tasks_of_one_lead(self):
        """Who has two is reminded of both."""
        self._set_rule("activity_pending", "assignee", "three_daily")
        lead = self._give(self.field_team, self._at(0, 9))
        tasks = self.env["mail.activity"]
        for summary in ("Call", "Visit"):
            tasks |= lead.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                user_id=self.field_user.id,
            )
        for hour in (13, 17):
            self._pass(self._at(0, hour))
            notices = self._get_notices(
                "activity_pending", slot=self._label(0, hour), channel="mail"
            )
            self.assertEqual(notices.activity_id, tasks)
            self.assertEqual(notices._filter_mail_wanted(), notices)

    # ------------------------------------------------------------
    # NO ADDRESS
    # ------------------------------------------------------------

    def test_reminders_without_address(self):
        """Each salesperson is warned by one of the leads, once."""
        master = self.master_by_zone["Asia/Kolkata"]
        master.email = False
        for _count in range(3):
            self._give(self.green_park, self._at(0, 10))
        for hour in (13, 17):
            self._plan(self._at(0, hour))
            [warning] = self._get_notices("undeliverable", slot=f"partner-{master.id}")
            self.assertEqual(warning.recipient_id, self.user.partner_id)
            self.assertTrue(warning.lead_id.has_delivery_problem)

    # ------------------------------------------------------------
    # MERGES
    # ------------------------------------------------------------

    def _create_digest(self, partner, leads=()):
        return self.Notice.create(
            {
                "event": "digest",
                "company_id": self.company.id,
                "recipient_id": partner.id,
                "channel": "mail",
                "slot": self._label(0, 13),
                "line_ids": [Command.create({"lead_id": lead.id}) for lead in leads],
            }
        )

    def test_partners_merged(self):
        """All of them had a digest at the same time."""
        partners = self.saket | self.lajpat_nagar | self.dwarka
        digests = {partner: self._create_digest(partner) for partner in partners}
        self.env["base.partner.merge.automatic.wizard"]._merge(
            partners.ids, self.lajpat_nagar, extra_checks=False
        )
        notices = self._get_notices("digest", recipient_id=self.lajpat_nagar.id)
        self.assertEqual(notices, digests[self.lajpat_nagar])

    def test_partners_merged_into_one_without_notices(self):
        digest = self._create_digest(self.saket)
        self._create_digest(self.dwarka)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.saket | self.dwarka | self.gurugram).ids,
            self.gurugram,
            extra_checks=False,
        )
        notices = self._get_notices("digest", recipient_id=self.gurugram.id)
        self.assertEqual(notices, digest)

    def test_leads_merged(self):
        """Of both the salesperson was warned, and digests that wait are about them."""
        other = self._create_lead(name="The same again")
        leads = self.lead | other
        self.Rule._notify("undeliverable", leads, slot=f"partner-{self.saket.id}")
        both = self._create_digest(self.saket, leads)
        each = {
            lead: self._create_digest(partner, lead)
            for lead, partner in zip(leads, (self.dwarka, self.gurugram), strict=True)
        }
        head = leads.with_user(self.supervisor).merge_opportunity()
        [warning] = self._get_notices("undeliverable")
        self.assertEqual(warning.lead_id, head)
        for digest in (both, *each.values()):
            self.assertEqual(digest.line_ids.lead_id, head)
            self.assertEqual(len(digest.line_ids), 1)

    # ------------------------------------------------------------
    # LONG AGO
    # ------------------------------------------------------------

    def test_forgotten(self):
        """After a year, but not while a lead is open."""
        closed = self._create_lead()
        leads = self.lead | closed
        notices = self.Rule._notify("undeliverable", leads, slot="partner-1")
        notices |= self._create_digest(self.saket)
        notices.state = "sent"
        closed.active = False
        self.env.flush_all()
        self.Notice._gc_notices()
        self.assertEqual(notices.exists(), notices)
        self.env.cr.execute(
            "UPDATE lead_broadcast_notice SET create_date = %s WHERE id = ANY(%s)",
            [fields.Datetime.now() - timedelta(days=366), notices.ids],
        )
        self.Notice._gc_notices()
        self.assertEqual(notices.exists().lead_id, self.lead)
