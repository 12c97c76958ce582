from odoo import SUPERUSER_ID, api
from odoo.fields import Command


def migrate(cr, version):
    """Supervisors see the leads of their own teams. Who is one already goes on seeing
    everybody's, until an administrator takes that right away."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    supervisors = env.ref("lead_broadcast.group_supervisor")
    all_leads = env.ref("sales_team.group_sale_salesman_all_leads")
    if all_leads not in supervisors.implied_ids:
        return
    users = supervisors.with_context(active_test=False).all_user_ids
    supervisors.implied_ids = [Command.unlink(all_leads.id)]
    missing = users - all_leads.with_context(active_test=False).all_user_ids
    all_leads.user_ids = [Command.link(user.id) for user in missing]
