"""From the button to the mail: broadcasting, accepting, delivering."""

import time

from benchmarks.inside import odoo_environment, table

PARTNERS, LEADS, NOTICES = 10, 100, 1000


def main(env) -> int:
    with env.database() as name, odoo_environment(env, name) as odoo:
        return measure(odoo)


def build(odoo):
    """Ten partners in one town, and as many leads as are needed."""
    service = odoo["lead.broadcast.service"].create(
        {"name": "Meter reading", "wave_size": PARTNERS, "validity_hours": 4}
    )
    odoo["res.partner"].create(
        [
            {
                "name": f"Partner {number}",
                "is_company": True,
                "is_service_partner": True,
                "email": f"office@partner{number}.example",
                "partner_latitude": 56.86 + number / 1000,
                "partner_longitude": 35.92,
                "broadcast_service_ids": [(4, service.id)],
            }
            for number in range(PARTNERS)
        ]
    )
    return odoo["crm.lead"].create(
        [
            {
                "name": f"Lead {number}",
                "type": "lead",
                "service_id": service.id,
                "service_place": "Tver",
                "service_latitude": 56.86,
                "service_longitude": 35.92,
            }
            for number in range(LEADS + 2)
        ]
    )


def measure(odoo) -> int:
    leads = build(odoo)
    odoo.cr.flush()
    rows = []

    def timed(what, call):
        """Call once from empty caches, as a request does; seconds and queries."""
        odoo.cr.flush()
        odoo.invalidate_all()
        queries, start = odoo.cr.sql_log_count, time.perf_counter()
        result = call()
        odoo.cr.flush()
        seconds = time.perf_counter() - start
        rows.append([what, seconds, odoo.cr.sql_log_count - queries])
        return result

    def broadcast(leads):
        return leads._broadcast(odoo["lead.broadcast.audience"]._find(leads))

    warm_up, one, many = leads[0], leads[1], leads[2:]
    broadcast(warm_up).offer_ids[0]._accept("portal", odoo.user.partner_id)
    rounds = timed(f"broadcast 1 lead to {PARTNERS} partners", lambda: broadcast(one))
    offer = rounds.offer_ids[0]
    timed(
        f"broadcast {LEADS} leads to {PARTNERS} partners each", lambda: broadcast(many)
    )
    timed(
        f"accept, {PARTNERS - 1} others told",
        lambda: offer._accept("portal", odoo.user.partner_id),
    )
    notices = odoo["lead.broadcast.notice"].search(
        [("state", "=", "pending"), ("event", "=", "offered")], limit=NOTICES
    )
    # a real delivery commits; here the cron's batches are measured without that
    notices = notices._filter_true()

    def deliver():
        for first in range(0, len(notices), 100):
            notices[first : first + 100]._deliver()

    timed(f"render and queue {len(notices)} mails", deliver)
    table(["what", "seconds", "queries"], rows)
    return 0
