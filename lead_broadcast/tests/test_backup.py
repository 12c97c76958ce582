from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .absence_common import AbsenceCase


@tagged("post_install", "-at_install")
class TestBackup(AbsenceCase):
    """Who takes over from whom."""

    def _get_backup(self, user):
        return user._get_backup(fields.Datetime.now())[user]

    @classmethod
    def _join(cls, team, user):
        return cls.env["crm.team.member"].create(
            {"crm_team_id": team.id, "user_id": user.id}
        )

    # ------------------------------------------------------------
    # IN LINE
    # ------------------------------------------------------------

    def test_named_leader_head(self):
        """The one named, else the team's leader; of leaders the head."""
        self.assertFalse(self._get_backup(self.other_user), "in no team")
        self.assertEqual(self._get_backup(self.asha), self.ravi)
        self.assertEqual(self._get_backup(self.ravi), self.meera)
        self.ravi.broadcast_backup_id = False
        self.assertEqual(self._get_backup(self.ravi), self.head)
        self.assertFalse(self._get_backup(self.head), "nobody above")
        self.asha.broadcast_backup_id = self.other_user
        self.assertEqual(self._get_backup(self.asha), self.other_user)

    def test_leader_of_own_team(self):
        """Nobody is their own leader: who leads the own team has the leader of another
        one, else the head."""
        self.ravi.broadcast_backup_id = False
        self._join(self.team, self.ravi)
        self.assertEqual(self._get_backup(self.ravi), self.head)
        other_team = self.env["crm.team"].create(
            {"name": "South", "user_id": self.meera.id}
        )
        self.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        self._join(other_team, self.ravi)
        self.assertEqual(self._get_backup(self.ravi), self.meera)
        other_team.active = False
        self.assertEqual(self._get_backup(self.ravi), self.head)

    def test_absent_are_skipped(self):
        """Who is absent is asked for a back-up in turn, archived people, too; then come
        the others whom one may ask oneself."""
        self.asha.broadcast_backup_id = self.other_user
        self.other_user.broadcast_backup_id = self.salesman
        self._be_absent(self.other_user, hours=8)
        self.assertEqual(self._get_backup(self.asha), self.salesman)
        self.salesman.action_archive()
        self.assertEqual(self._get_backup(self.asha), self.ravi)
        self.assertFalse(self._get_backup(self.other_user))
        self._be_absent(self.ravi, hours=8)
        self.assertEqual(self._get_backup(self.asha), self.meera)
        later = fields.Datetime.now() + timedelta(hours=9)
        self.assertEqual(self.asha._get_backup(later)[self.asha], self.other_user)

    def test_team_of_archived(self):
        """Archiving ends memberships; the leads that are left go to the leader of the
        team that was left last, not of one before."""
        former = self.env["crm.team"].create(
            {"name": "Former", "user_id": self.meera.id}
        )
        self.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        self._join(former, self.asha).action_archive()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_team_member SET write_date = write_date - interval '1 year'"
            " WHERE crm_team_id = %s",
            [former.id],
        )
        self.asha.action_archive()
        self.assertFalse(self.asha.sale_team_id)
        self.assertEqual(self._get_backup(self.asha), self.ravi)

    def test_loops_end(self):
        """Who name each other and are away together leave the work to the leader; a
        circle without any leaves it to nobody."""
        self.asha.broadcast_backup_id = self.other_user
        self.other_user.broadcast_backup_id = self.asha
        self.assertEqual(self._get_backup(self.other_user), self.asha)
        self._be_absent(self.asha | self.other_user, hours=8)
        self.assertEqual(self._get_backup(self.asha), self.ravi)
        self.assertEqual(self._get_backup(self.other_user), self.ravi)
        self.env["crm.team.member"].search([("user_id", "=", self.asha.id)]).unlink()
        self.assertFalse(self._get_backup(self.asha))
        self.assertFalse(self._get_backup(self.other_user))

    def test_other_people(self):
        """Neither oneself nor who cannot work on leads is a back-up."""
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.asha.broadcast_backup_id = self.asha
            self.asha.flush_recordset()
        clerk = new_test_user(self.env, login="clerk", groups="base.group_user")
        for user in (self.portal_user, clerk):
            with self.assertRaisesRegex(ValidationError, "cannot work on leads"):
                self.asha.broadcast_backup_id = user

    def test_query_count(self):
        """One query for any number of people."""
        people = self.env["res.users"].create(
            [{"name": f"P{n}", "login": f"p{n}"} for n in range(30)]
        )
        people.broadcast_backup_id = self.asha
        self._be_absent(self.asha, hours=8)
        self.env.flush_all()
        now = fields.Datetime.now()
        with self.assertQueryCount(1):
            backups = people._get_backup(now)
        self.assertEqual(set(backups.values()), {self.ravi})
        with self.assertQueryCount(1):
            absent = (people | self.asha)._filter_absent(now)
        self.assertEqual(absent, self.asha)
        with self.assertQueryCount(0):
            self.assertFalse(self.env["res.users"]._filter_absent(now))
            self.assertEqual(self.env["res.users"]._get_backup(now), {})

    # ------------------------------------------------------------
    # SCREEN
    # ------------------------------------------------------------

    def test_screen_agrees(self):
        """The screen has everybody who works on leads, with the back-up in effect."""
        clerk = new_test_user(self.env, login="clerk", groups="base.group_user")
        self._be_absent(self.ravi, hours=8)
        self.asha.broadcast_backup_id = self.ravi
        now = fields.Datetime.now()
        rows = self.Backup.with_user(self.administrator).search([])
        people = self.env["res.users"].search(
            [
                ("share", "=", False),
                (
                    "all_group_ids",
                    "in",
                    self.env.ref("sales_team.group_sale_salesman").ids,
                ),
            ]
        )
        self.assertEqual(rows.user_id.sudo(), people)
        self.assertLess(self.asha | self.salesman | self.administrator, people)
        self.assertNotIn(clerk, people)
        self.assertEqual(
            {row.user_id.id: row.backup_id.id for row in rows},
            {user.id: own.id for user, own in people._get_backup(now).items()},
        )
        self.assertEqual(
            rows.filtered("is_absent").user_id.sudo(), people._filter_absent(now)
        )
        absent = rows.filtered(lambda row: row.user_id == self.ravi)
        self.assertEqual(absent.absence_end, now + timedelta(hours=8))

    def test_screen_without(self):
        """The screen opens on who has none; naming one takes the person off it."""
        Backup = self.Backup.with_user(self.administrator)
        action = self.env.ref("lead_broadcast.lead_response_backup_action")
        self.assertIn("search_default_without", action.context)
        without = Backup.search([("backup_id", "=", False)])
        self.assertIn(self.other_user, without.user_id)
        self.assertNotIn(self.asha, without.user_id)
        row = without.filtered(lambda each: each.user_id == self.other_user)
        with self.assertRaises(AccessError):
            self.other_user.with_user(
                self.administrator
            ).broadcast_backup_id = self.asha
        row.write({"broadcast_backup_id": self.asha.id})
        self.assertEqual(self.other_user.broadcast_backup_id, self.asha)
        self.assertEqual(row.backup_id, self.asha)
        self.assertNotIn(
            self.other_user, Backup.search([("backup_id", "=", False)]).user_id
        )

    def test_screen_rights(self):
        """Only administrators name back-ups, and nothing else there."""
        row = self.Backup.browse(self.other_user.id)
        for user in (self.asha, self.meera, self.salesman):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"broadcast_backup_id": self.asha.id})
        with self.assertRaises(AccessError):
            row.with_user(self.administrator).write({"user_id": self.asha.id})
        with self.assertRaises(ValidationError):
            row.with_user(self.administrator).write(
                {"broadcast_backup_id": self.portal_user.id}
            )
        for action in ("create", "unlink"):
            self.assertFalse(
                self.Backup.with_user(self.administrator).has_access(action)
            )
