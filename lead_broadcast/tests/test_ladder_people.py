from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadderPeople(LadderCase):
    """Who of our people gets a lead that no partner took."""

    def _hand_over(self):
        self.partners.is_service_partner = False
        self._start()
        return self.lead.activity_ids.user_id

    def test_person_that_cannot_see_the_lead(self):
        self.somebody.write(
            {"responsible": "user", "user_id": new_test_user(self.env, "clerk").id}
        )
        self.assertEqual(self._hand_over(), self.user)

    def test_nobody_in_particular(self):
        self.lead.write({"user_id": False, "team_id": False})
        self.lead.with_user(self.supervisor).action_start_ladder()
        self.partners.is_service_partner = False
        self._pass(minutes=1)
        user = self.lead.activity_ids.user_id
        self.assertTrue(user.has_group("lead_broadcast.group_supervisor"))

    def test_supervisor_who_sees_the_lead(self):
        """Not the first one there is, nor an administrator, who sees every lead."""
        near = new_test_user(
            self.env, login="near", groups="lead_broadcast.group_supervisor"
        )
        team = self.lead.team_id
        team.write({"user_id": False, "member_ids": [Command.set(near.ids)]})
        self.user.active = False
        self.partners.is_service_partner = False
        self.lead.with_user(self.administrator).action_start_ladder()
        self._pass(minutes=1)
        self.assertEqual(self.lead.activity_ids.user_id, near)

    def test_task_of_another_type_is_dropped(self):
        call = self.env.ref("mail.mail_activity_data_call")
        self.somebody.activity_type_id = call
        self._hand_over()
        self.assertEqual(self.lead.activity_ids.activity_type_id, call)
        self.partners.is_service_partner = True
        self.lead.with_user(self.user)._allocate(self.dwarka)
        self.assertFalse(self.lead.activity_ids)

    def test_type_of_task_is_kept(self):
        task = self.env.ref("lead_broadcast.mail_activity_type_find_partner")
        with self.assertRaisesRegex(UserError, "do not delete"):
            task.unlink()
