"""SMS as in real life, there and back: a real Kannel, and an operator behind it."""

import pytest

from devtools import sms_setup

from . import sms_gateway
from .sms_gateway import OFFICE, SERVICES

SISTER_OFFICE = "+911140005678"
FALLBACKS = """
SELECT failed.sms_number, mail.channel FROM lead_broadcast_notice mail
  JOIN lead_broadcast_notice failed ON failed.id = mail.fallback_of_id
 WHERE failed.lead_id = %s
"""


@pytest.fixture(scope="module")
def world(env):
    with sms_gateway.running(env) as started:
        yield started


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
    assert world.winner(lead) == f"Partner {first}"

    world.operator.send(second, OFFICE, offers[second]["text"])
    assert "has been taken" in world.wait_for_reply(second, "taken")
    world.operator.send(first, OFFICE, offers[first]["text"])
    world.wait_for_reply(first, "already_yours")
    assert world.winner(lead) == f"Partner {first}"


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
    assert world.winner(lead) == f"Partner {russian}"
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
        world.wait_until_delivered(lead, operator)
        [(phone, offer)] = world.offers(lead, operator).items()
        assert offer["sender"] == SISTER_OFFICE and SISTER_OFFICE in offer["text"]
        operator.send(phone, SISTER_OFFICE, offer["text"])
        world.wait_until(
            lambda: any("yours" in message["text"] for message in operator.messages()),
            "the answer",
        )
        assert world.winner(lead) == f"Partner {phone}"
        assert not world.offers(waiting, operator)

        world.kannel.start()
        world.retry()
        world.wait_until_delivered(waiting)
        assert set(world.offers(waiting)) == {phone}
        assert not world.offers(lead) and not world.offers(waiting, operator)
