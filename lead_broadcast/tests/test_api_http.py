import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.tests import HttpCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from .api_common import ApiCase

ADDON = Path(__file__).parents[1]
EXAMPLE = ADDON / "examples" / "submit_lead.py"


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
