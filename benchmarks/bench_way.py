"""Who is on the way: partners whose jobs lead them to an end of a lead anyway.

Of 20,000 jobs that are to be done only those near by are looked at: a few milliseconds
a lead. A busy machine takes longer, so only what is out of proportion fails.
"""

import contextlib
from pathlib import Path
from unittest.mock import patch

import psycopg2

from benchmarks.inside import median_ms, odoo_environment, table

PARTNERS, JOBS, LEADS = 2_000, 20_000, 100
LIMIT_MS = 20.0

_WORLD = Path(__file__).with_name("way_world.sql")


def main(env) -> int:
    with env.database() as name:
        build(env.dsn(name))
        with odoo_environment(env, name) as odoo:
            return measure(odoo)


def build(dsn: str) -> None:
    counts = {"partners": PARTNERS, "jobs": JOBS, "leads": LEADS}
    with contextlib.closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(_WORLD.read_text(), counts)
            # as autovacuum leaves a database that is in use
            cursor.execute("VACUUM ANALYZE")


def measure(odoo) -> int:
    audience = odoo["lead.broadcast.audience"]
    leads = odoo["crm.lead"].search([("name", "=", "New")], order="id")
    few = leads[:3]  # without the index a search takes long
    step = odoo["lead.broadcast.ladder.step"].new(
        {"audience": "on_the_way", "way_km": 50, "way_days": 2}
    )

    def search(leads) -> float:
        return median_ms(lambda: audience._find_on_the_way(step, leads)) / len(leads)

    found = audience._find_on_the_way(step, leads)
    rows = [["1 lead", search(leads[0])], ["100 leads", search(leads)]]
    asked = median_ms(lambda: audience._find_for_step(step, leads)) / len(leads)
    rows.append(["100 leads, and whether the partners are available", asked])
    with patch.object(type(audience), "_has_place_index", lambda self: False):
        plain = audience._find_on_the_way(step, few)
        rows.append(["3 leads, without the cube extension", search(few)])

    partners = sum(len(ways) for ways in found.values())
    print(f"{JOBS:,} jobs of {PARTNERS:,} partners; {partners} on {LEADS} leads' way")
    table(["search", "ms a lead"], rows)
    failed = False
    if any(found[lead] != plain[lead] for lead in few):
        print("With and without the cube extension the results differ.")
        failed = True
    if rows[1][1] > LIMIT_MS:
        print(f"More than {LIMIT_MS} ms a lead.")
        failed = True
    return int(failed)
