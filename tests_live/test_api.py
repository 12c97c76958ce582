"""A program sends one request several times at the same moment: there is one lead."""

import functools

import requests

from devtools.processes import PATIENCE

from . import race

ROUNDS, SENDERS = 5, 4
_KEY = "tests_live.api_key"
_PROGRAM = f"""
from odoo.fields import Command

shop = env["res.users"].create({{
    "name": "Shop",
    "login": "shop",
    "group_ids": [Command.set(env.ref("lead_broadcast.group_receptionist").ids)],
}})
key = env(user=shop)["res.users.apikeys"].sudo()._generate(None, "Shop", None)
env["ir.config_parameter"].set_param("{_KEY}", key)
env.cr.commit()
"""
_LEADS = "SELECT id FROM crm_lead WHERE name = %s"
_REQUESTS = "SELECT lead_id FROM lead_intake_request WHERE key = %s"


def test_one_lead_for_one_key(live_server):
    live = live_server(workers=SENDERS)
    live.run_script(_PROGRAM)
    database = race.Database(live)
    [api_key] = database.column(
        "SELECT value FROM ir_config_parameter WHERE key = %s", _KEY
    )
    sessions = [connect(api_key) for _number in range(SENDERS)]

    for number in range(ROUNDS):
        key = f"ORDER-{number}"
        body = {"key": key, "values": {"name": f"Lead of {key}"}}
        answers = race.at_once(
            [functools.partial(send, live, session, body) for session in sessions]
        )
        assert sorted(answer["created"] for answer in answers) == [
            *[False] * (SENDERS - 1),
            True,
        ]
        [lead] = {answer["lead_id"] for answer in answers}
        assert database.column(_LEADS, f"Lead of {key}") == [lead]
        assert database.column(_REQUESTS, key) == [lead]
    retried = race.check_log(live)
    assert retried >= ROUNDS  # they did meet
    print(f"{ROUNDS} requests, {SENDERS} times each, {retried} tried again")
    database.close()


def connect(api_key: str) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"bearer {api_key}"
    return session


def send(live, session: requests.Session, body: dict) -> dict:
    answer = session.post(
        f"{live.url}/json/2/lead.intake.request/submit", json=body, timeout=PATIENCE
    )
    assert answer.status_code == 200, (answer.status_code, answer.text[:2000])
    return answer.json()
