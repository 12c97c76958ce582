"""A lead is given to a team of ours while partners accept it: exactly one gets it."""

import collections
import functools

import requests

from . import race

ROUNDS, PARTNERS = 30, 2
STATE = """
SELECT lead.allocated_offer_id, team.name->>'en_US', lead.broadcast_state,
       (SELECT array_agg(offer.state ORDER BY offer.state)
          FROM lead_broadcast_offer offer WHERE offer.lead_id = lead.id),
       (SELECT array_agg(round.state)
          FROM lead_broadcast round WHERE round.lead_id = lead.id),
       (SELECT array_agg(DISTINCT notice.event ORDER BY notice.event)
          FROM lead_broadcast_notice notice
         WHERE notice.lead_id = lead.id AND notice.event IN ('taken', 'won')),
       (SELECT array_agg(DISTINCT notice.slot) FROM lead_broadcast_notice notice
         WHERE notice.lead_id = lead.id AND notice.event = 'allocated'),
       (SELECT array_agg(substring(message.body FROM 'Allocated to|Given to'))
          FROM mail_message message
         WHERE message.model = 'crm.lead' AND message.res_id = lead.id
           AND message.body ~ 'Allocated to|Given to')
  FROM crm_lead lead
  LEFT JOIN crm_team team ON team.id = lead.allocated_team_id
 WHERE lead.id = %s
"""


def test_team_or_partner(live_server):
    live = live_server(workers=3)
    race.build_world(live, ROUNDS, PARTNERS)
    database = race.Database(live)
    leads = database.column("SELECT id FROM crm_lead ORDER BY id")
    team = create_team(live.client())
    executive = live.client("executive")
    operator = race.same_login(executive)
    page = race.Page(live.url, requests.Session(), token=True)
    page.open(*database.offers(leads[0])[0])

    winners = collections.Counter()
    for lead in leads:
        (by_mail, token), (by_phone, _token) = database.offers(lead)
        accept = functools.partial(
            operator.call, "lead.broadcast.offer", "action_operator_accept", [by_phone]
        )
        answers = [
            give(executive, lead, team),
            functools.partial(page.answer, by_mail, token),
            functools.partial(race.outcome_of, accept),
        ]
        with database.gate("crm_lead", lead, expected=len(answers)):
            outcomes = race.at_once(answers)
        assert sorted(outcomes) == ["accepted", "taken", "taken"], outcomes
        by_team = outcomes[0] == "accepted"
        check(database, lead, by_team=by_team)
        winners["team" if by_team else "partner"] += 1
    retried = race.check_log(live)
    assert retried >= ROUNDS  # in each, some had to try again
    print(f"{ROUNDS} rounds, won by {dict(winners)}, {retried} requests tried again")
    database.close()


def create_team(admin) -> int:
    """A team with somebody in it, who is told of what it gets."""
    return admin.call(
        "crm.team",
        "create",
        {"name": "Field Sales", "member_ids": [[6, 0, [admin.uid]]]},
    )


def give(client, lead: int, team: int):
    """Staff that are about to give a lead to a team, as by the button on its form."""
    action = client.call("crm.lead", "action_allocate", [lead])
    wizard = client.call(
        *("lead.broadcast.allocate", "create", {"kind": "team", "team_id": team}),
        context=action["context"],
    )
    call = functools.partial(
        client.call, "lead.broadcast.allocate", "action_allocate", [wizard]
    )
    return functools.partial(race.outcome_of, call)


def check(database, lead: int, *, by_team: bool) -> None:
    [(winner, team, state, offers, rounds, told, slots, story)] = database.rows(
        STATE, lead
    )
    assert state == "allocated"
    if by_team:
        assert (winner, team) == (None, "Field Sales")
        assert (offers, rounds) == (["lost", "lost"], ["cancelled"])
        assert told == ["taken"] and story == ["Given to"]
        assert len(slots) == 1 and slots[0].startswith("message-")
    else:
        assert winner and team is None
        assert (offers, rounds) == (["accepted", "lost"], ["won"])
        assert told == ["taken", "won"] and story == ["Allocated to"]
        assert slots == [f"offer-{winner}"]
