"""Weeks of a large desk: 2,000 leads, 300 partners that answer as people do, staff that
step in, and at every moment the question whether all is as it must be.

The same simulation with a few leads is a test of the addon.
"""

import time
from unittest.mock import patch

from freezegun import freeze_time

from benchmarks.inside import odoo_environment, table

LEADS, PARTNERS, DAYS = 2000, 300, 14


def main(env) -> int:
    with env.database() as name, odoo_environment(env, name) as odoo:
        # Odoo's addons can be imported by now
        from odoo import fields  # noqa: PLC0415
        from odoo.sql_db import BaseCursor  # noqa: PLC0415

        from odoo.addons.lead_broadcast.tests.simulation import (  # noqa: PLC0415
            Simulation,
        )

        start = time.perf_counter()
        with (
            freeze_time("2027-03-01", real_asyncio=True) as clock,
            patch.object(BaseCursor, "now", lambda cursor: fields.Datetime.now()),
        ):
            simulation = Simulation(
                odoo, clock, leads=LEADS, partners=PARTNERS, days=DAYS
            )
            simulation.run()
        seconds = time.perf_counter() - start
        rows = sorted([name, count] for name, count in simulation.counts.items())
        table(["what happened", "times"], rows)
        print(f"{LEADS:,} leads, {PARTNERS} partners: {seconds:.0f} s")
    return 0
