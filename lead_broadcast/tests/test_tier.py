import re

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestTier(BroadcastCase):
    """Tiers are data: what partners and teams are, and what leads follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tp = cls.env.ref("lead_broadcast.tier_tp")
        cls.mtp = cls.env.ref("lead_broadcast.tier_mtp")
        cls.tst = cls.env.ref("lead_broadcast.tier_tst")
        cls.Tier = cls.env["lead.broadcast.tier"]
        cls.team = cls.env["crm.team"].create(
            {"name": "Field Delhi", "broadcast_tier_id": cls.tst.id}
        )

    # ------------------------------------------------------------
    # TIERS
    # ------------------------------------------------------------

    def test_shipped(self):
        names = ("tp", "mtp", "tst", "ttt")
        tiers = self.Tier.union(
            *(self.env.ref(f"lead_broadcast.tier_{name}") for name in names)
        )
        self.assertEqual(tiers.mapped("code"), ["TP", "MTP", "TST", "TTT"])
        self.assertEqual(tiers.mapped("kind"), ["partner", "partner", "team", "team"])
        self.assertEqual(self.tp.display_name, "[TP] Service Partner")

    def test_administrators_add_more(self):
        tier = self.Tier.with_user(self.administrator).create(
            {"name": "Premium Partner", "code": "PTP", "kind": "partner"}
        )
        self.saket.with_user(self.administrator).broadcast_tier_id = tier
        self.lead.with_user(self.user)._allocate(self.saket)
        self.assertEqual(self.lead.allocated_tier_id, tier)

    def test_others_only_read(self):
        employee = new_test_user(self.env, login="clerk", groups="base.group_user")
        self.assertEqual(self.tp.with_user(employee).code, "TP")
        for user in (employee, self.user, self.supervisor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.tp.with_user(user).name = "Forged"
        with self.assertRaises(AccessError):
            self.tp.with_user(self.portal_user).read(["name"])

    def test_code_is_unique(self):
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.Tier.create({"name": "Again", "code": "TP"})

    def test_in_use_is_not_deleted(self):
        unused = self.Tier.create({"name": "Unused", "code": "U"})
        self.saket.action_archive()
        self.team.action_archive()
        self.saket.broadcast_tier_id = self.mtp
        for tier, name in ((self.mtp, "Saket Services"), (self.tst, "Field Delhi")):
            with (
                self.subTest(tier=tier.code),
                self.assertRaisesRegex(UserError, rf"is in use.*{name}"),
            ):
                tier.with_user(self.administrator).unlink()
        unused.with_user(self.administrator).unlink()
        self.assertFalse(unused.exists())

    def test_of_rules_is_not_deleted(self):
        tier = self.Tier.create({"name": "Told", "code": "T"})
        rule = self.env["lead.broadcast.notification.rule"].search([], limit=1)
        rule = rule.copy({"tier_id": tier.id, "active": False})
        with self.assertRaisesRegex(UserError, re.escape(rule.display_name)):
            tier.with_user(self.administrator).unlink()

    def test_kind_of_tier_in_use_stays(self):
        for tier, name in ((self.tp, "Saket"), (self.tst, "Field Delhi")):
            other = "team" if tier.kind == "partner" else "partner"
            with (
                self.subTest(tier=tier.code),
                self.assertRaisesRegex(ValidationError, name),
            ):
                tier.with_user(self.administrator).kind = other

    # ------------------------------------------------------------
    # PARTNERS AND TEAMS
    # ------------------------------------------------------------

    def test_partners_start_with_the_first_tier(self):
        self.assertEqual(self.partners.broadcast_tier_id, self.tp)
        self.assertFalse(self.customer.broadcast_tier_id)
        self.customer.is_service_partner = True
        self.assertEqual(self.customer.broadcast_tier_id, self.tp)
        self.customer.is_service_partner = False
        self.assertFalse(self.customer.broadcast_tier_id)

    def test_first_tier_is_data(self):
        self.mtp.sequence = self.tp.sequence - 1
        partner = self.env["res.partner"].create(
            self._prepare_partner("Late", (28.5, 77.2))
        )
        self.assertEqual(partner.broadcast_tier_id, self.mtp)

    def test_chosen_tier_is_kept(self):
        values = self._prepare_partner("M", (28.5, 77.2), broadcast_tier_id=self.mtp.id)
        partner = self.env["res.partner"].create(values)
        self.assertEqual(partner.broadcast_tier_id, self.mtp)
        partner.name = "Master"
        self.assertEqual(partner.broadcast_tier_id, self.mtp)

    def test_partner_made_by_clerk(self):
        """Whoever may create partners need not know of tiers."""
        clerk = new_test_user(
            self.env,
            login="clerk",
            groups="base.group_user,base.group_partner_manager",
        )
        partner = (
            self.env["res.partner"]
            .with_user(clerk)
            .create({"name": "New", "is_service_partner": True})
        )
        self.assertEqual(partner.broadcast_tier_id, self.tp)

    def test_each_kind_has_its_own(self):
        with self.assertRaisesRegex(ValidationError, "a tier of sales teams"):
            self.saket.broadcast_tier_id = self.tst
        with self.assertRaisesRegex(ValidationError, "a tier of service partners"):
            self.team.broadcast_tier_id = self.mtp

    # ------------------------------------------------------------
    # MASTERS
    # ------------------------------------------------------------

    def test_master(self):
        with Form(self.saket.with_user(self.administrator)) as form:
            form.broadcast_master_id = self.gurugram
        self.assertEqual(self.gurugram.broadcast_subpartner_ids, self.saket)
        self.assertEqual(self.saket._get_broadcast_master(), self.gurugram)

    def test_master_is_a_service_partner(self):
        with self.assertRaisesRegex(ValidationError, "is not a service partner"):
            self.saket.broadcast_master_id = self.customer

    def test_nobody_is_above_itself(self):
        self.saket.broadcast_master_id = self.gurugram
        self.gurugram.broadcast_master_id = self.dwarka
        for partner in (self.dwarka, self.gurugram):
            with (
                self.subTest(partner=partner.name),
                self.assertRaisesRegex(ValidationError, "above itself"),
                self.env.cr.savepoint(),
            ):
                partner.broadcast_master_id = self.saket
        self.env.invalidate_all()
        with self.assertRaisesRegex(ValidationError, "above itself"):
            self.saket.broadcast_master_id = self.saket

    def test_master_that_is_gone_is_not_used(self):
        self.saket.broadcast_master_id = self.gurugram
        self.gurugram.action_archive()
        self.assertFalse(self.saket._get_broadcast_master())
        self.gurugram.action_unarchive()
        self.assertEqual(self.saket._get_broadcast_master(), self.gurugram)
        self.gurugram.is_service_partner = False
        self.assertFalse(self.saket._get_broadcast_master())

    def test_merge_with_a_master(self):
        """Also with the master of one's master: nobody ends up above itself."""
        self.saket.broadcast_master_id = self.gurugram
        self.gurugram.broadcast_master_id = self.dwarka
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.saket + self.dwarka).ids, self.saket, extra_checks=False)
        self.assertFalse(self.saket.broadcast_master_id)
        self.assertEqual(self.gurugram.broadcast_master_id, self.saket)
        wizard._merge((self.saket + self.gurugram).ids, self.saket, extra_checks=False)
        self.assertFalse(self.saket.broadcast_master_id)

    # ------------------------------------------------------------
    # LEADS
    # ------------------------------------------------------------

    def test_lead_follows_its_allocation(self):
        lead = self.lead.with_user(self.user)
        self.saket.broadcast_tier_id = self.mtp
        self.assertFalse(lead.allocated_tier_id)
        lead._allocate(self.saket)
        self.assertEqual(lead.allocated_tier_id, self.mtp)
        self.saket.broadcast_tier_id = self.tp
        self.assertEqual(lead.allocated_tier_id, self.tp)
        lead.action_release()
        self.assertFalse(lead.allocated_tier_id)
        lead._allocate_to_team(self.team)
        self.assertEqual(self.lead.allocated_tier_id, self.tst)
