"""SMS as in real life: Odoo with workers, a real Kannel, an operator that speaks SMPP.

Everything is one world, for starting it takes longer than what is tested: each test has
a service, and partners, of its own.
"""

import collections
import contextlib
import re
from pathlib import Path

import pytest

from devtools import sms_setup

from . import race
from .conftest import LiveServer

WORLD = Path(__file__).with_name("sms_world.py")
OFFICE, SISTER_OFFICE = sms_setup.NUMBER, "+911140005678"


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
FALLBACKS = """
SELECT failed.sms_number, mail.channel FROM lead_broadcast_notice mail
  JOIN lead_broadcast_notice failed ON failed.id = mail.fallback_of_id
 WHERE failed.lead_id = %s
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
WAITING = """
SELECT count(*) FROM sms_sms WHERE broadcast_retry_at IS NOT NULL AND state = 'error'
"""
TRIES = """
SELECT count(*) FROM sms_sms WHERE state = 'error' AND broadcast_try_count = %s
"""
MAIL_TRIES = """
SELECT count(*) FROM mail_mail WHERE state = 'outgoing' AND broadcast_try_count = %s
"""
LET_TIME_PASS = """
UPDATE {table} SET {date} = {date} - interval '1 hour' WHERE {date} IS NOT NULL;
UPDATE ir_cron_trigger SET call_at = call_at - interval '1 hour'
"""
WARNINGS = """
SELECT lead_id FROM lead_broadcast_notice
 WHERE event = 'undeliverable' AND lead_id = ANY(%s) ORDER BY lead_id
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

    def wait_until_delivered(self, lead: int) -> None:
        people = [number for _lang, number in SERVICES[self.service_of(lead)]]
        self.wait_for_states(lead, dict.fromkeys(people, "sent"))

    def service_of(self, lead: int) -> str:
        return self.database.column("SELECT name FROM crm_lead WHERE id = %s", lead)[0]

    def wait_until(self, condition, what: str) -> None:
        """Keep the server's crons at it, as the passing of time does."""

        def check():
            race.run_crons(self.live)
            return condition()

        race.wait_until(check, what)

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
            return rows and rows[-1][0] == result and rows[-1][2] == "sent"

        self.wait_until(is_answered, f"{result} as the answer to {number}")
        reply = self.database.rows(RECEIVED, number)[-1][1]
        assert [message["text"] for message in self.arrived(number)].count(reply) == 1
        return reply

    def arrived(self, number: str) -> list[dict]:
        return [
            message
            for message in self.operator.messages()
            if message["recipient"] == number
        ]

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


@pytest.fixture(scope="module")
def world(env):
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(env.database())
        sink = stack.enter_context(env.mail_sink())
        operator = stack.enter_context(env.operator())
        kannel = stack.enter_context(env.kannel(operator=operator))
        server = stack.enter_context(
            env.server(database, workers=2, crons=1, smtp_port=sink.port)
        )
        live = LiveServer(env, server, sink)
        live.run_script(
            f"services = {SERVICES!r}\ntexts = {TEXTS!r}\n{WORLD.read_text()}"
        )
        kannel.start(sms_setup.connect(env.odoo, database, kannel.settings, live.url))
        made = World(live, kannel, operator)
        yield made
        made.database.close()
        check_log(live)


def check_log(live) -> None:
    """No request failed; only early reports were asked to come again."""
    log = live.server.log.read_text()
    failed = re.findall(r'.*" 5\d\d .*', log)
    assert not [line for line in failed if not EARLY_REPORT.search(line)]
    assert "maximum number of tries" not in log


def test_there_and_back(world):
    lead = world.broadcast("Meter reading")
    world.wait_until_delivered(lead)
    (_lang, first), (_lang, second) = SERVICES["Meter reading"]
    offers = world.offers(lead)
    assert set(offers) == {first, second}
    assert offers[first]["text"] != offers[second]["text"]
    assert offers[first]["sender"] == OFFICE and OFFICE in offers[first]["text"]
    assert offers[first]["validity"], "the operator is told when it is too late"

    world.operator.send(first, OFFICE, f"Fwd: {offers[first]['text']}")
    assert "yours" in world.wait_for_reply(first, "accepted")
    assert world.database.column(WINNER, lead) == [f"Partner {first}"]

    world.operator.send(second, OFFICE, offers[second]["text"])
    assert "has been taken" in world.wait_for_reply(second, "taken")
    world.operator.send(first, OFFICE, offers[first]["text"])
    world.wait_for_reply(first, "already_yours")
    assert world.database.column(WINNER, lead) == [f"Partner {first}"]


def test_what_becomes_of_messages(world):
    lead = world.broadcast("Fates")
    number = {number[-1]: number for _lang, number in SERVICES["Fates"]}
    world.wait_for_states(
        lead,
        {
            number["9"]: "error",  # UNDELIV
            number["8"]: "error",  # EXPIRED
            number["7"]: "error",  # rejected
            number["6"]: "sent",  # throttled first
            number["5"]: "pending",  # no receipt
        },
    )
    assert len(world.arrived(number["6"])) == 1
    assert sorted(world.database.rows(FALLBACKS, lead)) == [
        (number[digit], "mail") for digit in "789"
    ]
    for digit in "789":
        address = f"{number[digit][1:]}@partner.example"
        world.live.mails(lambda mail, address=address: address in mail["To"])


def test_gateway_stopped_and_started(world):
    """What it had not handed on, what it could not take, and what phones sent."""
    known = world.broadcast("Away")
    world.wait_until_delivered(known)
    [(phone, offer)] = world.offers(known).items()
    world.operator.set_busy(True)
    queued = world.broadcast("Restart")
    world.wait_until(
        lambda: set(world.states(queued).values()) == {"process"}, "all at the gateway"
    )
    world.kannel.stop()
    refused = world.broadcast("Restart")
    people = SERVICES["Restart"]
    world.wait_until(
        lambda: world.database.column(WAITING) == [len(people)], "all wait for it"
    )
    world.operator.send(phone, OFFICE, offer["text"])
    assert not world.count_offers(queued, refused).total()

    world.operator.set_busy(False)
    world.kannel.start()
    world.retry()
    world.wait_until_delivered(queued)
    world.wait_until_delivered(refused)
    assert set(world.count_offers(queued, refused).values()) == {1}
    world.wait_for_reply(phone, "accepted")
    assert len(world.database.rows(RECEIVED, phone)) == 1


def test_gateway_and_mail_server_are_both_dead(world):
    """The salesperson is warned; what is still true is delivered when they are back."""
    call = world.executive.call
    world.kannel.stop()
    world.live.sink.pause()
    leads = [world.broadcast("Dead") for _count in range(2)]

    def fail(query, table, date, times):
        for tries in range(1, times + 1):
            world.wait_until(
                lambda tries=tries: world.database.column(query, tries) == [2],
                f"{tries} tries of {table}",
            )
            if tries < times:
                world.database.execute(LET_TIME_PASS.format(table=table, date=date))

    fail(TRIES, "sms_sms", "broadcast_retry_at", 2)
    fail(MAIL_TRIES, "mail_mail", "scheduled_date", 5)
    assert world.database.column(WARNINGS, leads) == leads
    problems = [["has_delivery_problem", "=", True]]
    assert sorted(call("crm.lead", "search", problems)) == leads

    told, stopped = leads
    call("crm.lead", "action_stop_broadcast", [stopped])
    world.kannel.start()
    world.live.sink.start()
    world.retry()
    passed = LET_TIME_PASS.format(table="mail_mail", date="scheduled_date")
    world.database.execute(passed)
    world.wait_until_delivered(told)
    [(_lang, number)] = SERVICES["Dead"]
    mails = world.live.mails(lambda mail: number[1:] in mail["To"])
    assert len(mails) == 1
    assert set(world.count_offers(told).values()) == {1}
    assert not world.count_offers(stopped).total()
    assert not call("crm.lead", "search", problems)


def test_odoo_killed_while_messages_are_under_way(world):
    """Nothing comes twice. What was in flight and never arrived is shown as such."""
    known = world.broadcast("Away")
    world.wait_until_delivered(known)
    [(phone, offer)] = world.offers(known).items()
    before = len(world.database.rows(RECEIVED, phone))
    lead = world.broadcast("Kill")
    world.wait_until(lambda: world.count_offers(lead).total() >= 5, "some messages")
    world.live.server.kill()
    sent = world.count_offers(lead).total()
    assert sent < len(SERVICES["Kill"]), "it was killed too late"
    world.operator.send(phone, OFFICE, offer["text"])
    check_log(world.live)  # it begins anew
    world.live.restart()
    world.wait_until(
        lambda: (
            set(world.states(lead).values()) <= {"sent", "uncertain"}
            and world.count_offers(lead).total()
            == list(world.states(lead).values()).count("sent")
        ),
        "all delivered but what was in flight",
    )
    counts = world.count_offers(lead)
    assert max(counts.values()) == 1, counts.most_common(3)
    assert counts.total() >= len(SERVICES["Kill"]) - 1
    world.wait_for_reply(phone, "accepted")
    assert len(world.database.rows(RECEIVED, phone)) == before + 1
    print(f"{sent} sent before the kill, {counts.total()} in all")


def test_long_texts_in_other_scripts(world):
    lead = world.broadcast("Languages")
    world.wait_until_delivered(lead)
    (_hindi, indian), (_russian, russian) = SERVICES["Languages"]
    offers = world.offers(lead)
    assert offers[indian]["text"].startswith("नमस्ते! Tver में")
    assert offers[russian]["text"].startswith("Здравствуйте! Есть новый заказ:")
    for offer in offers.values():
        assert offer["coding"] == "UCS-2" and offer["parts"] > 2
    comment = "Переслано. Приедем завтра утром, спасибо! "
    assert world.operator.send(russian, OFFICE, comment + offers[russian]["text"]) > 2
    world.wait_for_reply(russian, "accepted")
    assert world.database.column(WINNER, lead) == [f"Partner {russian}"]
    world.operator.send(indian, OFFICE, f"अग्रेषित: {offers[indian]['text']}")
    world.wait_for_reply(indian, "taken")


def test_companies_have_gateways_of_their_own(world, env):
    """One queue, two gateways, one of which is down."""
    sister = world.live.client("sister")
    [[company]] = world.database.rows(
        "SELECT id FROM res_company WHERE name = 'Sister Company'"
    )
    with env.operator() as operator, env.kannel(operator=operator) as kannel:
        lines = sms_setup.connect(
            *(env.odoo, world.live.database, kannel.settings, world.live.url),
            company=company,
            number=SISTER_OFFICE,
        )
        kannel.start(lines)
        world.kannel.stop()
        waiting = world.broadcast("Away")
        lead = world.broadcast("Away", sister)
        world.wait_until_delivered(lead)
        [(phone, offer)] = world.offers(lead, operator).items()
        assert offer["sender"] == SISTER_OFFICE and SISTER_OFFICE in offer["text"]
        operator.send(phone, SISTER_OFFICE, offer["text"])
        operator.wait_for(lambda message: "yours" in message["text"])
        assert world.database.column(WINNER, lead) == [f"Partner {phone}"]
        assert not world.offers(waiting, operator)

        world.kannel.start()
        world.retry()
        world.wait_until_delivered(waiting)
        assert set(world.offers(waiting)) == {phone}
        assert not world.offers(lead) and not world.offers(waiting, operator)
