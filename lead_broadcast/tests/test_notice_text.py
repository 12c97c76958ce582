from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models import lead_broadcast_notice_digest
from ..tools import measure_sms
from .common import BroadcastCase
from .test_sms_languages import ENGLISH, LETTERS

SECRETS = ("Asha", "98100", "asha@traders", "Aurobindo", "110016", "Call Asha")
EVENTS = (
    "expiring",
    "pending",
    "unattended",
    "closure_near",
    "closure_passed",
    "activity",
    "activity_pending",
    "assigned",
    "escalated",
    "undeliverable",
    "digest",
)


class NoticeTextCase(BroadcastCase):
    """A lead that Green Park Services has for six days and three hours; above it is
    Connaught Place Services."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.master = cls.connaught_place
        cls.green_park.broadcast_master_id = cls.master
        cls.lead._allocate(cls.green_park)
        cls.offer = cls.lead.allocated_offer_id
        cls.today = fields.Date.context_today(cls.lead.with_context(tz="Asia/Kolkata"))
        cls._age(cls.lead, days=6, hours=3)
        cls.activity = cls._plan_call(cls.lead)
        cls.readers = {
            "partner": cls.green_park,
            "person": cls.portal_user.partner_id,
            "master": cls.master,
            "staff": cls.user.partner_id,
            "customer": cls.customer,
        }
        cls.rules = cls.env["lead.broadcast.notification.rule"].with_context(
            active_test=False
        )

    @classmethod
    def _age(cls, lead, **age):
        lead.allocated_date = fields.Datetime.now() - timedelta(**age)

    @classmethod
    def _plan_call(cls, lead, **values):
        return lead.activity_schedule(
            "mail.mail_activity_data_call",
            cls.today + timedelta(days=2),
            summary="Call Asha on 98100 12345",
            user_id=cls.user.id,
            **values,
        )

    @classmethod
    def _write_notice(cls, event, reader, lead=None, **values):
        lead = lead or cls.lead
        if event == "digest":
            values.setdefault("line_ids", [cls._line("pending", lead)])
        else:
            values.setdefault("lead_id", lead.id)
            values.setdefault("offer_id", lead.allocated_offer_id.id)
        if event.startswith("activity"):
            values.setdefault("activity_id", cls.activity.id)
        values.setdefault("slot", f"{event} {reader.id}")
        return cls.env["lead.broadcast.notice"].create(
            {
                "event": event,
                "recipient_id": reader.id,
                "channel": "mail",
                "company_id": cls.env.company.id,
                **values,
            }
        )

    @classmethod
    def _line(cls, event, lead, activity=None):
        rule = cls.rules.search([("event", "=", event)], limit=1)
        return Command.create(
            {
                "rule_id": rule.id,
                "lead_id": lead.id,
                "offer_id": lead.allocated_offer_id.id,
                "activity_id": activity.id if activity else False,
            }
        )

    @classmethod
    def _render(cls, notice, kind="mail"):
        """Return all that the reader of a notice gets to read."""
        template = cls.env.ref(f"lead_broadcast.{kind}_template_{notice.event}")
        if kind == "sms":
            record = notice if template.model == notice._name else notice.offer_id
            return template._render_field("body", record.ids)[record.id]
        mail = template.send_mail_batch(notice.ids)
        return f"{mail.subject}\n{mail.body_html}"


@tagged("post_install", "-at_install")
class TestNoticeText(NoticeTextCase):
    # ------------------------------------------------------------
    # WHO READS WHAT
    # ------------------------------------------------------------

    def test_title(self):
        service_and_place = "Data Rectification in Hauz Khas, New Delhi"
        for name, reader in self.readers.items():
            notice = self._write_notice("pending", reader)
            expected = self.lead.name if name == "staff" else service_and_place
            self.assertEqual(notice._get_title(), expected)
            self.assertEqual(notice._get_reference(), f"L{self.lead.id}")

    def test_title_of_a_task(self):
        """Whoever has it: the title of the lead is not told."""
        notice = self._write_notice("activity", self.user.partner_id)
        self.assertEqual(
            notice._get_title(), "Data Rectification in Hauz Khas, New Delhi"
        )
        self.assertEqual(notice._get_task(), "Call")

    def test_title_is_cut(self):
        notice = self._write_notice("pending", self.green_park)
        self.assertEqual(notice._get_title(25), "Data Rectification in.")

    def test_title_without_particulars(self):
        """Neither service nor place, and nobody has it yet."""
        lead = self._create_lead(service_id=False, service_place=False)
        for reader, title in (
            (self.user.partner_id, lead.name),
            (self.customer, "Service opportunity"),
        ):
            notice = self._write_notice("undeliverable", reader, lead)
            self.assertEqual(notice._get_title(), title)
            self.assertEqual(notice._get_partner_name(), "")

    def test_link(self):
        base, offer = self.lead.get_base_url(), self.offer
        own = f"{base}/my/offers/{offer.id}?access_token={offer.access_token}"
        links = {
            "partner": own,
            "person": own,
            "master": f"{base}/my/partner_leads/{offer.id}#lead-{offer.id}",
            "staff": f"{base}/mail/view?model=crm.lead&res_id={self.lead.id}",
            "customer": "",
        }
        for name, reader in self.readers.items():
            notice = self._write_notice("pending", reader)
            self.assertEqual(notice._get_link(), links[name])

    def test_link_of_a_task(self):
        """Straight to the tasks on the lead's page."""
        notice = self._write_notice("activity", self.portal_user.partner_id)
        self.assertTrue(notice._get_link().endswith(f"{self.offer.access_token}#tasks"))

    def test_link_of_a_digest(self):
        base = self.lead.get_base_url()
        paths = {
            "partner": f"{base}/my/service_leads",
            "person": f"{base}/my/service_leads",
            "master": f"{base}/my/partner_leads",
            "staff": f"{base}/odoo/action-lead_broadcast.crm_lead_action_service",
            "customer": "",
        }
        for name, reader in self.readers.items():
            notice = self._write_notice("digest", reader)
            self.assertEqual(notice._get_link(), paths[name])

    def test_customer_is_named_to_staff_only(self):
        """Neither is the partner's access given to anybody else."""
        for name, reader in self.readers.items():
            for event in EVENTS:
                notice = self._write_notice(event, reader)
                for kind in ("mail", "sms"):
                    text = self._render(notice, kind)
                    if name not in ("partner", "person"):
                        self.assertNotIn(self.offer.access_token, text)
                    for secret in SECRETS if name in ("person", "master") else ():
                        self.assertNotIn(secret, text, (event, kind))

    def test_task_of_staff_names_no_customer(self):
        for event in ("activity", "activity_pending"):
            notice = self._write_notice(event, self.user.partner_id)
            for kind in ("mail", "sms"):
                for secret in SECRETS:
                    self.assertNotIn(secret, self._render(notice, kind))

    # ------------------------------------------------------------
    # HOW LONG, AND WHAT IS MISSING
    # ------------------------------------------------------------

    def test_age(self):
        for lang in ("es_ES", "ru_RU", "hi_IN"):
            self.env["res.lang"]._activate_lang(lang)
        notice = self._write_notice("pending", self.green_park)
        for age, lang, text in (
            ({"seconds": 10}, "en_US", "1 minute"),
            ({"minutes": 59}, "en_US", "59 minutes"),
            ({"hours": 23}, "en_US", "23 hours"),
            ({"hours": 47}, "en_US", "1 day"),
            ({"days": 20}, "en_US", "20 days"),
            ({"days": 1}, "es_ES", "1 día"),
            ({"days": 2}, "es_ES", "2 días"),
            ({"days": 1}, "ru_RU", "1 день"),
            ({"days": 3}, "ru_RU", "3 дня"),
            ({"days": 11}, "ru_RU", "11 дней"),
            ({"days": 21}, "ru_RU", "21 день"),
            ({"hours": 2}, "hi_IN", "2 घंटे"),
        ):
            self._age(self.lead, **age)
            self.assertEqual(notice.with_context(lang=lang)._get_age_text(), text)

    def test_missing(self):
        partner = self.green_park
        for event, days, text in (
            ("closure_near", 2, "due in 2 days"),
            ("closure_near", 1, "due in 1 day"),
            ("closure_near", 0, "due today"),
            ("closure_passed", -1, "1 day over the closure date"),
            ("closure_passed", -30, "30 days over the closure date"),
            ("unattended", -30, "not attended"),
            ("pending", 2, "not attended"),
        ):
            self.lead.closure_date = self.today + timedelta(days=days)
            notice = self._write_notice(event, partner, slot=f"{event} {days}")
            self.assertEqual(notice._get_missing(), text)
        self.lead._note_response(partner)
        notice = self._write_notice("pending", partner)
        self.assertEqual(notice._get_missing(), "not completed")
        self.lead._mark_completed(partner)
        self.assertEqual(notice._get_missing(), "")

    def test_day_of_the_reader(self):
        """Past in Kiritimati, today in Honolulu: they are never on the same day."""
        self.lead.closure_date = fields.Date.context_today(
            self.lead.with_context(tz="Pacific/Honolulu")
        )
        self.green_park.tz = "Pacific/Honolulu"
        notice = self._write_notice("closure_near", self.green_park)
        self.assertEqual(notice._get_missing(), "due today")
        self.green_park.tz = "Pacific/Kiritimati"
        notice = self._write_notice("closure_passed", self.green_park)
        self.assertRegex(notice._get_missing(), r"^[12] days? over the closure date$")

    def test_missing_task(self):
        self.activity.date_deadline = "2030-11-28"
        notice = self._write_notice("activity_pending", self.user.partner_id)
        self.assertEqual(notice._get_missing(), "Call due 28 Nov")

    def test_missing_answer(self):
        self.offer.broadcast_id.valid_until = "2030-11-21 09:00:00"
        notice = self._write_notice("expiring", self.green_park)
        self.assertEqual(notice._get_missing(), "to be answered by 14:30")

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def test_mails_say_why(self):
        company = self.env.company.name
        reasons = {
            "partner": "Green Park Services is a service partner of " + company,
            "person": "Green Park Services is a service partner of " + company,
            "master": "Connaught Place Services is the master partner of",
            "staff": "you work on leads of " + company,
            "customer": "you take part in a service of " + company,
        }
        for name, reader in self.readers.items():
            for event in EVENTS:
                text = self._render(self._write_notice(event, reader))
                self.assertIn(f"because {reasons[name]}", text)
                link = self._write_notice(event, reader, slot="link")._get_link()
                self.assertEqual(link != "", name != "customer")
                self.assertIn(link.replace("&", "&amp;"), text)
                for left in ("False", "None", "{{", "t-out"):
                    self.assertNotIn(left, text)

    def test_mail(self):
        self.lead.write(
            {"closure_date": "2030-11-28", "team_id": self._create_team().id}
        )
        mail = self.env.ref("lead_broadcast.mail_template_pending").send_mail_batch(
            self._write_notice("pending", self.master).ids
        )
        self.assertEqual(
            mail.subject, "Still open: Data Rectification in Hauz Khas, New Delhi"
        )
        self.assertIn(self.master.email, mail.email_to)
        self.assertEqual(mail.reply_to, self.user.email_formatted)
        self.assertFalse(mail.recipient_ids)
        for text in (
            "Dear Partner",
            "Green Park Services",
            "6 days",
            f"L{self.lead.id}",
            "Thursday 28 November 2030",
            "Support Delhi",
        ):
            self.assertIn(text, mail.body_html)

    def _create_team(self):
        return self.env["crm.team"].create({"name": "Support Delhi"})

    def test_nothing_known(self):
        """Templates are rendered for the first record there is when they are saved,
        whatever it may be about."""
        notice = self._write_notice("digest", self.green_park, line_ids=[])
        bare = self.env["lead.broadcast.notice"].new({"event": "pending"})
        domain = [("model", "=", notice._name)]
        for template in self.env["mail.template"].search(domain):
            self.assertTrue(template.send_mail_batch(notice.ids).subject)
            template.subject += " "
        for template in self.env["sms.template"].search(domain):
            self.assertTrue(template._render_field("body", notice.ids)[notice.id])
        self.assertEqual(bare._get_missing(), "")
        self.assertEqual(bare._get_digest_groups(), [])

    def test_sms_size(self):
        """Long titles and names cost no third segment, unless there is a link."""
        self.lead.write(
            {
                "name": "Wrong figures in the ledgers of many years " * 2,
                "service_place": "A very long name of a place, New Delhi " * 3,
                "closure_date": self.today,
            }
        )
        self.activity.date_deadline = self.today
        notices = [self._write_notice(event, self.customer) for event in EVENTS]
        notices += [
            self._write_notice(event, self.customer)
            for event in ("allocated", "exhausted")
        ]
        for notice in notices:
            if notice.event != "expiring":  # about the offer, which shortens itself
                text = self._render(notice, "sms")
                self.assertNotIn("://", text)
                self.assertLessEqual(measure_sms(text).segments, 2, text)

    def test_sms(self):
        self.lead.closure_date = "2030-11-28"
        link = f"{self.lead.get_base_url()}/mail/view?model=crm.lead"
        link += f"&res_id={self.lead.id}"
        notice = self._write_notice("allocated", self.user.partner_id)
        self.assertEqual(
            self._render(notice, "sms"),
            f"Lead L{self.lead.id} Wrong figures at Asha Traders is now with Green Park"
            f" Services. Complete by 28 Nov. Details: {link}",
        )

    def test_sms_expiring(self):
        """It accepts the offer when it is sent back, as the first one does."""
        self.env.company.broadcast_sms_number = "+911140001234"
        self.offer.broadcast_id.valid_until = "2030-11-21 09:00:00"
        text = self._render(self._write_notice("expiring", self.green_park), "sms")
        self.assertEqual(
            text,
            "The offer of Data Rectification in Hauz Khas, New Delhi"
            f" ({self.offer.request_code}) ends at 14:30. To accept it, forward this"
            " message to +911140001234.",
        )


@tagged("post_install", "-at_install")
class TestNoticeDigest(NoticeTextCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.lead
        for number in range(1, 4):
            lead = cls._create_lead(service_place=f"Place {number}")
            lead._allocate(cls.green_park)
            cls._age(lead, days=number)
            cls.leads |= lead

    def _read(self, reader, *lines):
        return self._write_notice("digest", reader, line_ids=list(lines))

    def _shorten(self, groups):
        return [
            (group["event"], [line["reference"] for line in group["lines"]])
            for group in groups
        ]

    def test_each_lead_once(self):
        """Under the most urgent reason; the most urgent group and the oldest lead
        come first."""
        old, one, two, three = self.leads
        digest = self._read(
            self.green_park,
            self._line("allocated", one),
            self._line("pending", old),
            self._line("allocated", old),
            self._line("unattended", one),
            self._line("unattended", three),
            self._line("closure_passed", old),
            self._line("closure_near", two),
        )
        self.assertEqual(digest._get_count(), 4)
        self.assertEqual(
            self._shorten(digest._get_digest_groups()),
            [
                ("closure_passed", [f"L{old.id}"]),
                ("unattended", [f"L{three.id}", f"L{one.id}"]),
                ("closure_near", [f"L{two.id}"]),
            ],
        )

    def test_line(self):
        self.lead.closure_date = self.today - timedelta(days=3)
        lines = [self._line("closure_passed", self.lead)]
        line = {
            "title": "Data Rectification in Hauz Khas, New Delhi",
            "reference": f"L{self.lead.id}",
            "age": "6 days",
            "missing": "3 days over the closure date",
        }
        base = self.lead.get_base_url()
        [group] = self._read(self.master, *lines)._get_digest_groups()
        self.assertEqual(
            group,
            {
                "event": "closure_passed",
                "label": "Closure date passed",
                "lines": [
                    {
                        **line,
                        "link": f"{base}/my/partner_leads/{self.offer.id}"
                        f"#lead-{self.offer.id}",
                        "partner": "Green Park Services",
                    }
                ],
                "more": 0,
            },
        )
        # the partner's own leads, by the partner's own link
        [group] = self._read(self.green_park, *lines)._get_digest_groups()
        link = base + self.offer.get_portal_url()
        self.assertEqual(group["lines"], [{**line, "link": link, "partner": ""}])

    def test_tasks_of_one_lead(self):
        meeting = self.lead.activity_schedule(
            "mail.mail_activity_data_meeting", "2030-11-30", user_id=self.user.id
        )
        self.activity.date_deadline = "2030-11-28"
        digest = self._read(
            self.user.partner_id,
            self._line("activity_pending", self.lead, self.activity),
            self._line("activity_pending", self.lead, meeting),
        )
        [group] = digest._get_digest_groups()
        [line] = group["lines"]
        self.assertEqual(line["missing"], "Call due 28 Nov; Meeting due 30 Nov")
        self.assertEqual(digest._get_count(), 1)

    def test_too_many(self):
        lines = [self._line("unattended", lead) for lead in self.leads[:3]]
        lines.append(self._line("closure_near", self.leads[3]))
        digest = self._read(self.green_park, *lines)
        with patch.object(lead_broadcast_notice_digest, "MAX_LINES", 2):
            groups = digest._get_digest_groups()
            text = self._render(digest)
        self.assertEqual(
            [(len(group["lines"]), group["more"]) for group in groups],
            [(2, 1), (0, 1)],
        )
        self.assertEqual(text.count("</t> more") + text.count("1 more"), 2)

    def test_deleted_rule(self):
        """What it said is not lost, but comes last."""
        rule = self.rules.create(
            {"event": "escalated", "role": "customer", "channel": "mail"}
        )
        digest = self._read(
            self.green_park,
            Command.create({"rule_id": rule.id, "lead_id": self.leads[1].id}),
            self._line("allocated", self.leads[2]),
        )
        rule.unlink()
        self.assertEqual(
            self._shorten(digest._get_digest_groups()),
            [
                ("allocated", [f"L{self.leads[2].id}"]),
                (False, [f"L{self.leads[1].id}"]),
            ],
        )
        self.assertIn("2 leads wait for you", self._render(digest))

    def test_single_notice(self):
        """The text of digests serves a rule that is none, too."""
        notice = self._write_notice("pending", self.green_park)
        template = self.env.ref("lead_broadcast.mail_template_digest")
        mail = template.send_mail_batch(notice.ids)
        self.assertEqual(mail.subject, "1 lead waits for you")
        self.assertIn("Lead pending", mail.body_html)
        self.assertIn(self.offer.access_token, mail.body_html)

    def test_languages(self):
        """What partners read comes translated, with all that is filled in."""
        for lang in LETTERS:
            self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(
            ["lead_broadcast"], list(LETTERS)
        )
        self.lead.closure_date = self.today - timedelta(days=3)
        for lang, letters in LETTERS.items():
            self.master.lang = lang
            for event in EVENTS:
                notice = self._write_notice(event, self.master, slot=f"{event} {lang}")
                text = html.fromstring(self._render(notice)).text_content()
                self.assertNotRegex(text, ENGLISH)
                self.assertRegex(text, letters)
                self.assertIn("Hauz Khas, New Delhi", text)
                self.assertIn("Green Park Services", text)
        for event, text in (
            ("digest", "6 दिन से"),
            ("closure_passed", "इस तारीख तक पूरा करें"),
        ):
            notice = self._write_notice(event, self.master)
            self.assertIn(text, self._render(notice))

    def test_many_leads(self):
        """The number of queries does not grow with the leads."""
        counts = []
        for number in (3, 30):
            leads = self._create_leads(number)
            for lead in leads:
                lead._allocate(self.green_park)
            digest = self._write_notice(
                "digest",
                self.master,
                line_ids=[self._line("unattended", lead) for lead in leads],
                slot=str(number),
            )
            self._count_queries(digest._get_digest_groups)
            counts.append(self._count_queries(digest._get_digest_groups))
            self.assertEqual(len(digest._get_digest_groups()[0]["lines"]), number)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 20)

    def test_staff_read_no_more_than_they_may(self):
        """Who writes templates looks at them with his own rights."""
        admin = new_test_user(
            self.env,
            login="author",
            groups="lead_broadcast.group_administrator,mail.group_mail_template_editor",
        )
        digest = self._read(self.master, self._line("pending", self.lead))
        template = self.env.ref("lead_broadcast.mail_template_digest")
        body = template.with_user(admin)._render_field("body_html", digest.ids)
        self.assertIn("Green Park Services", body[digest.id])
