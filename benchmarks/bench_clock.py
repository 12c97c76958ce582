"""100,000 response clocks that run, and a pass over 1,000 whose time is over.

What a pass costs must not depend on the clocks that still run.
"""

import time
from datetime import timedelta
from pathlib import Path

from odoo.fields import Command

from benchmarks.inside import odoo_environment, table

LEADS, DUE, USERS = 100_000, 1_000, 200
ACTIONS = ("alert", "management", "backup")
QUERIES_A_LEAD = 12.0  # more would be out of proportion

_WORLD = Path(__file__).with_name("clock_world.sql")


def main(env) -> int:
    with env.database() as name, odoo_environment(env, name) as odoo:
        level = build(odoo)
        idle = run_clocks(odoo)
        rows = [["nothing is due", 0, *idle, 0.0]]
        for action in ACTIONS:
            level.action = action
            let_run_out(odoo)
            queries, seconds = run_clocks(odoo)
            rows.append(
                [f"{DUE:,} due: {action}", DUE, queries, seconds, queries / DUE]
            )
        table(["a pass", "leads", "queries", "seconds", "queries a lead"], rows)
    if max(row[-1] for row in rows) > QUERIES_A_LEAD:
        print(f"A lead took more than {QUERIES_A_LEAD} queries.")
        return 1
    return 0


def build(odoo):
    """People with back-ups, a policy, and leads that wait; return its second level."""
    odoo["lead.response.policy"].search([("active", "=", True)]).active = False
    policy = odoo["lead.response.policy"].create(
        {
            "name": "Answer",
            "level_ids": [
                Command.create({"sequence": turn, "name": f"Level {turn}", "hours": 8})
                for turn in range(5)
            ],
        }
    )
    groups = odoo.ref("lead_broadcast.group_user") + odoo.ref("base.group_user")
    users = odoo["res.users"].create(
        [
            {
                "name": f"Executive {turn}",
                "login": f"executive{turn}",
                "email": f"executive{turn}@clock.example",
                "group_ids": groups.ids,
            }
            for turn in range(USERS)
        ]
    )
    for user, backup in zip(users, users[1:] + users[:1], strict=True):
        user.broadcast_backup_id = backup
    odoo.cr.flush()
    odoo.cr.execute(
        _WORLD.read_text(),
        {
            "leads": LEADS,
            "now": odoo.cr.now(),
            "service": odoo["lead.broadcast.service"].create({"name": "Meters"}).id,
            "users": users.ids,
            "team": odoo["crm.team"].create({"name": "Support"}).id,
            "company": odoo.company.id,
            "policy": policy.id,
            "level": policy.level_ids[0].id,
        },
    )
    odoo.invalidate_all()
    return policy.level_ids[1]


def let_run_out(odoo) -> None:
    """Let the time of leads be over that were never escalated here before."""
    odoo.cr.execute(
        """
        WITH due AS (
            SELECT id, response_assignment_id FROM crm_lead
             WHERE response_level = 1 AND response_deadline > %(now)s
             ORDER BY id LIMIT %(due)s
        ), started AS (
            UPDATE lead_response_assignment SET level_start_date = %(long_ago)s
              FROM due WHERE due.response_assignment_id = lead_response_assignment.id
        )
        UPDATE crm_lead SET response_deadline = %(over)s
          FROM due WHERE due.id = crm_lead.id
        """,
        {
            "now": odoo.cr.now(),
            "due": DUE,
            "over": odoo.cr.now() - timedelta(hours=1),
            "long_ago": odoo.cr.now() - timedelta(days=30),
        },
    )
    odoo.invalidate_all()


def run_clocks(odoo) -> tuple[int, float]:
    """Look at the clocks as the cron does; queries and seconds of one pass."""
    queries, start = odoo.cr.sql_log_count, time.perf_counter()
    odoo["crm.lead"]._cron_run_clocks()
    return odoo.cr.sql_log_count - queries, time.perf_counter() - start
