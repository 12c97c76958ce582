"""Read by an Odoo shell after world.py: more people of the partners, and SMS.

Nadia of Nimbus is its owner and has no number; Ravi has neither a number nor the right;
Farah and Vijay of Verma have a number, but Farah may not get SMS.
"""

from odoo.fields import Command

ref = env.ref  # noqa: F821  (given by the shell)
Users = env["res.users"].with_context(no_reset_password=True)  # noqa: F821

ref("base.main_company").broadcast_sms_number = "+911140001234"
# nobody is there: messages stay in the queue
env["ir.config_parameter"].set_param("sms.endpoint", "http://127.0.0.1:9")  # noqa: F821

nadia = Users.search([("login", "=", "nimbus")]).partner_id
nadia.broadcast_role = "owner"
vijay = Users.search([("login", "=", "verma")]).partner_id
vijay.write(
    {
        "broadcast_role": "owner",
        "broadcast_alert_number": "+919899955511",
        "broadcast_alert_authorized": True,
    }
)
env["res.partner"].create(  # noqa: F821
    {
        "name": "Farah of Nimbus",
        "parent_id": nadia.parent_id.id,
        "broadcast_alert_number": "+919899955502",
    }
)
ravi = Users.create(
    {
        "name": "Ravi of Nimbus",
        "login": "ravi",
        "password": "ravi",
        "email": "ravi@people.example",
        "group_ids": [Command.set(ref("base.group_portal").ids)],
    }
)
ravi.partner_id.parent_id = nadia.parent_id
env.cr.commit()  # noqa: F821
