"""One slot of reminders: tens of thousands of leads, some hundred people to tell."""

import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.inside import odoo_environment, table

PARTNERS, MASTERS, MEMBERS = 300, 30, 5
LEADS = (2_000, 20_000)
WORLD = Path(__file__).with_name("reminder_world.sql")
# nine o'clock for everybody, tomorrow: no rule or schedule is younger
SLOT = datetime.combine(datetime.now() + timedelta(days=1), datetime.min.time())
NOW = SLOT + timedelta(hours=9, seconds=1)


def main(env) -> int:
    rows = []
    for leads in LEADS:
        with env.database() as name, odoo_environment(env, name) as odoo:
            build(odoo, leads)
            rows += measure(odoo, leads)
    table(["what", "notices", "seconds", "queries"], rows)
    return 0


def build(odoo, leads):
    """Partners with masters, a team, and leads that the partners have."""
    odoo["res.users"].search([]).partner_id.tz = "UTC"
    odoo.company.resource_calendar_id.tz = "UTC"
    master_tier = odoo.ref("lead_broadcast.tier_mtp")

    def create_partners(number, **values):
        return odoo["res.partner"].create(
            [
                {
                    "name": f"Partner {turn}",
                    "is_company": True,
                    "is_service_partner": True,
                    "email": f"office@partner{turn}.example",
                    "tz": "UTC",
                    **values,
                }
                for turn in range(number)
            ]
        )

    masters = create_partners(MASTERS, broadcast_tier_id=master_tier.id)
    for master in masters:
        create_partners(PARTNERS // MASTERS, broadcast_master_id=master.id)
    users = odoo["res.users"].create(
        [
            {"name": f"Member {turn}", "login": f"member{turn}", "tz": "UTC"}
            for turn in range(MEMBERS)
        ]
    )
    users.partner_id.email = "member@sales.example"
    team = odoo["crm.team"].create({"name": "Field", "member_ids": users.ids})
    service = odoo["lead.broadcast.service"].create({"name": "Meter reading"})
    odoo.cr.flush()
    odoo.cr.execute(
        WORLD.read_text(),
        {
            "leads": leads,
            "now": NOW,
            "service": service.id,
            "team": team.id,
            "user": odoo.user.id,
            "company": odoo.company.id,
        },
    )
    odoo.invalidate_all()


def measure(odoo, leads) -> list:
    rows = []

    def timed(what, call):
        """Call once from empty caches, as a cron does."""
        odoo.cr.flush()
        odoo.invalidate_all()
        queries, start = odoo.cr.sql_log_count, time.perf_counter()
        notices = call()
        odoo.cr.flush()
        seconds = time.perf_counter() - start
        rows.append(
            [f"{leads:,} leads: {what}", len(notices), seconds]
            + [odoo.cr.sql_log_count - queries]
        )
        return notices

    def deliver(notices):
        for first in range(0, len(notices), 100):
            notices[first : first + 100]._deliver()
        return notices

    rules = odoo["lead.broadcast.notification.rule"]
    notices = timed("plan a slot", lambda: rules._plan_slots(NOW))
    partners = notices.filtered(lambda notice: notice.recipient_id.is_service_partner)
    timed("digests to partners", lambda: deliver(partners))
    timed("digests to the team", lambda: deliver(notices - partners))
    timed("the same slot again", lambda: rules._plan_slots(NOW))
    return rows
