from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# what decides who is absent, and who takes over
BACKUP_DEPENDS = {
    "crm.team": ["active", "user_id"],
    "crm.team.member": ["active", "crm_team_id", "user_id"],
    "res.company": ["broadcast_head_id"],
    "res.users": ["active", "broadcast_backup_id", "company_id"],
    "resource.calendar.leaves": ["date_from", "date_to", "resource_id", "time_type"],
    "resource.resource": ["user_id"],
}
# people who are absent, one after the other: beyond, nobody is looked for
LONGEST_LINE = 8


class ResUsers(models.Model):
    """Who takes over from whom, so that no lead waits for somebody who is away."""

    _inherit = "res.users"

    broadcast_backup_id = fields.Many2one(
        "res.users",
        "Back-up",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain=[("share", "=", False)],
        help="Gets the leads of this person that are not answered in time, or come"
        " while the person is absent. Empty: the leader of the person's team, and of"
        " leaders the head of service.",
    )

    _check_broadcast_backup_not_self = models.Constraint(
        "CHECK(broadcast_backup_id != id)",
        "Nobody can be their own back-up. Choose somebody else.",
    )

    @api.constrains("broadcast_backup_id")
    def _check_broadcast_backup_id(self):
        """Whoever gets the leads must be able to see them."""
        for user in self.filtered("broadcast_backup_id"):
            backup = user.broadcast_backup_id
            if not backup.has_group("sales_team.group_sale_salesman"):
                raise ValidationError(
                    self.env._(
                        "%(backup)s cannot work on leads, and so not be the back-up of"
                        " %(person)s. Choose somebody else, or make %(backup)s a"
                        " salesperson first.",
                        backup=backup.name,
                        person=user.name,
                    )
                )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_backup(self, moment):
        """Return who takes over from these people at a moment.

        One query, however many there are.

        :param datetime moment: in UTC; of absences, those known today count
        :return: ``{user: res.users}``, an empty one where nobody is there
        """
        backups = dict.fromkeys(self, self.browse())
        if self.ids:
            self._flush_backups()
            chosen = SQL("users.id = ANY(%s)", self.ids)
            for user_id, backup_id in self.env.execute_query(
                self._get_backup_query(moment, chosen)
            ):
                backups[self.browse(user_id)] = self.browse(backup_id)
        return backups

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _get_backup_query(self, moment, condition):
        """Return the query for the back-up of each user at a moment.

        Each person has up to three to ask, in this order: whom the person names, the
        leader of the person's team, and for leaders the head of service. Who is absent
        is passed over, after those whom that person would ask. Nobody is met twice on
        the way: two who name each other and are away together leave the work to their
        leaders.

        :param SQL condition: on ``users``, whose back-ups are wanted
        :return: SQL of rows ``(user_id, backup_id)``, none for who has no back-up
        """
        return SQL(
            """
            WITH RECURSIVE line (user_id, person_id, is_absent, asked, ranks) AS (
                SELECT users.id, users.id, TRUE, ARRAY[users.id], ARRAY[]::integer[]
                  FROM res_users users
                 WHERE %(condition)s
             UNION ALL
                SELECT line.user_id, users.id, %(is_absent)s,
                       line.asked || users.id, line.ranks || candidate.rank
                  FROM line
                  JOIN res_users person ON person.id = line.person_id
            CROSS JOIN LATERAL (%(candidates)s) candidate
                  JOIN res_users users ON users.id = candidate.id
                 WHERE line.is_absent
                   AND users.id != ALL(line.asked)
                   AND cardinality(line.asked) <= %(longest)s
            )
            SELECT DISTINCT ON (user_id) user_id, person_id AS backup_id
              FROM line
             WHERE NOT is_absent
          ORDER BY user_id, ranks
            """,
            condition=condition,
            is_absent=self._get_absent_condition(SQL("users"), moment),
            candidates=self._get_candidate_query(),
            longest=LONGEST_LINE,
        )

    @api.model
    def _get_candidate_query(self):
        """Return the query for whom a ``person`` asks, and in which order."""
        return SQL(
            """
            SELECT person.broadcast_backup_id AS id, 1 AS rank
         UNION ALL
            -- who is gone had the team that was left last
            (SELECT team.user_id, 2
               FROM crm_team_member member
               JOIN crm_team team ON team.id = member.crm_team_id
              WHERE member.user_id = person.id AND team.active
                AND (member.active OR NOT person.active)
                AND team.user_id != person.id
           ORDER BY member.active DESC,
                    CASE WHEN NOT person.active THEN member.write_date END DESC,
                    member.create_date, member.id
              LIMIT 1)
         UNION ALL
            SELECT company.broadcast_head_id, 3
              FROM res_company company
             WHERE company.id = person.company_id AND EXISTS (
                       SELECT FROM crm_team team
                        WHERE team.user_id = person.id AND team.active
                   )
            """
        )

    @api.model
    def _flush_backups(self):
        """Have the database know what the queries above read."""
        for model_name, field_names in BACKUP_DEPENDS.items():
            self.env[model_name].flush_model(field_names)
