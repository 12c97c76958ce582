from odoo import api, fields, models
from odoo.tools import SQL


class ResUsers(models.Model):
    """Who is away: whoever is archived, or has time off in the calendar of a resource
    of theirs, where the Time Off app writes it, too."""

    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self.env["crm.lead"]._set_absence_alarm([fields.Datetime.now()])
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _filter_absent(self, moment):
        """Return those of these people that are not there at a moment, in UTC."""
        return self.browse(self._get_absences(moment))

    def _get_absences(self, moment):
        """Return until when these people are absent at a moment, of those who are.

        :param datetime moment: in UTC
        :return: ``{id: end}``, the end in UTC, or None: nobody knows
        """
        if not self.ids:
            return {}
        self._flush_backups()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT users.id,
                           CASE WHEN users.active THEN max(leave.date_to) END
                      FROM res_users users
                 LEFT JOIN %(leaves)s
                        ON owner.user_id = users.id AND %(covers)s
                     WHERE users.id = ANY(%(ids)s)
                       AND (leave.id IS NOT NULL OR NOT users.active)
                  GROUP BY users.id
                    """,
                    leaves=self._get_leave_table(),
                    covers=self._get_leave_condition(moment),
                    ids=self.ids,
                )
            )
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _get_absent_condition(self, users, moment):
        """Return when a row of users is absent.

        :param SQL users: what the table is called in the query
        """
        return SQL(
            """
            (NOT %(users)s.active OR EXISTS (
                SELECT FROM %(leaves)s
                 WHERE owner.user_id = %(users)s.id AND %(covers)s
            ))
            """,
            users=users,
            leaves=self._get_leave_table(),
            covers=self._get_leave_condition(moment),
        )

    @api.model
    def _get_leave_table(self):
        return SQL(
            "(resource_resource owner"
            " JOIN resource_calendar_leaves leave ON leave.resource_id = owner.id)"
        )

    @api.model
    def _get_leave_condition(self, moment):
        return SQL(
            "leave.time_type = 'leave' AND leave.date_from <= %(moment)s"
            " AND leave.date_to > %(moment)s",
            moment=moment,
        )
