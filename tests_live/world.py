"""Read by an Odoo shell: an executive, a customer, and partners around it."""

from odoo.fields import Command

ref = env.ref  # noqa: F821  (given by the shell)

service = env["lead.broadcast.service"].create(  # noqa: F821
    {"name": "Data Rectification", "wave_size": 5, "radius_km": 30}
)
place = {"city": "New Delhi", "country_id": ref("base.in").id}
env["res.partner"].create(  # noqa: F821
    {
        "name": "Asha Traders",
        "phone": "+91 98100 12345",
        "email": "asha@traders.example",
        "partner_latitude": 28.5494,
        "partner_longitude": 77.2001,
        **place,
    }
)
companies = env["res.partner"].create(  # noqa: F821
    [
        {
            "name": name,
            "email": f"office@{login}.example",
            "is_company": True,
            "is_service_partner": True,
            "broadcast_service_ids": [Command.link(service.id)],
            "broadcast_paused_until": paused_until,
            "partner_latitude": latitude,
            "partner_longitude": 77.2,
            **place,
        }
        for name, login, latitude, paused_until in (
            ("Nimbus IT", "nimbus", 28.56, False),
            ("Verma & Sons", "verma", 28.60, False),
            ("Kite Systems", "kite", 28.61, "2099-01-01"),
        )
    ]
)
users = env["res.users"].with_context(no_reset_password=True)  # noqa: F821
for login, name, group, company in (
    ("exec", "Elena Executive", "lead_broadcast.group_user", False),
    ("nimbus", "Nadia of Nimbus", "base.group_portal", companies[0].id),
    ("verma", "Vijay of Verma", "base.group_portal", companies[1].id),
):
    user = users.create(
        {
            "name": name,
            "login": login,
            "password": login,
            "email": f"{login}@people.example",
            "group_ids": [Command.set(ref(group).ids)],
        }
    )
    user.partner_id.parent_id = company
env.cr.commit()  # noqa: F821
