from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .res_users_backup import BACKUP_DEPENDS


class LeadResponseBackup(models.Model):
    """Who takes over from each of those that work on leads, as of now: so that nobody
    is without, and can be given one by who may not edit users."""

    _name = "lead.response.backup"
    _description = "Back-up"
    _auto = False
    _rec_name = "user_id"
    _order = "user_id"

    user_id = fields.Many2one("res.users", "Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)
    broadcast_backup_id = fields.Many2one(
        "res.users",
        "Named Back-up",
        domain=[("share", "=", False)],
        help="Empty: the leader of the person's team, and of leaders the head of"
        " service.",
    )
    backup_id = fields.Many2one(
        "res.users",
        "Back-up Now",
        readonly=True,
        help="Who gets the leads now: who is absent is skipped.",
    )
    is_absent = fields.Boolean("Absent Now", readonly=True)
    absence_end = fields.Datetime("Absent until", readonly=True)

    _depends = {
        **BACKUP_DEPENDS,
        "res.users": [
            *BACKUP_DEPENDS["res.users"],
            "group_ids",
            "sale_team_id",
            "share",
        ],
    }

    @property
    def _table_query(self):
        Users = self.env["res.users"]
        now = fields.Datetime.now()
        # sudo: who reads this need not read groups
        salesperson = self.env.ref("sales_team.group_sale_salesman").sudo()
        condition = SQL(
            """
            users.active AND NOT users.share AND EXISTS (
                SELECT FROM res_groups_users_rel member
                 WHERE member.uid = users.id AND member.gid = ANY(%s)
            )
            """,
            salesperson.all_implied_by_ids.ids,
        )
        return SQL(
            """
            SELECT users.id,
                   users.id AS user_id,
                   users.company_id,
                   users.sale_team_id AS team_id,
                   users.broadcast_backup_id,
                   backup.backup_id,
                   absence.date_to IS NOT NULL AS is_absent,
                   absence.date_to AS absence_end
              FROM res_users users
         LEFT JOIN (%(backups)s) backup ON backup.user_id = users.id
CROSS JOIN LATERAL (
                       SELECT max(leave.date_to) AS date_to
                         FROM %(leaves)s
                        WHERE owner.user_id = users.id AND %(covers)s
                   ) absence
             WHERE %(condition)s
            """,
            leaves=Users._get_leave_table(),
            covers=Users._get_leave_condition(now),
            backups=Users._get_backup_query(now, condition),
            condition=condition,
        )

    def write(self, vals):
        """Name the back-ups of these people, which is all that can be changed."""
        if vals.keys() - {"broadcast_backup_id"}:
            raise AccessError(
                self.env._("Of back-ups, only who is named can be changed here.")
            )
        result = super().write({})  # checks access; there is no table to write to
        # sudo: administrators of broadcasts need not be those of users
        self.user_id.sudo().write(vals)
        self.invalidate_model()
        return result
