"""A round that is started while another one is, or while somebody accepts."""

import functools

from . import race

ROUNDS = 20  # half of them against another round, half against an answer
SEQUENCES = "SELECT sequence FROM lead_broadcast WHERE lead_id = %s ORDER BY id"
ASKED = "SELECT partner_id FROM lead_broadcast_offer WHERE lead_id = %s"
OPEN = """
SELECT 'round' FROM lead_broadcast WHERE lead_id = %(lead)s AND state = 'open'
 UNION ALL
SELECT 'offer' FROM lead_broadcast_offer WHERE lead_id = %(lead)s AND state = 'open'
"""
WINNERS = """
SELECT count(*) FROM lead_broadcast_offer
 WHERE lead_id = %s AND state = 'accepted'
"""


def test_rounds_at_once(live_server):
    live = live_server(workers=2)
    race.build_world(live, ROUNDS, partners=2)
    database = race.Database(live)
    leads = database.column("SELECT id FROM crm_lead ORDER BY id")
    executive = live.client("executive")
    page = race.Page(live.url, live.client("portal00").session, token=False)
    page.open(*database.offers(leads[0])[0])

    def send(lead):
        """Another round for a lead, in which the two partners left are asked."""
        client = race.same_login(executive)
        wizard = client.call(
            "lead.broadcast.wizard", "create", {"lead_ids": [[6, 0, [lead]]]}
        )
        call = functools.partial(
            client.call, "lead.broadcast.wizard", "action_send", [wizard]
        )
        return functools.partial(race.outcome_of, call, "sent")

    for lead in leads[::2]:
        with database.gate("crm_lead", lead, expected=2):
            outcomes = race.at_once([send(lead), send(lead)])
        assert "sent" in outcomes and "Nobody is selected" in "".join(outcomes)
        assert database.column(SEQUENCES, lead) == [1, 2]
        asked = database.column(ASKED, lead)
        assert len(asked) == len(set(asked)) == 4

    for lead in leads[1::2]:
        offer = database.offers(lead)[0]
        with database.gate("crm_lead", lead, expected=2):
            outcomes = race.at_once(
                [functools.partial(page.answer, *offer), send(lead)]
            )
        assert outcomes[0] == "accepted" and outcomes[1] in ("sent", "taken")
        assert database.column(WINNERS, lead) == [1]
        with database.connection.cursor() as cursor:
            cursor.execute(OPEN, {"lead": lead})
            assert cursor.fetchall() == []
    assert race.check_log(live) >= ROUNDS  # in each, one had to try again
    database.close()
