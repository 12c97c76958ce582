from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import tagged

from ..controllers.activity import ServiceTaskPortal
from .activity_common import ActivityCase
from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalActivity(ActivityCase, PortalCase):
    """Green Park Services has the lead; two of its people work on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_portal_user(cls.green_park, "colleague2")
        today = fields.Date.context_today(cls.lead.with_context(tz="Asia/Kolkata"))
        cls.tasks = {
            name: cls._assign(
                user,
                summary=name,
                date_deadline=today + timedelta(days=days),
                note=f"<p>Note of {name}</p>",
            )
            for name, user, days in [
                ("Planned", cls.portal_user, 1),
                ("Late", cls.portal_user, -1),
                ("Today", cls.portal_user, 0),
                ("Of a colleague", cls.colleague, 0),
                ("Of the staff", cls.supervisor, 0),
            ]
        }

    def setUp(self):
        super().setUp()
        self._login(self.portal_user)

    def _list(self, **params):
        """Return the tasks of the list, each as one line."""
        self.page = self.url_open("/my/service_tasks", params=params)
        self.assertEqual(self.page.status_code, 200)
        return self._read_tasks(self.page)

    def _read_tasks(self, page):
        return [
            " ".join(task.text_content().split())
            for task in html.fromstring(page.text).xpath(
                "//article[contains(@class, 'o_service_task')]"
            )
        ]

    def _finish(self, task, **data):
        return self._finish_id(task.id, **data)

    def _finish_id(self, task_id, **data):
        return self.url_open(
            f"/my/service_tasks/{task_id}/done",
            data={"csrf_token": Request.csrf_token(self), **data},
        )

    def _names(self, entries):
        """Return which of the tasks these are, in order."""
        return [
            next(name for name in self.tasks if entry.startswith(name))
            for entry in entries
        ]

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def test_list(self):
        entries = self._list()
        self.assertEqual(self._names(entries), ["Late", "Today", "Planned"])
        self.assertIn("Overdue", entries[0])
        self.assertIn("Due today", entries[1])
        self.assertIn("Data Rectification", entries[0])
        self.assertIn("Note of Late", entries[0])
        self.assertIn("assigned to you", entries[0])

    def test_filters(self):
        for filterby, names in [
            ("overdue", ["Late"]),
            ("company", ["Late", "Today", "Of a colleague", "Planned"]),
            ("done", []),
            ("x", ["Late", "Today", "Planned"]),
        ]:
            self.assertEqual(self._names(self._list(filterby=filterby)), names)

    def test_days_are_those_of_the_company(self):
        """Late in the evening in London it is tomorrow in Delhi."""
        self.tasks["Today"].date_deadline = "2027-03-10"
        for moment, word in [
            ("2027-03-09 18:29:00", "Planned"),
            ("2027-03-09 18:31:00", "Due today"),
            ("2027-03-10 18:31:00", "Overdue"),
        ]:
            with freeze_time(moment):
                [entry] = [e for e in self._list() if e.startswith("Today")]
                self.assertIn(word, entry)

    def test_note_is_harmless(self):
        self.tasks["Late"].with_user(self.user).note = (
            "<p>Take care</p><script>alert('1')</script>"
            "<img src='x' onerror='alert(2)'>"
        )
        self._list()
        self.assertIn("Take care", self.page.text)
        for code in ("alert('1')", "alert(2)"):
            self.assertNotIn(code, self.page.text)

    def test_pages(self):
        with patch.object(ServiceTaskPortal, "_items_per_page", 2):
            self.assertEqual(self._names(self._list()), ["Late", "Today"])
            page = self.url_open("/my/service_tasks/page/2")
        self.assertEqual(self._names(self._read_tasks(page)), ["Planned"])

    def test_home(self):
        self._finish(self.tasks["Late"])
        names = ["service_task_open_count", "service_task_count"]
        counts = self.make_jsonrpc_request("/my/counters", {"counters": names})
        self.assertEqual([counts[name] for name in names], [2, 3])

    def test_list_of_another_company(self):
        self._login(self.other_portal_user)
        self.assertFalse(self._list())
        self.assertFalse(self._list(filterby="company"))
        self.assertSecret(self.page)

    def test_list_of_staff(self):
        """Their own tasks are in Odoo."""
        self._login(self.supervisor)
        self.assertFalse(self._list())

    def test_list_of_visitors(self):
        self.authenticate(None, None)
        page = self.url_open("/my/service_tasks")
        self.assertIn("/web/login", page.url)

    def test_query_count(self):
        """A long list costs no more queries than a short one."""
        self._list()  # fills the caches
        few = self._count_list_queries()
        for number in range(6):
            lead = self._create_lead(name=f"Lead {number}")
            lead.with_user(self.user)._allocate(self.green_park)
            self._assign(self.portal_user, lead, summary=f"Planned {number}")
        self.assertLessEqual(self._count_list_queries() - few, 2)

    def _count_list_queries(self):
        user = self.portal_user
        tasks = self.env["mail.activity"].with_user(user)

        def read():
            domain = tasks._get_partner_task_domain(user.commercial_partner_id)
            tasks_sudo = tasks.sudo().search(domain)
            for values in tasks_sudo._get_portal_values(user):
                self.assertTrue(values["offer_sudo"].display_name)

        return self._count_queries(read)

    # ------------------------------------------------------------
    # PAGE OF THE LEAD
    # ------------------------------------------------------------

    def test_page_of_the_lead(self):
        page = self.url_open(self.offer.access_url)
        names = self._names(self._read_tasks(page))
        self.assertCountEqual(names, ["Late", "Today", "Of a colleague", "Planned"])
        self.assertIn("Mark as done", page.text)
        self.assertNotIn("Note of Of the staff", page.text)

    def test_page_by_link(self):
        """Who comes by a mail's link reads what the partner reads; to report one has
        to say who one is."""
        self.authenticate(None, None)
        page = self._open()
        self.assertEqual(len(self._read_tasks(page)), 4)
        self.assertNotIn("Mark as done", page.text)
        self.assertIn("to report what is done", page.text)

    def test_page_of_a_loser(self):
        self._login(self.other_portal_user)
        page = self.url_open(self.rival.access_url)
        self.assertFalse(self._read_tasks(page))

    def test_page_for_staff(self):
        """They finish tasks in Odoo."""
        self._login(self.supervisor)
        page = self.url_open(self.offer.access_url)
        self.assertEqual(len(self._read_tasks(page)), 4)
        self.assertNotIn("Mark as done", page.text)

    def test_page_after_release(self):
        self.lead.with_user(self.user).action_release()
        page = self.url_open(self.offer.access_url)
        self.assertFalse(self._read_tasks(page))
        self.assertFalse(self._list(filterby="company"))

    # ------------------------------------------------------------
    # DONE
    # ------------------------------------------------------------

    def test_done(self):
        task = self.tasks["Late"]
        page = self._finish(task, feedback="Called, <b>all well</b>")
        self.assertTrue(page.url.endswith("/my/service_tasks"))
        self.assertFalse(task.active)
        self.assertEqual(task.feedback, "Called, <b>all well</b>")
        message = self.lead.message_ids[:1]
        self.assertEqual(message.author_id, self.portal_user.partner_id)
        self.assertIn("Called, &lt;b&gt;all well&lt;/b&gt;", message.body)
        self.assertEqual(self._names(self._list(filterby="done")), ["Late"])

    def test_done_on_the_page_of_the_lead(self):
        page = self._finish(self.tasks["Late"], origin="lead")
        self.assertIn(self.offer.access_url, page.url)
        self.assertEqual(self._names(self._read_tasks(page))[-1], "Late")

    def test_done_is_a_response(self):
        self.assertFalse(self.lead.first_response_date)
        self._finish(self.tasks["Late"])
        self.assertTrue(self.lead.first_response_date)

    def test_done_by_a_colleague(self):
        self._finish(self.tasks["Of a colleague"])
        self.assertFalse(self.tasks["Of a colleague"].active)
        self.assertEqual(
            self.lead.message_ids[:1].author_id, self.portal_user.partner_id
        )

    def test_done_twice(self):
        self._finish(self.tasks["Late"])
        messages = self.lead.message_ids
        self.assertEqual(self._finish(self.tasks["Late"]).status_code, 200)
        self.assertEqual(self.lead.message_ids, messages)

    def test_done_appointment(self):
        meeting = self._meet(self.portal_user, location="Hauz Khas 12")
        [entry] = [entry for entry in self._list() if entry.startswith("Visit")]
        self.assertIn("Hauz Khas 12", entry)
        self._finish(meeting.activity_ids, feedback="Was there")
        self.assertFalse(meeting.activity_ids)
        self.assertIn("Was there", meeting.notes)

    def test_what_follows(self):
        """The next task of a chain is the next of who has finished this one."""
        call = self.env.ref("mail.mail_activity_data_call")
        email = self.env.ref("mail.mail_activity_data_email")
        call.write({"chaining_type": "trigger", "triggered_next_type_id": email.id})
        before = self.lead.activity_ids
        self._finish(self.tasks["Late"])
        following = self.lead.activity_ids - before
        self.assertEqual(following.activity_type_id, email)
        self.assertEqual(following.user_id, self.portal_user)

    def test_done_by_others(self):
        """A right id is of no use to anybody else, and a wrong one to nobody."""
        task = self.tasks["Late"]
        for user in (self.other_portal_user, self.supervisor):
            self._login(user)
            self.assertEqual(self._finish(task).status_code, 404)
        self._login(self.portal_user)
        for task_id in (self.tasks["Of the staff"].id, 0, 2**31, "x", "9" * 5000):
            self.assertEqual(self._finish_id(task_id).status_code, 404)
        self.assertTrue(all(task.active for task in self.tasks.values()))

    def test_done_on_a_lead_without_allocation(self):
        """Tasks of a company on what it has not are none of the portal's."""
        lead = self._create_lead(service_id=False)
        task = self._assign(self.portal_user, lead)
        self.assertEqual(self._finish(task).status_code, 404)
        self.assertTrue(task.active)

    def test_get_changes_nothing(self):
        page = self.url_open(f"/my/service_tasks/{self.tasks['Late'].id}/done")
        self.assertEqual(page.status_code, 405)
        self.assertTrue(self.tasks["Late"].active)

    def test_method_is_checked(self):
        tasks = self.tasks["Late"].with_user(self.other_portal_user)
        with self.assertRaises(AccessError):
            tasks._finish_as_partner(self.other_portal_user, "")
        self.assertTrue(self.tasks["Late"].active)
