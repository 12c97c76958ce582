from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestAccess(BroadcastCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)
        cls.offer._decline(
            "mail", cls.green_park, cls.date_reason, dates=["2031-01-02"]
        )
        cls.roles = {
            "public": cls.env.ref("base.public_user"),
            "portal": cls.portal_user,
        }

    def test_public(self):
        """Visitors get at what our pages show them, and at nothing else."""
        for model in self._get_models():
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(model=model, operation=operation):
                    public = self.env[model].with_user(self.roles["public"])
                    self.assertFalse(public.has_access(operation))

    def test_own_leads(self):
        """A user sees the rounds of own leads, a supervisor those of the team."""
        records = [
            self.broadcast,
            self.offer,
            self.offer.proposed_date_ids,
            self.broadcast.candidate_ids[0],
            self.offer.notice_ids[0],
        ]
        for record in records:
            with self.subTest(model=record._name):
                self.assertTrue(record.with_user(self.user).has_access("read"))
                self.assertTrue(record.with_user(self.supervisor).has_access("read"))
                self.assertFalse(record.with_user(self.other_user).has_access("read"))

    def test_own_offers(self):
        """A partner sees the offers made to its own company."""
        own, other = self.offer, self._get_offer(self.saket)
        Offer = self.env["lead.broadcast.offer"].with_user(self.portal_user)
        self.assertEqual(Offer.search([]), own)
        self.assertFalse(other.with_user(self.portal_user).has_access("read"))

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        boss = new_test_user(
            self.env,
            login="elsewhere",
            groups="lead_broadcast.group_supervisor",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.lead.company_id = self.env.company
        for record in (self.broadcast, self.offer, self.offer.notice_ids[0]):
            self.assertFalse(record.with_user(boss).has_access("read"))

    def test_partner_never_reads_the_customer(self):
        """Not in any field, not by any path, not by guessing in a domain."""
        offer = self._get_offer(self.saket).with_user(self.other_portal_user)
        values = offer.read()[0]
        self.assertIn("place", values)
        secrets = [
            self.customer.name,
            "98100",
            "asha@traders.example",
            "Aurobindo",
            self.lead.name,
        ]
        for secret in secrets:
            self.assertNotIn(secret, str(values))
        for name in ("lead_id", "broadcast_id", "notice_ids", "proposed_date_ids"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                offer.read([name])
        for domain in (
            [("lead_id.partner_id.name", "ilike", "Asha")],
            [("lead_id.phone", "!=", False)],
            [("broadcast_id.lead_id.email_from", "ilike", "asha")],
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                offer.search(domain)
        with self.assertRaises(AccessError):
            offer.search([], order="lead_id")
        with self.assertRaises(AccessError):
            offer.formatted_read_group([], ["lead_id"], ["__count"])
        for record in (self.lead, self.customer):
            with self.assertRaises(AccessError):
                record.with_user(self.other_portal_user).read(["name"])
        messages = self.env["mail.message"].with_user(self.other_portal_user)
        self.assertFalse(
            messages.search([("model", "=", "crm.lead"), ("res_id", "=", self.lead.id)])
        )

    @mute_logger("odoo.models.unlink")
    def test_winner_reads_no_lead(self):
        """The winner sees the customer on its page, not the lead by RPC."""
        self._get_offer(self.saket)._accept("mail", self.saket)
        with self.assertRaises(AccessError):
            self.lead.with_user(self.other_portal_user).read(["phone"])
        offer = self._get_offer(self.saket).with_user(self.other_portal_user)
        self.assertNotIn(self.customer.name, str(offer.read()))

    def test_loser_never_reads_who_won(self):
        """Not even from who last wrote its offer."""
        winner = self._get_offer(self.lajpat_nagar)
        user = self._create_portal_user(self.lajpat_nagar, "lajpat")
        winner.with_user(user)._accept("portal", user.partner_id)
        loser = self._get_offer(self.saket).with_user(self.other_portal_user)
        self.assertEqual(loser.state, "lost")
        values = str(loser.read())
        for secret in (self.lajpat_nagar.name, user.name, user.login):
            self.assertNotIn(secret, values)

    def test_all_leads(self):
        """Who sees everybody's leads sees their rounds, too."""
        self.other_user.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        for record in (self.broadcast, self.offer, self.offer.notice_ids[0]):
            self.assertTrue(record.with_user(self.other_user).has_access("read"))

    def test_portal_of_another_company(self):
        """A partner's people read its offers, whichever company made them."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.lead.write({"user_id": False, "team_id": False, "company_id": company.id})
        self.assertTrue(self.offer.with_user(self.portal_user).has_access("read"))

    def test_decliner_never_reads_the_title(self):
        """The author of a message may read the title of its record."""
        offer = self._get_offer(self.saket)
        offer._decline("mail", self.other_portal_user.partner_id, self.other_reason)
        message = self.lead.message_ids[0]
        self.assertIn("declined", message.body)
        with self.assertRaises(AccessError):
            message.with_user(self.other_portal_user).read(["record_name"])

    def test_allocation_is_not_written(self):
        """Not even by whoever may write the lead."""
        lead = self.lead.with_user(self.user)
        for values in (
            {"allocated_offer_id": self.offer.id},
            {"allocated_partner_id": self.saket.id},
            {"broadcast_state": "none"},
            {"completion_date": False},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                lead.write(values)
            with self.subTest(values=values), self.assertRaises(AccessError):
                lead.create({"name": "Forged", **values})
        self.assertEqual(self.lead.broadcast_state, "searching")

    def test_operator_needs_the_group(self):
        self.lead.user_id = self.salesman
        offer = self._get_offer(self.saket)
        with self.assertRaises(AccessError):
            offer.with_user(self.salesman).action_operator_accept()
        self.assertEqual(offer.state, "open")

    def test_methods(self):
        """What can be called from outside checks whose lead it is."""
        lead, offer = self.lead, self._get_offer(self.saket)
        calls = [
            (lead, "action_broadcast"),
            (lead, "action_stop_broadcast"),
            (lead, "action_allocate"),
            (lead, "action_release"),
            (lead, "action_mark_completed"),
            (lead, "action_start_ladder"),
            (lead, "action_pause_ladder"),
            (lead, "action_resume_ladder"),
            (lead, "action_jump_ladder"),
            (lead, "action_restart_ladder"),
            (self.broadcast, "action_stop"),
            (offer, "action_operator_accept"),
            (offer.notice_ids, "action_retry"),
        ]
        for record, method in calls:
            for role in ("public", "portal", "other_user"):
                user = self.roles.get(role, self.other_user)
                with (
                    self.subTest(method=method, role=role),
                    self.assertRaises(AccessError),
                ):
                    getattr(record.with_user(user), method)()
        self.assertEqual(self.broadcast.state, "open")

    def test_no_other_way_to_win(self):
        """The methods that change state cannot be called from outside."""
        for record, names in {
            self.offer: ("_accept", "_decline", "_withdraw", "_mark_viewed"),
            self.lead: ("_broadcast", "_allocate", "_claim", "_release"),
            self.broadcast: ("_win", "_cancel", "_expire"),
            self.env["lead.broadcast.notice"]: ("_cron_send", "_write_notices"),
            self.env["lead.broadcast.inbound.sms"]: ("_receive", "_process", "_answer"),
            self.env["sms.sms"]: ("_queue_broadcast_sms", "_cron_retry"),
        }.items():
            for name in names:
                with self.subTest(method=name), self.assertRaises(AccessError):
                    get_public_method(record, name)
