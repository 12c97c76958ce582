"""Read by an Odoo shell: what an attacker of the SMS routes would like to change.

Two leads are offered to partners whose people answer by SMS, one has been won. The
gateways and accounts of two companies are set up; those of the second one are out of
reach.
"""

from odoo.fields import Command

ref, town = env.ref, (56.8587, 35.9176)  # noqa: F821
company = ref("base.main_company")
other = env["res.company"].create({"name": "Other Company"})  # noqa: F821
(company + other).country_id = ref("base.ru")
for number, owner in enumerate((company, other)):
    owner.write(
        {
            "broadcast_sms_number": "+79125550000",
            "sms_twilio_account_sid": f"AC{number:032}",
            "sms_twilio_auth_token": f"token of {owner.id}",
        }
    )
    env["lead.broadcast.kannel.gateway"].create(  # noqa: F821
        {
            "company_id": owner.id,
            "username": "odoo",
            "password": "odoo",
            "url": "http://127.0.0.1:9/",
            # the attacker sits on 127.0.0.1
            "allowed_addresses": "192.0.2.1" if owner == other else "127.0.0.1",
        }
    )
service = env["lead.broadcast.service"].create(  # noqa: F821
    {"name": "Meter reading", "wave_size": 6, "radius_km": 50}
)
partners = env["res.partner"].create(  # noqa: F821
    [
        {
            "name": f"Partner {number}",
            "is_company": True,
            "is_service_partner": True,
            "email": f"office@partner{number}.example",
            "partner_latitude": town[0] + number / 1000,
            "partner_longitude": town[1],
            "broadcast_service_ids": [Command.link(service.id)],
        }
        for number in range(6)
    ]
)
people = env["res.partner"].create(  # noqa: F821
    [
        {
            "name": f"Executive of {partner.name}",
            "parent_id": partner.id,
            "broadcast_alert_number": f"+7912555100{number}",
            # the last two wait for their owner
            "broadcast_alert_authorized": number < 4,
        }
        for number, partner in enumerate(partners)
    ]
)
leads = env["crm.lead"].create(  # noqa: F821
    [
        {
            "name": f"Lead {number}",
            "type": "lead",
            "service_id": service.id,
            "service_place": "Tver",
            "service_latitude": town[0],
            "service_longitude": town[1],
        }
        for number in range(3)
    ]
)
leads._broadcast(leads.env["lead.broadcast.audience"]._find(leads))
won = leads[2].offer_ids.filtered(lambda offer: offer.partner_id == partners[0])
won._accept("operator", people[0])
env.cr.commit()  # noqa: F821
env["lead.broadcast.notice"]._cron_send()  # noqa: F821
env.cr.commit()  # noqa: F821
