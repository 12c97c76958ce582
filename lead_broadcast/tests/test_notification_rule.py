from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .notification_common import LONG_AGO, NotificationCase


@tagged("post_install", "-at_install")
class TestNotificationRule(NotificationCase):
    """What rules may say, and whom they tell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.once = cls.env.ref("lead_broadcast.schedule_once")
        cls.mail_text = cls.env.ref("lead_broadcast.mail_template_allocated")
        cls.sms_text = cls.env.ref("lead_broadcast.sms_template_allocated")

    def _create_rule(self, **values):
        return (
            self.Rule.with_user(self.administrator)
            .create(
                {
                    "event": "allocated",
                    "role": "supervisor",
                    "channel": "mail",
                    "template_ref": f"mail.template,{self.mail_text.id}",
                    "schedule_id": self.once.id,
                    **values,
                }
            )
            .sudo()
        )

    def _allocate(self):
        lead = self._give(self.green_park, self._at(0, 10))
        self._deliver()
        return lead

    def _told(self, lead, rule):
        notices = self._notices(rule.event, lead)
        return notices.filtered(lambda notice: notice.rule_id == rule)

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_one_rule_per_cell(self):
        self._create_rule()
        with self.assertRaises(IntegrityError):
            self._create_rule()

    @mute_logger("odoo.sql_db")
    def test_thresholds(self):
        for values in (
            {"threshold": -1},
            {"threshold": 2, "threshold_until": 1},
        ):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._create_rule(**values)

    def test_template_fits_channel(self):
        with self.assertRaisesRegex(ValidationError, "SMS template for SMS"):
            self._create_rule(channel="sms")
        with self.assertRaisesRegex(ValidationError, "mail template for messages"):
            self._create_rule(template_ref=f"sms.template,{self.sms_text.id}")

    def test_digest_needs_times(self):
        with self.assertRaisesRegex(ValidationError, "schedule with times"):
            self._create_rule(is_digest=True)
        daily = self.env.ref("lead_broadcast.schedule_daily")
        with self.assertRaisesRegex(ValidationError, "schedule with times"):
            daily.kind = "once"  # of digests that are there

    def test_template_fits_reader(self):
        """Texts about an offer open without login: they are for the partner only."""
        offer_text = self.env.ref("lead_broadcast.mail_template_won")
        with self.assertRaisesRegex(ValidationError, "is not about"):
            self._create_rule(
                role="master", template_ref=f"mail.template,{offer_text.id}"
            )

    def test_rights(self):
        rule = self._create_rule()
        for user in (self.user, self.supervisor):
            self.assertTrue(rule.with_user(user).display_name)
            with self.assertRaises(AccessError):
                rule.with_user(user).active = False
            with self.assertRaises(AccessError):
                rule.schedule_id.with_user(user).name = "Never"
        with self.assertRaises(AccessError):
            rule.with_user(self.portal_user).read(["event"])

    # ------------------------------------------------------------
    # RECIPIENTS
    # ------------------------------------------------------------

    def test_roles(self):
        self.field_team.user_id = self.supervisor
        self.supervisor.email = "boss@sales.example"
        self.executive.broadcast_alert_authorized = True
        roles = {
            "partner_admin": self.green_park,
            "executives": self.owner + self.executive,
            "master": self.green_park.broadcast_master_id,
            "team": self.field_user.partner_id,
            "owner": self.user.partner_id,
            "supervisor": self.supervisor.partner_id,
            "customer": self.customer,
            "assignee": self.env["res.partner"],
        }
        self.user.email = "executive@sales.example"
        self.Rule.search([("event", "=", "allocated")]).active = False
        rules = {role: self._create_rule(role=role) for role in roles}
        lead = self._allocate()
        for role, people in roles.items():
            with self.subTest(role=role):
                notices = self._told(lead, rules[role])
                self.assertEqual(notices.recipient_id, people)
                self.assertEqual(set(notices.mapped("state")) - {"sent"}, set())
                for notice in notices:
                    self.assertIn(
                        notice.recipient_id._get_broadcast_email(),
                        notice.mail_id.email_to,
                    )

    def test_archived_master(self):
        rule = self._create_rule(role="master")
        self.green_park.broadcast_master_id.active = False
        self.assertFalse(self._told(self._allocate(), rule))

    def test_executives_of_nobody(self):
        """A lead that a team has concerns no partner's people, and stops nothing."""
        rule = self._create_rule(role="executives", channel="inbox")
        lead = self._give(self.field_team, self._at(0, 10))
        self.assertEqual(lead.broadcast_state, "allocated")
        self.assertFalse(self._told(lead, rule))

    def test_archived_people(self):
        self.user.email = "executive@sales.example"
        rule = self._create_rule(role="owner")
        self.user.active = False
        lead = self._create_lead(team_id=self.field_team.id)
        lead.with_user(self.administrator)._allocate(self.green_park)
        self.assertFalse(self._told(lead, rule))

    def test_other_company(self):
        """Who may not read the leads of a company is not told of them."""
        rule = self._create_rule(role="team")
        lead = self._create_lead(
            team_id=self.field_team.id,
            user_id=False,
            company_id=self._create_company().id,
        )
        lead._allocate(self.green_park)
        self.assertFalse(self._told(lead, rule))

    def test_caller_shows_archived_records(self):
        """What the caller's screen shows does not decide who is told."""
        self._create_rule(role="owner").active = False
        lead = self._create_lead().with_context(
            active_test=False, default_event="taken", default_state="sent"
        )
        lead.with_user(self.user)._allocate(self.green_park)
        notices = self._notices("allocated", lead)
        self.assertTrue(all(notices.rule_id.mapped("active")))
        self.assertEqual(set(notices.mapped("state")), {"pending"})

    def test_broken_rule(self):
        """A rule that cannot be followed does not silence the others."""
        broken = self.Rule.search([("event", "=", "unattended")])
        broken.schedule_id = self.env.ref("lead_broadcast.schedule_three_daily")
        broken.effective_date = LONG_AGO
        find_people = self.registry[self.Rule._name]._get_people

        def find_or_fail(rule, *args):
            if rule == broken:
                raise ValueError("cannot be followed")
            return find_people(rule, *args)

        self.patch(self.registry[self.Rule._name], "_get_people", find_or_fail)
        lead = self._give(self.green_park, self._at(0, 10))
        self.clock.move_to(self._at(3, 13))
        with mute_logger("odoo.addons.lead_broadcast.models"):
            self._pass(self._at(3, 13))
        self.assertEqual(
            self._get_slots(lead, "allocated", self.green_park), [self._label(3, 13)]
        )

    def test_tier(self):
        rule = self._create_rule(tier_id=self.tiers["MTP"].id, role="owner")
        self.assertFalse(self._told(self._allocate(), rule))
        lead = self._give(self.master_by_zone["Europe/Berlin"], self._at(0, 10))
        self.assertEqual(self._told(lead, rule).recipient_id, self.user.partner_id)

    def test_one_mail_for_two_channels(self):
        """Who handles notifications by email gets one mail, not one for each cell."""
        self.user.notification_type = "email"
        self.user.email = "executive@sales.example"
        rule = self._create_rule(role="owner")
        lead = self._allocate()
        notices = self._notices("allocated", lead).filtered(
            lambda notice: notice.recipient_id == self.user.partner_id
        )
        self.assertEqual(notices.mapped("channel"), ["mail"])
        self.assertEqual(len(notices.mail_id), 1)
        self.assertIn(rule.channel, notices.mapped("channel"))

    def test_sms_to_staff(self):
        """On their phone, unless they wrote STOP."""
        self.user.partner_id.write({"phone": "+91 98100 00055"})
        rule = self._create_rule(
            role="owner",
            channel="sms",
            template_ref=f"sms.template,{self.sms_text.id}",
        )
        lead = self._allocate()
        self.assertEqual(self._told(lead, rule).sms_number, "+919810000055")
        self.env["phone.blacklist"]._add(["+919810000055"])
        self.user.partner_id.invalidate_recordset()
        self.assertFalse(self._told(self._allocate(), rule))

    def test_nobody_by_sms_without_number(self):
        self.company.broadcast_sms_number = False
        lead = self._allocate()
        self.assertNotIn("sms", self._notices("allocated", lead).mapped("channel"))

    def test_out_of_reach(self):
        """A partner that no channel reaches is shown, and the salesperson warned."""
        self.connaught_place.email = False
        lead = self._give(self.connaught_place, self._at(0, 10))
        notice = self._notices("won", lead)
        self.assertEqual(notice.state, "failed")
        self.assertTrue(notice.note)
        self.assertTrue(lead.with_user(self.user).has_delivery_problem)
        warning = self._notices("undeliverable", lead)
        self.assertEqual(warning.recipient_id, self.user.partner_id)

    def test_in_reach_of_its_people(self):
        """Who is told by SMS alone is told."""
        self.green_park.email = False
        self.portal_user.active = False
        lead = self._create_lead()
        self._broadcast(lead)
        self.assertNotIn(
            "undeliverable", self._notices("offered", lead).mapped("event")
        )
        offered = self._notices("offered", lead).filtered(
            lambda notice: notice.offer_id.partner_id == self.green_park
        )
        self.assertEqual(set(offered.mapped("channel")), {"sms"})
        offered.offer_id._accept("operator", self.user.partner_id)
        self.assertFalse(self._notices("undeliverable", lead))

    # ------------------------------------------------------------
    # SWITCHING OFF
    # ------------------------------------------------------------

    def test_switched_off(self):
        """What waits of a rule that is switched off is not sent."""
        rule = self._create_rule(role="owner", channel="mail")
        self.user.email = "executive@sales.example"
        lead = self._give(self.green_park, self._at(0, 10))
        rule.active = False
        self._deliver()
        self.assertEqual(self._told(lead, rule).state, "skipped")

    def test_deleted(self):
        """What waits of a rule that is deleted says what is true, and is sent."""
        rule = self._create_rule(role="customer")
        lead = self._give(self.green_park, self._at(0, 10))
        notice = self._told(lead, rule)
        rule.unlink()
        self._deliver()
        self.assertEqual(notice.state, "sent")

    def test_new_tier(self):
        """A tier of one's own takes part without code."""
        tier = self.env["lead.broadcast.tier"].create(
            {"name": "Regional partner", "code": "RTP", "kind": "partner"}
        )
        self.connaught_place.broadcast_tier_id = tier
        rule = self._create_rule(tier_id=tier.id, role="partner_admin")
        lead = self._give(self.connaught_place, self._at(0, 10))
        self.assertEqual(self._told(lead, rule).recipient_id, self.connaught_place)

    def test_time_of_schedule(self):
        schedule = self.env["lead.broadcast.schedule"].with_user(self.administrator)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            schedule.create(
                {"name": "Late", "time_ids": [Command.create({"hour": 24})]}
            )
