"""The world of tests with SMS: Odoo with workers, a real Kannel, an operator that
speaks SMPP.

All tests of a file share one, for starting it takes longer than what is tested: each
test has a service, and partners, of its own.
"""

import collections
import contextlib
import re
from pathlib import Path

from devtools import sms_setup

from . import race
from .conftest import LiveServer

WORLD = Path(__file__).with_name("sms_world.py")
OFFICE = sms_setup.NUMBER


def numbers(start: int, count: int) -> list[tuple]:
    """People whose phones get everything: what ends with 1 is delivered."""
    return [("en_US", f"+9198111{start + number:04}1") for number in range(count)]


SERVICES = {
    "Meter reading": numbers(100, 2),
    # what becomes of a message depends on the last digit, see devtools.smpp_server
    "Fates": [("en_US", f"+91981110001{digit}") for digit in "98765"],
    "Restart": numbers(300, 3),
    "Away": numbers(400, 1),
    "Dead": numbers(450, 1),
    "Kill": numbers(500, 40),
    "Languages": [("hi_IN", "+919811106001"), ("ru_RU", "+79135550601")],
}
TEXTS = {
    "hi_IN": "नमस्ते! {{ object.sms_place }} में {{ object.sms_service }} का एक नया काम"
    " आपके लिए है ({{ object.request_code }})। इसे स्वीकार करने के लिए यह संदेश"
    " {{ object.sms_number }} पर आगे भेजें। जो सबसे पहले उत्तर देगा, काम उसी का होगा।",
    "ru_RU": "Здравствуйте! Есть новый заказ: {{ object.sms_service }},"
    " {{ object.sms_place }} ({{ object.request_code }}). Чтобы принять его, перешлите"
    " это сообщение на {{ object.sms_number }}. Заказ получит тот, кто ответит первым.",
}
NOTICES = """
SELECT sms_number, sms_state FROM lead_broadcast_notice
 WHERE lead_id = %s AND channel = 'sms' AND event = 'offered'
"""
CODES = """
SELECT request_code FROM lead_broadcast_offer WHERE lead_id = ANY(%s)
"""
WINNER = """
SELECT partner.name FROM crm_lead lead
  JOIN res_partner partner ON partner.id = lead.allocated_partner_id
 WHERE lead.id = %s
"""
RECEIVED = """
SELECT result, reply_body, reply_state FROM lead_broadcast_inbound_sms
 WHERE number = %s AND provider = 'kannel' ORDER BY id
"""
EARLY_REPORT = re.compile(r'/lead_broadcast_kannel/report/\S+ HTTP/1.1" 503 ')


class World:
    """Odoo, its gateway, the operator, and who uses them."""

    def __init__(self, live, kannel, operator):
        self.live, self.kannel, self.operator = live, kannel, operator
        self.database = race.Database(live)
        self.executive = live.client("executive")

    def broadcast(self, service: str, executive=None) -> int:
        """As a support executive: offer a new lead to all who do the service."""
        call = (executive or self.executive).call
        service_id = call("lead.broadcast.service", "search", [["name", "=", service]])
        lead = call(
            "crm.lead",
            "create",
            {
                "name": service,
                "service_id": service_id[0],
                "service_place": "Tver",
                "service_latitude": 56.8587,
                "service_longitude": 35.9176,
            },
        )
        wizard = call("lead.broadcast.wizard", "create", {"lead_ids": [[6, 0, [lead]]]})
        call("lead.broadcast.wizard", "action_send", [wizard])
        return lead

    def states(self, lead: int) -> dict:
        """What is known of the SMS with the offers of a lead, by number."""
        return dict(self.database.rows(NOTICES, lead))

    def wait_for_states(self, lead: int, expected: dict) -> None:
        self.wait_until(lambda: self.states(lead) == expected, f"{expected}")

    def wait_until_delivered(self, lead: int, operator=None) -> None:
        """Until all is known, and there: Kannel asks for a report on the first part of
        a long message only."""
        people = [number for _lang, number in SERVICES[self.service_of(lead)]]
        self.wait_for_states(lead, dict.fromkeys(people, "sent"))
        self.wait_until(
            lambda: set(self.offers(lead, operator)) == set(people), "all parts"
        )

    def service_of(self, lead: int) -> str:
        return self.database.column("SELECT name FROM crm_lead WHERE id = %s", lead)[0]

    def wait_until(self, condition, what: str) -> None:
        race.wait_for_crons(self.live, condition, what)

    def offers(self, lead: int, operator=None) -> dict:
        """What arrived on the phones about a lead, by number."""
        codes = self.database.column(CODES, [lead])
        return {
            message["recipient"]: message
            for message in (operator or self.operator).messages()
            if any(code in message["text"] for code in codes)
        }

    def wait_for_reply(self, number: str, result: str) -> str:
        """The answer to the last message from a phone, as it arrived there."""

        def is_answered():
            rows = self.database.rows(RECEIVED, number)
            return (
                rows
                and (rows[-1][0], rows[-1][2]) == (result, "sent")
                and rows[-1][1] in self.arrived(number)
            )

        self.wait_until(is_answered, f"{result} as the answer to {number}")
        reply = self.database.rows(RECEIVED, number)[-1][1]
        assert self.arrived(number).count(reply) == 1
        return reply

    def arrived(self, number: str) -> list[str]:
        """The texts on a phone."""
        return [
            message["text"]
            for message in self.operator.messages()
            if message["recipient"] == number
        ]

    def winner(self, lead: int) -> str:
        [name] = self.database.column(WINNER, lead)
        return name

    def retry(self) -> None:
        """As administrator: have what waits for the gateway sent now."""
        call = self.live.client().call
        gateways = call("lead.broadcast.kannel.gateway", "search", [])
        call("lead.broadcast.kannel.gateway", "action_retry_waiting", gateways)

    def count_offers(self, *leads: int) -> collections.Counter:
        """How often each code of these leads arrived on a phone."""
        texts = [message["text"] for message in self.operator.messages()]
        return collections.Counter(
            {
                code: sum(code in text for text in texts)
                for code in self.database.column(CODES, list(leads))
            }
        )


@contextlib.contextmanager
def running(env):
    """A World, until the block ends; then its log is looked at."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(env.database())
        sink = stack.enter_context(env.mail_sink())
        operator = stack.enter_context(env.operator())
        kannel = stack.enter_context(env.kannel(operator=operator))
        server = stack.enter_context(
            env.server(
                database, workers=2, crons=1, smtp_port=sink.port, socket_timeout=60
            )
        )
        live = LiveServer(env, server, sink)
        live.run_script(
            f"services = {SERVICES!r}\ntexts = {TEXTS!r}\n{WORLD.read_text()}"
        )
        kannel.start(sms_setup.connect(env.odoo, database, kannel.settings, live.url))
        world = World(live, kannel, operator)
        yield world
        world.database.close()
        check_log(live)


def check_log(live) -> None:
    """No request failed; only early reports were asked to come again."""
    log = live.server.log.read_text()
    failed = re.findall(r'.*" 5\d\d .*', log)
    assert not [line for line in failed if not EARLY_REPORT.search(line)]
    assert "maximum number of tries" not in log
