"""Read by an Odoo shell: a town of partners, and one lead for each round of a race.

The variables ``rounds`` and ``partners`` say how many, ``phones`` which of the partners
answer by SMS.
"""

from odoo.fields import Command

ref, town = env.ref, (56.8587, 35.9176)  # noqa: F821

executive = env["res.users"].create(  # noqa: F821
    {
        "name": "Executive",
        "login": "executive",
        "password": "executive",
        "email": "executive@desk.example",
        "group_ids": [Command.set(ref("lead_broadcast.group_user").ids)],
    }
)
service = executive.env["lead.broadcast.service"].create(
    {
        "name": "Meter reading",
        "wave_size": partners,  # noqa: F821
        "radius_km": 50,
        "validity_hours": 4,
        "closure_delay_days": 7,
    }
)
companies = executive.env["res.partner"].create(
    [
        {
            "name": f"Partner {number:02}",
            "is_company": True,
            "is_service_partner": True,
            "email": f"office@partner{number:02}.example",
            "partner_latitude": town[0] + number / 1000,
            "partner_longitude": town[1],
            "broadcast_service_ids": [Command.link(service.id)],
        }
        # two more than are asked: staff may give them a lead all the same
        for number in range(partners + 2)  # noqa: F821
    ]
)
executive.env["res.users"].with_context(no_reset_password=True).create(
    [
        {
            "name": f"Executive of {company.name}",
            "login": f"portal{number:02}",
            "password": f"portal{number:02}",
            "email": f"portal{number:02}@partner.example",
            "parent_id": company.id,
            "group_ids": [Command.set(ref("base.group_portal").ids)],
        }
        for number, company in enumerate(companies[:10])
    ]
)
if phones:  # noqa: F821
    company = executive.company_id.sudo()
    company.broadcast_sms_number = "+79125550000"
    company.broadcast_sms_reply_limit = 1000  # rounds follow each other within the hour
    env["lead.broadcast.kannel.gateway"].create(  # noqa: F821
        {"company_id": company.id, "username": "odoo", "password": "odoo"}
    )
    env["res.partner"].create(  # noqa: F821
        [
            {
                "name": f"Phone of {companies[number].name}",
                "parent_id": companies[number].id,
                "broadcast_alert_number": f"+791255510{number:02}",
                "broadcast_alert_authorized": True,
            }
            for number in phones  # noqa: F821
        ]
    )
leads = (
    executive.env["crm.lead"]
    .create(
        [
            {
                "name": f"Round {number:02}",
                "type": "lead",
                "user_id": executive.id,
                "service_id": service.id,
                "service_place": "Tver",
                "service_latitude": town[0],
                "service_longitude": town[1],
            }
            for number in range(rounds)  # noqa: F821
        ]
    )
    .with_user(executive)
)
leads._broadcast(leads.env["lead.broadcast.audience"]._find(leads))
executive.env.cr.commit()
