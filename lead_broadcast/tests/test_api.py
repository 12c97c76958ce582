import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from .common import BroadcastCase

ADDON = Path(__file__).parents[1]
EXAMPLE = ADDON / "examples" / "submit_lead.py"


class ApiCase(BroadcastCase):
    """A program with a user of its own, who may create leads and nothing more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Request = cls.env["lead.intake.request"].with_user(cls.receptionist)

    def _submit(self, key="ORDER-1", user=None, **values):
        values = values or {"name": "Broken router"}
        return self.Request.with_user(user or self.receptionist).submit(key, values)

    def _get_lead(self, answer):
        return self.env["crm.lead"].browse(answer["lead_id"])

    def _count_leads(self):
        return self.env["crm.lead"].with_context(active_test=False).search_count([])


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


@tagged("post_install", "-at_install")
class TestApiHttp(ApiCase, HttpCase):
    """What programs meet: the real server, with a key of the user's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.api_key = cls._create_api_key(cls.receptionist)

    @classmethod
    def _create_api_key(cls, user):
        return (
            cls.env["res.users.apikeys"]
            .with_user(user)
            ._generate(None, "Shop", fields.Datetime.now() + timedelta(days=1))
        )

    def _post(self, api_key=None, **body):
        with mute_logger("odoo.http"):  # that requests are refused
            return self.url_open(
                "/json/2/lead.intake.request/submit",
                json=body,
                headers={"Authorization": f"bearer {api_key or self.api_key}"},
            )

    def test_answers(self):
        body = {"key": "ORDER-1", "values": {"name": "Broken router"}}
        answer = self._post(**body)
        self.assertEqual(answer.status_code, 200, answer.text)
        lead = self._get_lead(answer.json())
        self.assertEqual(
            answer.json(),
            {
                "lead_id": lead.id,
                "name": "Broken router",
                "created": True,
                "assigned_to": lead.team_id.name,
            },
        )
        self.assertEqual(lead.intake_channel, "api")
        self.assertEqual(self._post(**body).json()["lead_id"], lead.id)

    def test_refusals(self):
        before = self._count_leads()
        clerk = new_test_user(self.env, login="clerk", groups="base.group_user")
        body = {"key": "ORDER-1", "values": {"name": "Broken router"}}
        wrong = {"name": "Broken router", "country": "India", "x_floor": 3}
        for status, message, api_key, sent in (
            (401, "Invalid apikey", "wrong", body),
            (403, "not allowed to create", self._create_api_key(clerk), body),
            (422, "missing a required argument: 'key'", None, {"values": wrong}),
            (422, "unexpected keyword argument 'lead'", None, {**body, "lead": 1}),
            (422, "(?m)^x_floor: .*\n^country: ", None, {**body, "values": wrong}),
        ):
            with self.subTest(status=status, sent=sent):
                answer = self._post(api_key, **sent)
                self.assertEqual(answer.status_code, status)
                self.assertRegex(answer.json()["message"], message)
        self.assertEqual(self._count_leads(), before)
        self.assertFalse(self.Request.sudo().search([("key", "=", "ORDER-1")]))

    def test_defaults_of_the_context_are_no_values(self):
        answer = self._post(
            key="ORDER-1",
            values={"name": "Broken router"},
            context={"default_city": "Agra", "default_user_id": self.user.id},
        )
        lead = self._get_lead(answer.json())
        self.assertFalse(lead.city)
        self.assertFalse(lead.user_id)

    # ------------------------------------------------------------
    # EXAMPLE
    # ------------------------------------------------------------

    def _run_example(self, *arguments):
        environment = {
            **os.environ,
            "ODOO_URL": self.base_url(),
            "ODOO_API_KEY": self.api_key,
            "ODOO_DATABASE": get_db_name(),
        }
        with self.allow_requests(all_requests=True):
            return subprocess.run(
                [sys.executable, "-I", EXAMPLE, *arguments],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )

    def test_example(self):
        values = '{"name": "Move to Delhi", "phone": "+91 98100 12345"}'
        first = self._run_example("ORDER-4711", values)
        self.assertEqual(first.returncode, 0, first.stderr)
        again = self._run_example("ORDER-4711", values)
        [request] = self.Request.sudo().search([("key", "=", "ORDER-4711")])
        self.assertEqual(request.lead_id.name, "Move to Delhi")
        self.assertRegex(first.stdout, f'"lead_id": {request.lead_id.id}, .*true')
        self.assertEqual(again.stdout, first.stdout.replace("true", "false"))

    @mute_logger("odoo.http")
    def test_example_refused(self):
        refused = self._run_example("ORDER-4711", '{"name": "Move", "phone": "none"}')
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, '^phone: "none" is not a phone number')

    def test_example_is_that_of_the_manual(self):
        manual = (ADDON / "README.rst").read_text()
        script = re.sub(r"(?m)^(?=.)", "    ", EXAMPLE.read_text())
        self.assertIn(f".. code-block:: python\n\n{script}", manual)
