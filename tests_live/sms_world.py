"""Read by an Odoo shell: executives of two companies, services, and the partners whose
people get SMS about them.

The variable ``services`` says who: ``{service: [(language, number), ...]}``, a partner
for each; ``texts`` are the offer's texts in other languages, ``{language: text}``.
"""

from odoo.fields import Command

ref, town = env.ref, (56.8587, 35.9176)  # noqa: F821

for login, company in (
    ("executive", ref("base.main_company")),
    ("sister", env["res.company"].create({"name": "Sister Company"})),  # noqa: F821
):
    env["res.users"].create(  # noqa: F821
        {
            "name": login.capitalize(),
            "login": login,
            "password": login,
            "email": f"{login}@desk.example",
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(ref("lead_broadcast.group_user").ids)],
        }
    )
template = ref("lead_broadcast.sms_template_offered")
for lang, text in texts.items():  # noqa: F821
    env["res.lang"]._activate_lang(lang)  # noqa: F821
    template.with_context(lang=lang).body = text

for name, people in services.items():  # noqa: F821
    service = env["lead.broadcast.service"].create(  # noqa: F821
        {"name": name, "wave_size": len(people), "radius_km": 50}
    )
    companies = env["res.partner"].create(  # noqa: F821
        [
            {
                "name": f"Partner {number}",
                "is_company": True,
                "is_service_partner": True,
                "lang": lang,
                "partner_latitude": town[0],
                "partner_longitude": town[1],
                "broadcast_service_ids": [Command.link(service.id)],
            }
            for lang, number in people
        ]
    )
    env["res.partner"].create(  # noqa: F821
        [
            {
                "name": f"Executive {number}",
                "parent_id": company.id,
                "email": f"{number[1:]}@partner.example",
                "lang": lang,
                "broadcast_alert_number": number,
                "broadcast_alert_authorized": True,
            }
            for (lang, number), company in zip(people, companies, strict=True)
        ]
    )
env.cr.commit()  # noqa: F821
