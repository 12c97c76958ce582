"""Many partners accept at the same moment, by every channel: exactly one wins."""

import functools

import pytest
import requests

from . import race

PARTNERS = 28
PORTAL = range(8)  # executives logged in to the portal
MAIL = range(6, 14)  # readers of the mail; 6 and 7 answer by both ways at once
SMS = range(12, 22)  # forward the SMS; 12 and 13 answer by mail as well
OPERATOR = range(22, 26)  # partners that told an operator by phone
STAFF = range(27, 29)  # given the lead by hand; 28 was not even asked
REPEATED = (12, 21)  # whose SMS the gateway delivers three times, at once

STATE = """
SELECT (SELECT array_agg(offer.id) FROM lead_broadcast_offer offer
         WHERE offer.lead_id = lead.id AND offer.state = 'accepted'),
       (SELECT array_agg(DISTINCT offer.state) FROM lead_broadcast_offer offer
         WHERE offer.lead_id = lead.id AND offer.id <> lead.allocated_offer_id),
       (SELECT count(*) FROM lead_broadcast_offer offer
         WHERE offer.lead_id = lead.id AND offer.state = 'lost'
           AND NOT EXISTS (SELECT FROM lead_broadcast_notice notice
                            WHERE notice.offer_id = offer.id
                              AND notice.event = 'taken')),
       (SELECT count(*) FROM lead_broadcast round
         WHERE round.lead_id = lead.id AND round.state = 'won'),
       (SELECT count(*) FROM lead_broadcast round
         WHERE round.lead_id = lead.id AND round.state = 'open'),
       (SELECT array_agg(DISTINCT notice.offer_id) FROM lead_broadcast_notice notice
         WHERE notice.lead_id = lead.id AND notice.event = 'won'),
       (SELECT count(*) FROM lead_broadcast_notice notice
         WHERE notice.lead_id = lead.id AND notice.event = 'won'
           AND notice.channel = 'mail'),
       (SELECT count(*) FROM lead_broadcast_notice notice
         WHERE notice.lead_id = lead.id AND notice.event = 'allocated'
           AND notice.channel <> 'sms'),  -- people of the winner with a phone get one
       (SELECT count(*) FROM mail_message message
         WHERE message.model = 'crm.lead' AND message.res_id = lead.id
           AND message.body LIKE '%%Allocated to%%'),
       lead.allocated_offer_id
  FROM crm_lead lead
 WHERE lead.id = %s
"""
RECEIVED = """
SELECT message.result, count(reply.id),
       bool_and(reply.state = 'outgoing' AND reply.number = message.number
                AND reply.body = message.reply_body),
       message.offer_id
  FROM lead_broadcast_inbound_sms message
  LEFT JOIN sms_tracker tracker ON tracker.broadcast_inbound_id = message.id
  LEFT JOIN sms_sms reply ON reply.uuid = tracker.sms_uuid
 WHERE message.provider_ref LIKE %s
 GROUP BY message.id
"""
CHANNELS = """
SELECT answer_channel, count(*) FROM lead_broadcast_offer
 WHERE state = 'accepted' GROUP BY answer_channel
"""
ASKED = """
SELECT offer.id, offer.access_token, offer.partner_id, offer.request_code
  FROM lead_broadcast_offer offer
 WHERE offer.lead_id = %s
 ORDER BY offer.distance
"""


class Crowd:
    """32 people with a connection of their own each."""

    def __init__(self, live, database):
        self.live, self.database = live, database
        self.pages = {}

    def log_in(self, lead: int) -> None:
        offers = self.database.rows(ASKED, lead)
        for number in PORTAL:
            session = self.live.client(f"portal{number:02}").session
            self._add_page(("portal", number), session, offers[number], token=False)
        for number in MAIL:
            session = requests.Session()
            self._add_page(("mail", number), session, offers[number], token=True)
        self.gateway = race.Gateway(self.live, self.database)
        first = self.live.client("executive")
        self.staff = {number: race.same_login(first) for number in [*OPERATOR, *STAFF]}
        self.unasked = self.database.column(
            "SELECT id FROM res_partner WHERE name = ANY(%s) ORDER BY name",
            ["Partner 28"],
        )

    def _add_page(self, key, session, offer, *, token):
        page = race.Page(self.live.url, session, token=token)
        page.open(*offer[:2])
        self.pages[key] = page

    def prepare(self, lead: int) -> tuple[list, list]:
        """What each of them is about to do, as functions of nothing; those that only
        repeat the SMS of another come last."""
        offers = self.database.rows(ASKED, lead)
        assert len(offers) == PARTNERS
        answers = [
            functools.partial(page.answer, *offers[number][:2])
            for (_channel, number), page in self.pages.items()
        ]
        for number in OPERATOR:
            call = functools.partial(
                self.staff[number].call,
                "lead.broadcast.offer",
                "action_operator_accept",
                [offers[number][0]],
            )
            answers.append(functools.partial(race.outcome_of, call))
        partners = [offer[2] for offer in offers] + self.unasked
        for number in STAFF:
            client = self.staff[number]
            wizard = client.call(
                "lead.broadcast.allocate",
                "create",
                {"lead_ids": [lead], "partner_id": partners[number]},
            )
            call = functools.partial(
                client.call, "lead.broadcast.allocate", "action_allocate", [wizard]
            )
            answers.append(functools.partial(race.outcome_of, call))
        answers += [self._forward(lead, number, offers[number][3]) for number in SMS]
        repeats = [
            self._forward(lead, number, offers[number][3]) for number in REPEATED * 2
        ]
        return answers, repeats

    def _forward(self, lead, number, code):
        """An SMS to Odoo, delivered through a connection of its own."""
        return functools.partial(
            self.gateway.deliver,
            *(requests.Session(), f"+791255510{number:02}", f"{lead}-{number}"),
            f"Fwd: You have a new service opportunity ({code})",
        )


@pytest.mark.parametrize(
    ("rounds", "workers", "options"),
    [
        pytest.param(50, 2, (), id="workers"),
        # one process with a thread for each answer: all are under way at once
        pytest.param(5, 0, ("--db_maxconn=64",), id="threads"),
    ],
)
def test_one_of_32_simultaneous_accepts_wins(live_server, rounds, workers, options):
    live = live_server(workers=workers, options=options)
    race.build_world(live, rounds, PARTNERS, phones=SMS)
    database = race.Database(live)
    leads = database.column("SELECT id FROM crm_lead ORDER BY id")
    assert len(leads) == rounds
    crowd = Crowd(live, database)
    crowd.log_in(leads[0])

    for lead in leads:
        answers, repeats = crowd.prepare(lead)
        assert len(answers) == 32
        with database.gate("crm_lead", lead, expected=workers or 10):
            outcomes = race.at_once(answers + repeats)
        check_round(database, lead, outcomes[:32])
        check_messages(database, lead, outcomes[-len(SMS) - len(repeats) :])

    retried = race.check_log(live)
    channels = dict(database.rows(CHANNELS))
    print(f"{rounds} rounds, won by {channels}, {retried} requests tried again")


def check_round(database, lead: int, outcomes: list) -> None:
    assert outcomes.count("accepted") == 1, outcomes
    assert set(outcomes) <= {"accepted", "already_yours", "taken"}, outcomes
    [state] = database.rows(STATE, lead)
    (accepted, others, untold, won, still_open, *told, allocated_lines, winner) = state
    assert accepted == [winner]
    assert others == ["lost"]
    assert untold == 0
    assert (won, still_open) == (1, 0)
    assert told == [[winner], 1, 1]
    assert allocated_lines == 1


def check_messages(database, lead: int, outcomes: list) -> None:
    """Each message was handled once and replied to once, whatever its repeats."""
    results = dict(zip(SMS, outcomes, strict=False))
    for number, result in zip(REPEATED * 2, outcomes[len(SMS) :], strict=True):
        assert result == results[number]
    messages = database.rows(RECEIVED, f"operator/{lead}-%")
    assert sorted(row[0] for row in messages) == sorted(results.values())
    assert {row[1:3] for row in messages} == {(1, True)}
    assert len({row[3] for row in messages}) == len(SMS)
