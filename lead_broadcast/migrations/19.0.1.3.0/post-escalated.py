from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, convert_file

# what they said as long as nothing was escalated
FORMER_TEXTS = {
    "mail": (["body_html", "subject"], "had no response in time: "),
    "sms": (["body"], "had no response in time. Please take care of it."),
}


def migrate(cr, version):
    """Escalations happen now: their texts say who had the lead and who has it, unless
    somebody wrote others, and the supervisor is told."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for kind, (names, former) in FORMER_TEXTS.items():
        template = env.ref(
            f"lead_broadcast.{kind}_template_escalated", raise_if_not_found=False
        )
        if not template or former not in (template[names[0]] or ""):
            continue
        path = f"data/{kind}_template_response_data.xml"
        convert_file(env, "lead_broadcast", path, {}, mode="init", noupdate=True)
        template.flush_recordset()
        for name in names:  # translations of the former text: others are loaded next
            cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(name)s ="
                    " jsonb_build_object('en_US', %(name)s->'en_US') WHERE id = %(id)s",
                    table=SQL.identifier(template._table),
                    name=SQL.identifier(name),
                    id=template.id,
                )
            )
        template.invalidate_recordset(names, flush=False)
    rule = env.ref(
        "lead_broadcast.notification_rule_escalated_supervisor_mail",
        raise_if_not_found=False,
    )
    if rule:
        rule.active = True
