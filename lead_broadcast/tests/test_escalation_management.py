from odoo.tests import tagged

from .absence_common import AbsenceCase


@tagged("post_install", "-at_install")
class TestEscalationManagement(AbsenceCase):
    """A level that tells management tells somebody, whoever is named and has left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.level_ids[:2].unlink()
        group = cls.env.ref("lead_broadcast.group_administrator")
        cls.technical = group.all_user_ids - cls.head - cls.administrator
        cls.lead.team_id.user_id = False  # nobody's back-up
        cls.rules = cls.env["lead.broadcast.notification.rule"].search(
            [("event", "=", "escalated"), ("role", "=", "management")]
        )

    def _get_told(self, lead=None):
        """Return who is told as management of a lead that nobody answers."""
        lead = lead or self._enter(self.meera)
        self._pass(days=1, minutes=1)
        notices = self._notices("escalated", lead)
        own = notices.filtered(lambda notice: notice.rule_id in self.rules)
        return own.recipient_id.user_ids - self.technical

    def test_nobody_is_named(self):
        self.env.company.broadcast_head_id = False
        self.assertEqual(self._get_told(), self.head | self.administrator)
        self.head.active = False
        self.assertEqual(self._get_told(), self.administrator)

    def test_head_who_is_gone(self):
        self.head.broadcast_backup_id = self.supervisor
        self.head.active = False
        self.assertEqual(self._get_told(), self.supervisor)
        self.supervisor.active = False
        self.assertEqual(self._get_told(), self.administrator)

    def test_people_of_the_level(self):
        self.management.management_ids = self.user | self.supervisor
        self.assertEqual(self._get_told(), self.user | self.supervisor)
        self.supervisor.active = False
        self.assertEqual(self._get_told(), self.user)
        self.user.broadcast_backup_id = self.other_user
        self.user.active = False
        self.assertEqual(self._get_told(), self.other_user)
        self.user.broadcast_backup_id = False
        self.assertEqual(self._get_told(), self.head)

    def test_head_who_is_away(self):
        """So it is planned, too: who is back by then is told."""
        self.head.broadcast_backup_id = self.supervisor
        leave = self._be_absent(self.head, days=3)
        lead = self._enter(self.meera)
        lead.with_user(self.meera).action_open_planned_messages()
        planned = self.env["lead.broadcast.planned"].search(
            [("lead_id", "=", lead.id), ("rule_id", "in", self.rules.ids)]
        )
        before = planned.filtered(lambda message: message.moment < leave.date_to)
        self.assertEqual(before.recipient_id, self.supervisor.partner_id)
        self.assertEqual((planned - before).recipient_id, self.head.partner_id)
        self.assertEqual(self._get_told(), self.supervisor)
        self._pass(days=2)
        self.assertEqual(self._get_told(), self.head)

    def test_people_of_other_companies(self):
        """They are told nothing of our leads."""
        lead = self._enter(self.meera, company_id=self.env.company.id)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.head.write({"company_ids": other.ids, "company_id": other.id})
        self.assertEqual(self._get_told(lead), self.administrator)

    def test_query_count(self):
        """It is found out once for all leads."""
        leads = self.env["crm.lead"].union(*(self._enter() for _lead in range(12)))
        self._pass(days=1, minutes=1)
        rule = self.rules[0]

        def count(leads):
            return self._count_queries(lambda: rule._get_people(leads, {}))

        count(leads)  # fills the caches
        self.assertEqual(count(leads), count(leads[:2]))
