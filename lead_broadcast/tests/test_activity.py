from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from .activity_common import ActivityCase


@tagged("post_install", "-at_install")
class TestActivity(ActivityCase):
    """Who is told of tasks on service leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # no rights but those of any employee
        cls.employee = new_test_user(
            cls.env, login="employee", groups="base.group_user", email="e@e.example"
        )

    def test_assign(self):
        task = self._assign(self.employee)
        person = self.employee.partner_id
        self.assertEqual({who for who, _channel in self._get_told(task)}, {person})
        self.assertFalse(self._get_messages("Call the customer"))

    def test_assign_by_salesman(self):
        """Who has no rights of ours but reads the lead can assign tasks on it, too."""
        self.lead.user_id = self.salesman
        task = self._assign(self.employee, by=self.salesman)
        self.assertIn((self.employee.partner_id, "mail"), self._get_told(task))

    def test_assign_to_oneself(self):
        task = self._assign(self.user)
        self.assertFalse(self._get_told(task))

    def test_unassigned(self):
        task = self._assign(self.env["res.users"])
        self.assertFalse(self._get_told(task))
        task.with_user(self.user).user_id = self.employee
        self.assertIn((self.employee.partner_id, "mail"), self._get_told(task))

    def test_quick_update(self):
        """What core keeps silent about stays silent."""
        lead = self.lead.with_context(mail_activity_quick_update=True)
        self.assertFalse(self._get_told(self._assign(self.employee, lead)))

    def test_other_leads(self):
        """Leads that partners have nothing to do with are left to core."""
        lead = self._create_lead(service_id=False)
        task = self._assign(self.employee, lead)
        self.assertFalse(self._get_told(task))
        self.assertEqual(len(self._get_messages("Call the customer")), 1)

    def test_other_models(self):
        task = self._assign(self.employee, self.customer)
        self.assertFalse(self._get_told(task))
        self.assertEqual(len(self._get_messages("Call the customer")), 1)

    def test_allocated_lead_without_service(self):
        self.lead.service_id = False
        self.assertTrue(self._get_told(self._assign(self.portal_user)))

    def test_reassign(self):
        """The new assignee is told; what waits for the old one is not sent."""
        task = self._assign(self.employee)
        task.with_user(self.user).user_id = self.other_user
        told = {who for who, _channel in self._get_told(task)}
        self.assertEqual(told, {self.employee.partner_id, self.other_user.partner_id})
        notices = self._notices("activity")
        with self.enter_registry_test_mode():
            self.env.ref("lead_broadcast.ir_cron_send_notices").method_direct_trigger()
        states = {(notice.recipient_id.name, notice.state) for notice in notices}
        self.assertEqual(
            states,
            {
                (self.employee.name, "skipped"),
                (self.other_user.name, "sent"),
            },
        )

    def test_change_of_something_else(self):
        task = self._assign(self.employee)
        before = self._notices("activity")
        task.with_user(self.user).write(
            {"summary": "Visit the customer", "date_deadline": fields.Date.today()}
        )
        self.assertEqual(self._notices("activity"), before)

    def test_assign_from_the_lead(self):
        """The window of the lead's chatter offers the partner's people."""
        names = self.env["res.users"].with_user(self.user).name_search("greenpark")
        self.assertIn(self.portal_user.id, [user_id for user_id, _name in names])
        wizard = self.env["mail.activity.schedule"].with_user(self.user)
        wizard = wizard.with_context(
            active_model="crm.lead", active_id=self.lead.id, active_ids=self.lead.ids
        )
        with Form(wizard) as form:
            form.summary = "Bring the papers"
            form.activity_user_id = self.portal_user
        form.save().action_schedule_activities()
        task = self.lead.activity_ids
        self.assertEqual(task.user_id, self.portal_user)
        self.assertIn((self.portal_user.partner_id, "mail"), self._get_told(task))

    def test_many_at_once(self):
        """Telling of many tasks costs no more queries than of a few."""
        few, many = self._create_leads(2), self._create_leads(20)
        self._assign(self.employee)
        count_few = self._count_queries(lambda: self._assign(self.employee, few))
        count_many = self._count_queries(lambda: self._assign(self.employee, many))
        self.assertEqual(len(many.activity_ids), 20)
        self.assertLessEqual(count_many - count_few, 5)


@tagged("post_install", "-at_install")
class TestPendingActivity(ActivityCase):
    """Who is reminded of tasks that are not done: found by the code that plans."""

    def _get_reminded(self, task):
        """Return who will be reminded of a task, if nothing changes."""
        lead = self.env["crm.lead"].browse(task.res_id)
        rules = self.env["lead.broadcast.notification.rule"]
        return {
            message.recipient
            for message in rules._get_planned_messages(lead)
            if message.activity == task
        }

    def test_assignee(self):
        for user in (self.portal_user, self.other_user, self.user):
            task = self._assign(user)
            self.assertEqual(self._get_reminded(task), {user.partner_id})

    def test_reassigned(self):
        task = self._assign(self.portal_user)
        task.with_user(self.user).user_id = self.other_user
        self.assertEqual(self._get_reminded(task), {self.other_user.partner_id})

    def test_done(self):
        task = self._assign(self.portal_user)
        task._finish_as_partner(self.portal_user, "")
        self.assertFalse(self._get_reminded(task))

    def test_nobodys(self):
        task = self._assign(self.env["res.users"])
        self.assertFalse(self._get_reminded(task))

    def test_closed_lead(self):
        task = self._assign(self.portal_user)
        self.lead._mark_completed(self.portal_user.partner_id)
        self.assertFalse(self._get_reminded(task))

    def test_other_leads(self):
        """Nobody gets reminders of the rest of the CRM by installing this."""
        task = self._assign(self.other_user, self._create_lead(service_id=False))
        self.assertFalse(self._get_reminded(task))

    def test_appointment(self):
        task = self._meet(self.portal_user).activity_ids
        self.assertEqual(self._get_reminded(task), {self.portal_user.partner_id})


@tagged("post_install", "-at_install")
class TestPartnerActivity(ActivityCase):
    """Tasks of portal users."""

    def test_person_of_the_partner(self):
        task = self._assign(self.portal_user)
        self.assertEqual(
            self._get_told(task),
            {
                (self.portal_user.partner_id, "mail"),
                (self.portal_user.partner_id, "inbox"),
            },
        )
        self.assertFalse(self._get_messages("Call the customer"))

    def test_person_of_another_partner(self):
        with self.assertRaisesRegex(ValidationError, "does not belong to the partner"):
            self._assign(self.other_portal_user)

    def test_before_anybody_has_it(self):
        lead = self._create_lead()
        self._broadcast(lead)
        with self.assertRaisesRegex(ValidationError, "does not belong to the partner"):
            self._assign(self.portal_user, lead)

    def test_reassign_to_another_partner(self):
        task = self._assign(self.portal_user)
        with self.assertRaisesRegex(ValidationError, "does not belong to the partner"):
            task.with_user(self.user).user_id = self.other_portal_user

    def test_no_access(self):
        """A task opens neither itself nor the lead."""
        task = self._assign(self.portal_user)
        for record in (task, self.lead):
            self.assertFalse(record.with_user(self.portal_user).has_access("read"))

    def test_follower_gets_comments_only(self):
        self._assign(self.portal_user)
        follower = self.lead.message_follower_ids.filtered(
            lambda follower: follower.partner_id == self.portal_user.partner_id
        )
        self.assertEqual(follower.subtype_ids, self.env.ref("mail.mt_comment"))

    def test_taken_back(self):
        """Whoever loses the lead loses its tasks to the salesperson."""
        task = self._assign(self.portal_user)
        own = self._assign(self.supervisor)
        self.lead.with_user(self.supervisor).action_release()
        self.assertEqual(task.user_id, self.user)
        self.assertEqual(own.user_id, self.supervisor)
        self.assertIn((self.user.partner_id, "mail"), self._get_told(task))
        self.assertStory(
            f"Open tasks of {self.portal_user.name} were handed to {self.user.name}."
        )
        self.assertNotIn(self.portal_user.partner_id, self.lead.message_partner_ids)

    def test_taken_back_without_salesperson(self):
        task = self._assign(self.portal_user)
        self.lead.user_id = False
        self.lead.with_user(self.supervisor).action_release()
        self.assertTrue(task.active)
        self.assertFalse(task.user_id)
        self.assertStory("the lead has no salesperson")

    def test_done_tasks_stay(self):
        task = self._assign(self.portal_user)
        task._finish_as_partner(self.portal_user, "")
        self.lead.with_user(self.user).action_release()
        self.assertEqual(task.user_id, self.portal_user)

    def test_merge(self):
        """A task moves with its lead into the one it is merged with."""
        task = self._assign(self.portal_user)
        head = self._create_lead(type="opportunity", probability=90)
        merged = (head | self.lead).merge_opportunity()
        self.assertEqual(merged, head)
        self.assertEqual(task.res_id, head.id)
        self.assertEqual(head.allocated_partner_id, self.green_park)


@tagged("post_install", "-at_install")
class TestAppointment(ActivityCase):
    """Appointments on service leads are activities of their organizers."""

    def test_organizer_is_told_once(self):
        meeting = self._meet(self.other_user)
        task = meeting.activity_ids
        self.assertEqual(task.user_id, self.other_user)
        self.assertEqual(task.res_id, self.lead.id)
        self.assertIn((self.other_user.partner_id, "mail"), self._get_told(task))
        self.assertFalse(self._get_messages("Visit"))

    def test_other_attendees_are_invited(self):
        people = self.other_user.partner_id | self.customer
        self._meet(self.other_user, people)
        invitation = self._get_messages("Invitation to Visit")
        self.assertEqual(invitation.partner_ids, self.customer)

    def test_partner_as_organizer(self):
        meeting = self._meet(self.portal_user)
        person = self.portal_user.partner_id
        self.assertEqual(
            self._get_told(meeting.activity_ids), {(person, "mail"), (person, "inbox")}
        )
        self.assertFalse(self._get_messages("Visit"))

    def test_own_appointment(self):
        """Who is not told by the matrix is invited as ever."""
        person = self.portal_user.partner_id
        meeting = self._meet(self.user, self.user.partner_id | person)
        self.assertFalse(self._get_told(meeting.activity_ids))
        self.assertEqual(self._get_messages("Visit").partner_ids, person)

    def test_no_rule(self):
        """Without a rule nobody but core tells of the appointment."""
        self.env["lead.broadcast.notification.rule"].search(
            [("event", "=", "activity")]
        ).active = False
        self._meet(self.other_user)
        self.assertEqual(
            self._get_messages("Invitation to Visit").partner_ids,
            self.other_user.partner_id,
        )

    def test_lead_chosen_in_the_calendar(self):
        meetings = self.env["calendar.event"].with_user(self.user)
        start = fields.Datetime.now() + timedelta(days=1)
        ordinary = self._create_lead(service_id=False, type="opportunity")
        chosen, other = meetings.create(
            [
                {
                    "name": "Visit",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "user_id": self.other_user.id,
                    "opportunity_id": lead.id,
                }
                for lead in (self.lead, ordinary)
            ]
        )
        self.assertEqual(chosen.activity_ids.res_id, self.lead.id)
        self.assertTrue(self._get_told(chosen.activity_ids))
        self.assertFalse(other.activity_ids)

    def test_reschedule(self):
        """A moved appointment is the same task, now due on another day."""
        meeting = self._meet(self.portal_user)
        before = self._notices("activity")
        start = meeting.start + timedelta(days=2)
        meeting.with_user(self.user).write(
            {"start": start, "stop": start + timedelta(hours=1)}
        )
        self.assertEqual(meeting.activity_ids.date_deadline, start.date())
        self.assertEqual(self._notices("activity"), before)

    def test_taken_back(self):
        """The partner's people organize and attend nothing any more."""
        organized = self._meet(self.portal_user)
        attended = self._meet(
            self.user, self.user.partner_id | self.portal_user.partner_id
        )
        past = self._meet(self.portal_user, days=-3)
        self.lead.with_user(self.supervisor).action_release()
        self.assertEqual(organized.user_id, self.user)
        self.assertEqual(organized.activity_ids.user_id, self.user)
        for meeting in (organized, attended):
            self.assertEqual(meeting.partner_ids, self.user.partner_id)
        self.assertEqual(past.partner_ids, self.portal_user.partner_id)
        self.assertEqual(past.activity_ids.user_id, self.user)
        self.assertFalse(
            self._get_messages("Invitation").filtered(
                lambda message: self.user.partner_id in message.partner_ids
            )
        )
