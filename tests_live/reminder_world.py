"""Read by an Odoo shell: leads that were just allocated, to a partner each, and whose
first reminders are due now.

The variable ``people`` has the numbers of the partners' executives, ``masters`` says
how many master partners there are.
"""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

ref, now = env.ref, fields.Datetime.now()  # noqa: F821
slot = now - timedelta(minutes=10)

env.company.broadcast_sms_number = "+911140001234"  # noqa: F821
executive = env["res.users"].create(  # noqa: F821
    {
        "name": "Executive",
        "login": "executive",
        "email": "executive@desk.example",
        "group_ids": [Command.set(ref("lead_broadcast.group_user").ids)],
    }
)
sellers = env["res.users"].create(  # noqa: F821
    [
        {
            "name": f"Seller {number}",
            "login": f"seller{number}",
            "email": f"seller{number}@desk.example",
            "tz": "UTC",
            "group_ids": [Command.set(ref("sales_team.group_sale_salesman").ids)],
        }
        for number in range(3)
    ]
)
team = env["crm.team"].create(  # noqa: F821
    {"name": "Field Sales", "member_ids": [Command.set(sellers.ids)]}
)
master_companies = env["res.partner"].create(  # noqa: F821
    [
        {
            "name": f"Master {number}",
            "is_company": True,
            "is_service_partner": True,
            "email": f"office@master{number}.example",
            "tz": "UTC",
            "broadcast_tier_id": ref("lead_broadcast.tier_mtp").id,
        }
        for number in range(masters)  # noqa: F821
    ]
)
companies = env["res.partner"].create(  # noqa: F821
    [
        {
            "name": f"Partner {index:03}",
            "is_company": True,
            "is_service_partner": True,
            "email": f"office@partner{index:03}.example",
            "tz": "UTC",
            "broadcast_master_id": master_companies[index % masters].id,  # noqa: F821
        }
        for index in range(len(people))  # noqa: F821
    ]
)
env["res.partner"].create(  # noqa: F821
    [
        {
            "name": f"Executive of {company.name}",
            "parent_id": company.id,
            "email": f"{number[1:]}@people.example",
            "broadcast_alert_number": number,
            "broadcast_alert_authorized": True,
        }
        for company, number in zip(companies, people, strict=True)  # noqa: F821
    ]
)

# what is told once of an allocation: SMS only
rules = env["lead.broadcast.notification.rule"].search([])  # noqa: F821
rules.filtered(
    lambda rule: rule.schedule_id.kind == "once" and rule.channel != "sms"
).active = False
rules.effective_date = now - timedelta(days=1)
schedule = ref("lead_broadcast.schedule_three_daily")
hour = slot.hour + (slot.minute + slot.second / 60) / 60
schedule.time_ids = [Command.clear(), Command.create({"hour": hour})]
schedule.effective_date = now - timedelta(days=1)  # after it: a change counts from now
service = env["lead.broadcast.service"].create({"name": "Meter reading"})  # noqa: F821
leads = (
    env["crm.lead"]  # noqa: F821
    .with_context(tracking_disable=True)
    .create(
        [
            {
                "name": f"Job {index:03}",
                "type": "lead",
                "user_id": executive.id,
                "team_id": team.id,
                "service_id": service.id,
                "service_place": "Tver",
            }
            for index in range(len(people))  # noqa: F821
        ]
    )
)
for lead, company in zip(leads, companies, strict=True):
    lead._allocate(company)
leads.allocated_date = now - timedelta(hours=1)
ref("lead_broadcast.ir_cron_plan_notices")._trigger()
env.cr.commit()  # noqa: F821
