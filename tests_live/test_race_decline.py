"""The last two partners decline at the same moment: the round must end all the same."""

import functools

from . import race

ROUNDS = 10
STATE = """
SELECT round.state, round.open_offer_count, round.declined_offer_count,
       lead.broadcast_state,
       (SELECT array_agg(offer.state) FROM lead_broadcast_offer offer
         WHERE offer.lead_id = lead.id),
       (SELECT count(*) FROM lead_broadcast_notice notice
         WHERE notice.lead_id = lead.id AND notice.event = 'exhausted'),
       (SELECT count(*) FROM mail_message message
         WHERE message.model = 'crm.lead' AND message.res_id = lead.id
           AND message.body LIKE '%%nobody took it: 2 declined%%')
  FROM crm_lead lead
  JOIN lead_broadcast round ON round.lead_id = lead.id
 WHERE lead.id = %s
"""


def test_last_two_decline_at_once(live_server):
    live = live_server(workers=2)
    race.build_world(live, ROUNDS, partners=2)
    database = race.Database(live)
    rounds = database.rows("SELECT lead_id, id FROM lead_broadcast ORDER BY id")
    [reason] = database.column(
        "SELECT res_id FROM ir_model_data WHERE name = 'decline_reason_other'"
    )
    executive = live.client("executive")
    page = race.Page(live.url, live.client("portal00").session, token=False)
    page.open(*database.offers(rounds[0][0])[0])

    for lead, broadcast in rounds:
        in_portal, by_phone = database.offers(lead)
        wizard = executive.call(
            "lead.broadcast.decline",
            "create",
            {"offer_id": by_phone[0], "reason_id": reason},
        )
        tell = functools.partial(
            executive.call, "lead.broadcast.decline", "action_decline", [wizard]
        )
        answers = [
            functools.partial(page.answer, *in_portal, "decline", reason_id=reason),
            functools.partial(race.outcome_of, tell, "declined"),
        ]
        # both have declined, neither sees the other, when they get to their round
        with database.gate("lead_broadcast", broadcast, expected=2):
            outcomes = race.at_once(answers)

        assert outcomes == ["declined", "declined"]
        [state] = database.rows(STATE, lead)
        assert state[:4] == ("expired", 0, 2, "exhausted")
        assert state[4:] == (["declined", "declined"], 1, 1)
    assert race.check_log(live) >= ROUNDS  # in each, one had to try again
    database.close()
