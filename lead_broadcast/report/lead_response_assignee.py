from odoo import api, fields, models
from odoo.tools import SQL


class LeadResponseAssignee(models.Model):
    """Whoever can have a lead: persons, service partners and teams in one column, so
    that reports group by all of them at once, and namesakes stay apart."""

    _name = "lead.response.assignee"
    _description = "Assignee"
    _auto = False
    _rec_names_search = ["user_id", "partner_id", "team_id"]

    user_id = fields.Many2one("res.users", "Person", readonly=True)
    partner_id = fields.Many2one("res.partner", "Service Partner", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)

    _depends = {"res.users": ["active"], "res.partner": ["active"], "crm.team": ["id"]}

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT %s AS id, id AS user_id, NULL::integer AS partner_id,
                   NULL::integer AS team_id
              FROM res_users
             UNION ALL
            SELECT %s, NULL, id, NULL FROM res_partner
             UNION ALL
            SELECT %s, NULL, NULL, id FROM crm_team
            """,
            self._get_id_sql(user=SQL.identifier("id")),
            self._get_id_sql(partner=SQL.identifier("id")),
            self._get_id_sql(team=SQL.identifier("id")),
        )

    @api.model
    def _get_id_sql(self, partner=None, user=None, team=None):
        """Return the expression of an assignee's id, the first of these that is one:
        of a team's lead that a person of it has, the person.

        :param SQL partner: expression of a ``res.partner`` id, as are the others
        """
        null = SQL("NULL")
        return SQL(
            "COALESCE(3 * %s, 3 * %s + 1, 3 * %s + 2)",
            partner or null,
            user or null,
            team or null,
        )

    @api.depends("user_id", "partner_id", "team_id")
    def _compute_display_name(self):
        for assignee in self:
            holder = assignee.partner_id or assignee.user_id or assignee.team_id
            assignee.display_name = holder.display_name
