from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import new_test_user, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from ..controllers.notices import NoticePortal
from .portal_common import PortalCase

COUNTERS = {"counters": ["service_notice_count"]}


class PortalNoticeCase(PortalCase):
    """Two people of Green Park Services, one of Saket Services, and their in-app
    notices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_portal_user(cls.green_park, "colleague2")
        cls.outsider = new_test_user(cls.env, "outsider", groups="base.group_portal")
        cls.company_notice = cls._create_notice()
        cls.own_notice = cls._create_notice(
            event="taken", recipient_id=cls.portal_user.partner_id.id, minutes=5
        )
        cls.rival_notice = cls._create_notice(
            recipient_id=cls.saket.id, offer_id=cls.rival.id
        )

    @classmethod
    def _create_notice(cls, minutes=60, **values):
        """Return a notice of so many minutes ago, by default to the company."""
        return cls.env["lead.broadcast.notice"].create(
            {
                "event": "offered",
                "lead_id": cls.lead.id,
                "offer_id": cls.offer.id,
                "recipient_id": cls.green_park.id,
                "channel": "inbox",
                "slot": f"test-{minutes}",
                "state": "sent",
                "sent_date": fields.Datetime.now() - timedelta(minutes=minutes),
                **values,
            }
        )

    @classmethod
    def _create_digest(cls, leads, **values):
        lines = [fields.Command.create({"lead_id": lead.id}) for lead in leads]
        return cls._create_notice(
            event="digest", lead_id=False, offer_id=False, line_ids=lines, **values
        )

    @classmethod
    def _create_rule(cls, event):
        """Return a rule of a cell that nobody uses."""
        return cls.env["lead.broadcast.notification.rule"].create(
            {"event": event, "role": "customer", "channel": "inbox", "active": False}
        )

    def _list(self, path="/my/notices"):
        """Return the entries of the list, as elements."""
        self.page = self.url_open(path)
        self.assertEqual(self.page.status_code, 200)
        return html.fromstring(self.page.text).xpath(
            "//a[contains(@class, 'list-group-item')]"
        )

    def _list_texts(self, path="/my/notices"):
        return [" ".join(entry.text_content().split()) for entry in self._list(path)]

    def _get_bell(self, user):
        """Return what the portal's header shows a user: a number, as text; or None."""
        self._login(user)
        home = html.fromstring(self.url_open("/my/security").text)
        bells = home.xpath("//header//a[@href='/my/notices']//*[@role='status']")
        return bells[0].text_content().strip() if bells else None

    def _get_pushed(self, user):
        """Return what was sent to a user's browsers since the last time."""
        self.env.cr.precommit.run()
        channel = f'["{self.env.cr.dbname}","res.partner",{user.partner_id.id}]'
        messages = self.env["bus.bus"].search([("channel", "=", channel)], order="id")
        contents = [message.message for message in messages]
        messages.unlink()
        return contents

    def assertRead(self, notices):
        every = self.company_notice | self.own_notice | self.rival_notice
        self.assertEqual(every.filtered("read_date"), notices)


@tagged("post_install", "-at_install")
class TestPortalNotices(PortalNoticeCase):
    def setUp(self):
        super().setUp()
        self._login(self.portal_user)

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def test_list(self):
        """The newest first: those of the person, and those of the company."""
        newest, oldest = self._list()
        self.assertIn("Taken by another partner", newest.text_content())
        self.assertIn("Lead offered", oldest.text_content())
        for entry in (newest, oldest):
            self.assertIn("Data Rectification in Hauz Khas", entry.text_content())
            self.assertEqual(entry.get("href"), f"/my/offers/{self.offer.id}")
        self.assertSecret(self.page)
        self.assertNotIn(self.offer.access_token, self.page.text)

    def test_links_open(self):
        for entry in self._list():
            self.assertEqual(self.url_open(entry.get("href")).status_code, 200)

    def test_who_sees_what(self):
        self._login(self.colleague)
        [text] = self._list_texts()
        self.assertIn("Lead offered", text)
        self._login(self.other_portal_user)
        [entry] = self._list()
        self.assertEqual(entry.get("href"), f"/my/offers/{self.rival.id}")
        self._login(self.outsider)
        self.assertFalse(self._list())
        self.assertIn("Nothing yet.", self._text(self.page))

    def test_branch(self):
        """Notices to a branch are for those who answer its offers."""
        branch = self.env["res.partner"].create(
            {
                "name": "Branch",
                "parent_id": self.green_park.id,
                "is_service_partner": True,
            }
        )
        contact = self.env["res.partner"].create(
            {"name": "Ravi", "parent_id": self.green_park.id}
        )
        self.company_notice.recipient_id = branch
        self._create_notice(recipient_id=contact.id, minutes=7)
        self._login(self.colleague)
        [text] = self._list_texts()
        self.assertIn("Lead offered", text)
        self.company_notice._push_to_portal()
        self.assertIn('"unread":1', self._get_pushed(self.colleague)[0])

    def test_reach(self):
        """Nobody is told where nobody looks: colleagues do not see what is for a
        person."""
        person = self.env["res.partner"].create(
            {"name": "Ravi", "parent_id": self.green_park.id}
        )
        people = person | self.portal_user.partner_id | self.green_park
        people |= self.dwarka
        reached = people._filter_with_portal()
        self.assertEqual(reached, people - person - self.dwarka)

    def test_what_is_listed(self):
        """What was sent in-app, and not so long ago that nobody cares."""
        self.own_notice.state = "pending"
        self.company_notice.sent_date -= timedelta(days=90)
        self._create_notice(channel="mail", minutes=1)
        self.assertFalse(self._list())

    def test_read_ones(self):
        self.own_notice.read_date = fields.Datetime.now()
        read, unread = self._list()
        badge = ".//*[contains(@class, 'badge')]"
        self.assertFalse(read.xpath(badge))
        [badge] = unread.xpath(badge)
        self.assertEqual(badge.text_content().strip(), "New")

    def test_digest(self):
        """One line for many leads, that leads to the list of them."""
        self.own_notice.unlink()
        other_lead = self._create_lead()
        digest = self._create_digest(self.lead | other_lead, minutes=1)
        pending = self._create_rule("pending")
        unattended = self._create_rule("unattended")
        digest.line_ids[0].rule_id = pending
        digest.line_ids[1].rule_id = unattended
        entry = self._list()[0]
        self.assertIn("Lead unattended, Lead pending", entry.text_content())
        self.assertIn("Leads that wait for you: 2", entry.text_content())
        self.assertEqual(entry.get("href"), "/my/partner_leads")
        self.offer._accept("portal", self.portal_user.partner_id)
        self.assertEqual(self._list()[0].get("href"), "/my/service_leads")
        digest.line_ids.unlink()
        self.assertIn("Leads that wait for you: 0 Digest", self._list_texts()[0])

    def test_task(self):
        """A task is not described: what is written about it may be anything."""
        self.offer._accept("portal", self.portal_user.partner_id)
        task = self.lead.with_user(self.user).activity_schedule(
            "mail.mail_activity_data_call",
            summary="Call Asha Traders",
            user_id=self.portal_user.id,
        )
        self.own_notice.unlink()
        self._create_notice(
            event="activity",
            recipient_id=self.portal_user.partner_id.id,
            offer_id=False,
            activity_id=task.id,
            minutes=1,
        )
        entry = self._list()[0]
        self.assertIn("Data Rectification in Hauz Khas", entry.text_content())
        self.assertEqual(entry.get("href"), f"/my/offers/{self.offer.id}#tasks")
        self.assertSecret(self.page)

    def test_lead_taken_back(self):
        """Nothing leads to a page that is somebody else's now."""
        self.offer._accept("portal", self.portal_user.partner_id)
        self.own_notice.unlink()
        self.company_notice.write({"event": "allocated", "offer_id": False})
        self.lead._release()
        [entry] = self._list()
        self.assertIsNone(entry.get("href"))
        self.assertIn("Data Rectification", entry.text_content())

    def test_paging(self):
        everything = self._list_texts()
        with patch.object(NoticePortal, "_items_per_page", 1):
            first, second = self._list_texts(), self._list_texts("/my/notices/page/2")
            self.assertEqual(self._list_texts("/my/notices/page/99"), second)
            self.assertEqual(self._list_texts("/my/notices/page/x"), first)
        self.assertEqual(first + second, everything)

    def test_master(self):
        """A master is told of the leads of others, and sees them on its own page."""
        self.green_park.broadcast_master_id = self.saket
        self.offer._accept("portal", self.portal_user.partner_id)
        self.rival_notice.unlink()
        self._create_notice(
            event="allocated", offer_id=False, recipient_id=self.saket.id
        )
        self._login(self.other_portal_user)
        [entry] = self._list()
        self.assertEqual(
            entry.get("href"),
            f"/my/partner_leads/{self.offer.id}#lead-{self.offer.id}",
        )
        self.assertEqual(self.url_open(entry.get("href")).status_code, 200)

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def test_looking_changes_nothing(self):
        before = self._dump()
        self._list()
        self.url_open("/my/notices/read")
        self.url_open("/my/notices", method="OPTIONS")
        self.url_open("/my/notices/read", method="OPTIONS")
        self.assertEqual(self._dump(), before)

    def test_mark_all(self):
        page = self.url_open(
            "/my/notices/read", data={"csrf_token": Request.csrf_token(self)}
        )
        self.assertTrue(page.url.endswith("/my/notices"))
        self.assertNotIn("Mark all as read", page.text)
        self.assertRead(self.company_notice | self.own_notice)
        self.assertEqual(self._get_bell(self.colleague), "0")

    @mute_logger("odoo.http")
    def test_no_csrf_token(self):
        self.assertEqual(
            self.url_open("/my/notices/read", data={"a": 1}).status_code, 400
        )
        self.assertRead(self.env["lead.broadcast.notice"])

    def _report(self, notice_ids):
        """Tell what was shown, as the page's script does."""
        params = {"notice_ids": notice_ids}
        return self.make_jsonrpc_request("/my/notices/shown", params)

    def test_shown(self):
        """What the browser has shown is read; others' stay as they are."""
        [_newest, oldest] = self._list()
        self.assertEqual(oldest.get("data-unread-id"), str(self.company_notice.id))
        self.assertEqual(
            self._report([self.company_notice.id, self.rival_notice.id]), 1
        )
        self.assertRead(self.company_notice)
        read_date = self.company_notice.read_date
        self.assertEqual(self._report([self.company_notice.id]), 1)
        self.assertEqual(self.company_notice.read_date, read_date)

    def test_shown_nonsense(self):
        for notice_ids in ([], ["x", None, [self.own_notice.id]], {"a": 1}, 7, None):
            self.assertEqual(self._report(notice_ids), 2)
        self.assertRead(self.env["lead.broadcast.notice"])

    def test_lead_seen(self):
        """Who has looked at the page of a lead need not be told about it."""
        other_lead = self._create_lead()
        other_notice = self._create_notice(lead_id=other_lead.id, offer_id=False)
        page = self.url_open(self.offer.access_url)
        self.assertIn(f'data-seen-url="{self.offer.access_url}/seen"', page.text)
        self.assertRead(self.env["lead.broadcast.notice"])
        self._post("seen", token="")
        self.assertRead(self.company_notice | self.own_notice)
        self.assertFalse(other_notice.read_date)
        self.assertIn('"unread":1', self._get_pushed(self.colleague)[0])

    def test_lead_seen_by_mail(self):
        """The link of the company's mail is the company's."""
        self.authenticate(None, None)
        self._post("seen")
        self.assertRead(self.company_notice)

    def test_lead_previewed(self):
        self._login(self.supervisor)
        self._post("seen")
        self.assertRead(self.env["lead.broadcast.notice"])

    # ------------------------------------------------------------
    # COUNTER
    # ------------------------------------------------------------

    def test_bell(self):
        self.assertEqual(self._get_bell(self.portal_user), "2")
        self.assertEqual(self._get_bell(self.colleague), "1")
        self.assertEqual(self._get_bell(self.other_portal_user), "1")
        self.assertIsNone(self._get_bell(self.outsider))
        self.assertIsNone(self._get_bell(self.supervisor))
        self._create_notice(recipient_id=self.outsider.partner_id.id)
        self.assertEqual(self._get_bell(self.outsider), "1")
        self.authenticate(None, None)
        self.assertNotIn("/my/notices", self.url_open("/web/login").text)

    def test_many(self):
        """There is no room for long numbers; the script knows the true one."""
        for count, text in ((7, "7"), (99, "99"), (100, "99+")):
            badge = html.fromstring(
                self.env["ir.qweb"]._render(
                    "lead_broadcast.portal_notice_count", {"unread_count": count}
                )
            )
            self.assertEqual(badge.text_content().strip(), text)
            self.assertEqual(badge.get("data-count"), str(count))

    def test_home(self):
        home = self.url_open("/my").text
        [card] = html.fromstring(home).xpath("//main//a[@href='/my/notices']")
        self.assertEqual(card.text_content().split()[:2], ["2", "Notifications"])
        counts = self.make_jsonrpc_request("/my/counters", COUNTERS)
        self.assertEqual(counts, {"service_notice_count": 2})
        for user in (self.outsider, self.supervisor):
            self._login(user)
            self.assertNotIn("/my/notices", self.url_open("/my").text)

    def test_push(self):
        """All who see a notice have their counter changed, and nobody else."""
        (self.company_notice | self.own_notice | self.rival_notice)._push_to_portal()
        for user, count in (
            (self.portal_user, 2),
            (self.colleague, 1),
            (self.other_portal_user, 1),
        ):
            [message] = self._get_pushed(user)
            self.assertIn('"type":"lead_broadcast.notices"', message)
            self.assertIn(f'{{"unread":{count},"is_new":true}}', message)
        self.assertFalse(self._get_pushed(self.outsider))

    def test_push_to_person(self):
        self.own_notice._push_to_portal()
        self.assertEqual(len(self._get_pushed(self.portal_user)), 1)
        self.assertFalse(self._get_pushed(self.colleague))

    def test_push_when_read(self):
        """Who reads takes the number from the colleagues' pages, too."""
        self._report([self.company_notice.id])
        [message] = self._get_pushed(self.colleague)
        self.assertIn('{"unread":0,"is_new":false}', message)
        self.assertFalse(self._get_pushed(self.other_portal_user))

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_staff(self):
        """Staff have Odoo's own inbox."""
        self._login(self.supervisor)
        page = self.url_open("/my/notices", allow_redirects=False)
        self.assertEqual(page.headers["Location"], "/my")

    def test_login_needed(self):
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/my/notices").url)
        data = {"csrf_token": Request.csrf_token(self)}
        self.assertIn("/web/login", self.url_open("/my/notices/read", data=data).url)
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self._report([self.company_notice.id])
        self.assertRead(self.env["lead.broadcast.notice"])

    def test_no_access_to_notices(self):
        notices = self.own_notice.with_user(self.portal_user)
        for operation in ("read", "write", "create", "unlink"):
            with self.assertRaises(AccessError):
                notices.check_access(operation)

    # ------------------------------------------------------------
    # SCALE
    # ------------------------------------------------------------

    def test_queries_of_list(self):
        """A long list takes as many queries as a short one."""
        Notice = self.env["lead.broadcast.notice"]
        user = self.portal_user
        counts = []
        for number in (2, 10):
            leads = self._create_leads(number)
            self._broadcast(leads)
            for minutes, lead in enumerate(leads):
                offer = self._get_offer(self.green_park, lead)
                self._create_notice(minutes, lead_id=lead.id, offer_id=offer.id)
            for minutes in range(number):
                self._create_digest(leads, minutes=1000 + number + minutes)
            domain = Notice._get_portal_domain(user.partner_id)
            notices = Notice.search(domain).with_user(user).sudo()
            self._count_queries(notices._get_portal_values)
            counts.append(self._count_queries(notices._get_portal_values))
        self.assertGreater(counts[0], 0)
        self.assertLessEqual(counts[1], counts[0])

    def test_queries_of_push(self):
        """Many notices cost no more queries than one."""
        notices = self.env["lead.broadcast.notice"]
        for minutes in range(20):
            notices |= self._create_notice(minutes)
        self.own_notice._push_to_portal()
        few = self._count_queries(self.company_notice._push_to_portal)
        many = self._count_queries(notices._push_to_portal)
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 6)
