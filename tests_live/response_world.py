"""Read by an Odoo shell: somebody with leads to answer within the hour, and whose turn
it is after that.

The variable ``leads`` says how many.
"""

from odoo.fields import Command

ref = env.ref  # noqa: F821
env["lead.response.policy"].search([("active", "=", True)]).active = False  # noqa: F821
backup, executive = env["res.users"].create(  # noqa: F821
    [
        {
            "name": login.capitalize(),
            "login": login,
            "password": login,
            "email": f"{login}@desk.example",
            "group_ids": [Command.set(ref("lead_broadcast.group_user").ids)],
        }
        for login in ("backup", "executive")
    ]
)
executive.broadcast_backup_id = backup
env["lead.response.policy"].create(  # noqa: F821
    {
        "name": "Within the hour",
        "level_ids": [
            Command.create(
                {"name": "Back-up", "hours": 1, "clock": "always", "action": "backup"}
            )
        ],
    }
)
env["crm.lead"].create(  # noqa: F821
    [
        {"name": f"Lead {number:02}", "type": "lead", "user_id": executive.id}
        for number in range(leads)  # noqa: F821
    ]
)
env.cr.commit()  # noqa: F821
