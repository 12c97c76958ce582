"""The server is killed while it sends: nothing is lost, and nothing sent twice."""

import collections
import functools
import re

from . import race

ROUNDS, PARTNERS = 10, 20
NOTICES = ROUNDS * PARTNERS
LINK = re.compile(r"/my/offers/(\d+)\?")
COUNTS = """
SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'sent')
  FROM lead_broadcast_notice WHERE event = 'offered' AND channel = 'mail'
"""


def told_offers(live) -> collections.Counter:
    """How many mails there are for each offer; core's own mails do not count."""
    bodies = (mail.get_body(("html",)) for mail in live.sink.messages())
    links = (LINK.search(body.get_content()) for body in bodies if body)
    return collections.Counter(int(link[1]) for link in links if link)


def test_killed_while_sending(live_server):
    live = live_server(workers=2, crons=1)
    race.build_world(live, ROUNDS, PARTNERS)
    database = race.Database(live)

    run_until = functools.partial(race.wait_for_crons, live)

    def kill():
        live.server.kill()
        live.restart()

    # first while notices become mails, then while mails go out
    run_until(lambda: database.rows(COUNTS)[0][1], "the first batch of notices")
    kill()
    run_until(lambda: len(list(live.sink.folder.glob("*.eml"))) > 20, "some mails")
    kill()
    run_until(
        lambda: (
            database.rows(COUNTS) == [(0, NOTICES)]
            and not database.rows("SELECT FROM mail_mail WHERE state = 'outgoing'")
        ),
        "all notices sent",
    )

    told = told_offers(live)
    offers = database.column("SELECT id FROM lead_broadcast_offer")
    assert sorted(told) == sorted(offers)
    # the one in flight at the moment of a kill may come again
    assert told.total() <= NOTICES + 2, told.most_common(5)
    failed = database.rows(
        "SELECT mail.failure_reason FROM mail_mail mail"
        " JOIN mail_message message ON message.id = mail.mail_message_id"
        " WHERE mail.state = 'exception' AND message.model = 'lead.broadcast.offer'"
    )
    assert not failed
    print(f"{NOTICES} notices, {told.total()} mails")
    database.close()
