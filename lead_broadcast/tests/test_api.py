from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApi(ApiCase):
    """One request makes one lead, whatever becomes of the answer."""

    def test_makes_a_lead(self):
        answer = self._submit(name="Broken router", phone="+91 98100 12345")
        lead = self._get_lead(answer)
        self.assertEqual(answer["name"], "Broken router")
        self.assertIs(answer["created"], True)
        self.assertEqual(answer["assigned_to"], lead.team_id.name)
        self.assertEqual(lead.intake_channel, "api")
        self.assertEqual(lead.phone, "+91 98100 12345")
        self.assertEqual(lead.create_uid, self.receptionist)
        self.assertFalse(lead.user_id)
        self.assertNotIn(self.receptionist.partner_id, lead.message_partner_ids)

    def test_again_is_the_same_lead(self):
        first = self._submit(name="Broken router", city="New Delhi")
        before = self._count_leads()
        again = self._submit(city="New Delhi", name="Broken router")
        self.assertEqual(again, {**first, "created": False})
        self.assertEqual(self._count_leads(), before)

    def test_again_tells_how_it_is_now(self):
        lead = self._get_lead(self._submit())
        lead.write({"name": "Broken line", "user_id": self.user.id})
        again = self._submit()
        self.assertEqual(again["name"], "Broken line")
        self.assertEqual(again["assigned_to"], self.user.name)

    def test_again_is_not_read_again(self):
        """What was right once needs not be so for ever."""
        values = {"name": "Broken router", "service": "Data Rectification"}
        first = self._submit(**values)
        self.service.active = False
        self.assertEqual(self._submit(**values)["lead_id"], first["lead_id"])

    def test_other_values_are_refused(self):
        lead = self._get_lead(self._submit())
        before = self._count_leads()
        with self.assertRaisesRegex(UserError, "^key: Other values .* ORDER-1 before"):
            self._submit(name="Another one")
        self.assertEqual(self._count_leads(), before)
        self.assertEqual(lead.name, "Broken router")

    def test_keys_belong_to_their_program(self):
        other = new_test_user(
            self.env, login="shop", groups="lead_broadcast.group_receptionist"
        )
        mine, theirs = self._submit(), self._submit(user=other)
        self.assertTrue(theirs["created"])
        self.assertNotEqual(mine["lead_id"], theirs["lead_id"])

    def test_refused_key_may_be_used_again(self):
        with (
            self.assertRaisesRegex(UserError, "^email: "),
            self.env.cr.savepoint(),
        ):
            self._submit(name="Broken router", email="asha")
        answer = self._submit(name="Broken router", email="asha@traders.example")
        self.assertTrue(answer["created"])

    def test_merged_lead(self):
        lead = self._get_lead(self._submit())
        lead.type = "lead"  # those that are opportunities are kept
        kept = self._create_lead(type="opportunity")
        self.assertEqual((lead | kept).merge_opportunity(), kept)
        self.assertEqual(self._submit()["lead_id"], kept.id)

    def test_deleted_lead(self):
        self._get_lead(self._submit()).unlink()
        with self.assertRaisesRegex(UserError, "^key: .* has been deleted"):
            self._submit()

    def test_keys_and_values_are_checked(self):
        for key, values, name in (
            (" ", {"name": "Broken router"}, "key"),
            (4711, {"name": "Broken router"}, "key"),
            ("ORDER\0", {"name": "Broken router"}, "key"),
            ("x" * 201, {"name": "Broken router"}, "key"),
            ("ORDER-1", ["Broken router"], "values"),
            ("ORDER-1", {}, "name"),
        ):
            with (
                self.subTest(key=key, values=values),
                self.assertRaisesRegex(UserError, f"^{name}: "),
                self.env.cr.savepoint(),
            ):
                self.Request.submit(key, values)

    def test_forgotten_after_three_months(self):
        request_ids = []
        for days in (89, 91):
            self._submit(key=f"{days} days")
            request = self.Request.sudo().search([("key", "=", f"{days} days")])
            self.env.cr.execute(
                "UPDATE lead_intake_request SET create_date = %s WHERE id = %s",
                [fields.Datetime.now() - timedelta(days=days), request.id],
            )
            request_ids += request.ids
        self.env.invalidate_all()
        self.Request.sudo()._gc_requests()
        requests = self.Request.sudo().browse(request_ids).exists()
        self.assertEqual(requests.mapped("key"), ["89 days"])

    def test_who_may(self):
        internal = new_test_user(self.env, login="clerk", groups="base.group_user")
        for user in (internal, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._submit(user=user)
        self._submit()
        for user in (self.receptionist, self.user, self.supervisor):
            requests = self.Request.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    requests.search([("key", "=", "ORDER-1")])
                with self.assertRaises(AccessError):
                    requests.create({"key": "ORDER-2", "digest": "x"})

    def test_search_starts(self):
        """What a program knows is enough for partners to be found."""
        self.env["lead.broadcast.ladder"].search([("active", "=", True)]).active = False
        ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "From the shop",
                "auto_start": True,
                "domain": "[('intake_form', '=', 'Shop')]",
                "step_ids": [Command.create({"name": "One", "audience": "nearest"})],
            }
        )
        answer = self._submit(
            service="data rectification",
            form="Shop",
            place="Hauz Khas",
            latitude=28.5494,
            longitude=77.2001,
        )
        lead = self._get_lead(answer)
        self.assertEqual(lead.ladder_id or lead.ladder_snapshot_id.origin_id, ladder)
        self.assertEqual(lead.ladder_state, "running")
        self.assertEqual(answer["name"], "Data Rectification in Hauz Khas")
