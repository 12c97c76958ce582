"""Read by an Odoo shell: leads that have just come in, each of which is to be offered
to two partners in three steps, and then handed to a person.

The variable ``leads`` says how many.
"""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

ref, town = env.ref, (56.8587, 35.9176)  # noqa: F821

executive = env["res.users"].create(  # noqa: F821
    {
        "name": "Executive",
        "login": "executive",
        "email": "executive@desk.example",
        "group_ids": [Command.set(ref("lead_broadcast.group_user").ids)],
    }
)
env.company.broadcast_silence_limit = 0  # noqa: F821  (nobody will answer)
service = env["lead.broadcast.service"].create(  # noqa: F821
    {"name": "Meter reading", "wave_size": 2, "radius_km": 0}
)
env["lead.broadcast.ladder"].create(  # noqa: F821
    {
        "name": "Three steps",
        "sequence": 0,
        "domain": f"[('service_id', '=', {service.id})]",
        "auto_start": True,
        "step_ids": [
            *(
                Command.create(
                    {
                        "name": f"Step {number}",
                        "sequence": number,
                        "audience": "nearest",
                        "validity_hours": 1,
                        "by_sms": False,
                        "by_inbox": False,
                    }
                )
                for number in (1, 2, 3)
            ),
            Command.create({"name": "By hand", "sequence": 4, "audience": "people"}),
        ],
    }
)
env["res.partner"].create(  # noqa: F821
    [
        {
            "name": f"Partner {number:02}",
            "is_company": True,
            "is_service_partner": True,
            "email": f"office@partner{number:02}.example",
            "partner_latitude": town[0],
            "partner_longitude": town[1],
            "broadcast_service_ids": [Command.link(service.id)],
        }
        for number in range(10)
    ]
)
env["crm.lead"].with_user(executive).create(  # noqa: F821
    [
        {
            "name": f"Job {number:03}",
            "type": "lead",
            "user_id": executive.id,
            "service_id": service.id,
            "service_place": "Tver",
            "service_latitude": town[0],
            "service_longitude": town[1],
            "closure_date": fields.Date.today() + timedelta(days=60),
        }
        for number in range(leads)  # noqa: F821
    ]
)
env.cr.commit()  # noqa: F821
