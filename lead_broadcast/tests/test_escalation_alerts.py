from odoo.tests import tagged

from .clock_common import ClockCase
from .sms_common import SmsCase


class AlertCase(ClockCase, SmsCase):
    """The small world with a response policy, and people who read in the app and have
    phones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.asha | cls.ravi | cls.meera | cls.head
        people.notification_type = "inbox"
        for number, person in enumerate(people.partner_id):
            person.phone = f"+91981000010{number}"

    def _get_told(self, lead, event="escalated"):
        """Return who is told of a lead by which channels, of what was not told yet."""
        told = {}
        for notice in self._notices(event, lead):
            if notice.state == "pending":
                channels = told.setdefault(notice.recipient_id.name, set())
                channels.add(notice.channel)
        return told

    def _get_texts(self, lead, person):
        """Deliver what waits; return what a person got of it last, by channel."""
        self._deliver()
        notices = self._notices("escalated", lead).filtered(
            lambda notice: notice.recipient_id == person
        )
        by_mail = notices.filtered(lambda notice: notice.channel == "mail")[:1]
        in_app = self.env["mail.message"].search(
            [("res_id", "=", lead.id), ("notified_partner_ids", "in", person.ids)],
            limit=1,
        )
        texts = [text for _company, to, text in self.gateway.sent if to == person.phone]
        return {"mail": by_mail.mail_id, "inbox": in_app, "sms": texts[-1:]}


@tagged("post_install", "-at_install")
class TestEscalationAlerts(AlertCase):
    """Who is told of a lead that nobody answers, level by level, and what."""

    ALL = {"inbox", "mail", "sms"}

    # ------------------------------------------------------------
    # OUR PEOPLE
    # ------------------------------------------------------------

    def test_level_by_level(self):
        lead = self._enter()
        self._deliver()
        self._pass(days=1, minutes=1)
        # Ravi has it now, and leads the team besides
        self.assertEqual(self._get_told(lead), {"Ravi": self.ALL, "Asha": {"inbox"}})
        self._deliver()
        self._pass(days=1, minutes=1)
        self.assertEqual(
            self._get_told(lead), {"Meera": self.ALL, "Ravi": {"inbox", "mail"}}
        )
        self._deliver()
        for _again in range(2):
            self._pass(days=1, minutes=1)
            self.assertEqual(lead.response_assignment_id.user_id, self.meera)
            self.assertEqual(
                self._get_told(lead),
                {"Meera": self.ALL, "Kavita": self.ALL, "Ravi": {"inbox", "mail"}},
            )
            self._deliver()
        notices = self._notices("escalated", lead)
        self.assertEqual(set(notices.mapped("state")), {"sent"})

    def test_texts(self):
        """Level, previous and new assignee, the lead, how long it waited, a link."""
        lead = self._enter()
        self._pass(days=1, minutes=1)
        texts = self._get_texts(lead, self.ravi.partner_id)
        link = f"{lead.get_base_url()}/mail/view?model=crm.lead&res_id={lead.id}"
        self.assertEqual(
            texts["sms"],
            [
                f"Lead L{lead.id} Wrong figures: no response by Asha in time (level 1)."
                f" It is now with Ravi; details: {link}"
            ],
        )
        self.assertEqual(texts["mail"].subject, "Not answered in time: Wrong figures")
        for body in (texts["mail"].body_html, texts["inbox"].body):
            for words in ("Asha", "1 day", "Ravi", "level", "Please call the customer"):
                self.assertIn(words, body)
        self.assertIn(link.replace("&", "&amp;"), texts["mail"].body_html)
        body = self._get_texts(lead, self.asha.partner_id)["inbox"].body
        self.assertIn("It is now with", body)
        self.assertNotIn("Please", body)

    def test_text_for_management(self):
        lead = self._enter(self.meera)
        self.policy.level_ids[:2].unlink()
        self.management.management_ids = self.supervisor
        self._pass(days=1, minutes=1)
        self.assertNotIn("Kavita", self._get_told(lead))
        mail = self._get_texts(lead, self.supervisor.partner_id)["mail"]
        self.assertIn("Please see to it", mail.body_html)
        self.assertNotIn("It is now with", mail.body_html)

    def test_text_of_the_administrator(self):
        """It is said as is written when it is sent."""
        lead = self._enter()
        self._pass(days=1, minutes=1)
        template = self.env.ref("lead_broadcast.sms_template_escalated")
        template.body = "Hurry up, {{ object._get_holder_name() }}!"
        texts = self._get_texts(lead, self.ravi.partner_id)
        self.assertEqual(texts["sms"], ["Hurry up, Ravi!"])

    def test_whole_team(self):
        """Nobody of it has the lead, so each of them is told."""
        self.policy.level_ids = self.policy.level_ids[2:]
        lead = self._enter(user_id=False)
        lead.with_user(self.head)._allocate_to_team(self.team)
        self._pass(days=1, minutes=1)
        self.assertEqual(
            self._get_told(lead),
            {"Asha": self.ALL, "Ravi": self.ALL, "Kavita": self.ALL},
        )

    # ------------------------------------------------------------
    # WHAT IS NO LONGER TRUE
    # ------------------------------------------------------------

    def assertNotTold(self, lead, person):
        self._deliver()
        notices = self._notices("escalated", lead).filtered(
            lambda notice: notice.recipient_id == person.partner_id
        )
        self.assertEqual(set(notices.mapped("state")), {"skipped"})
        self.assertIn("No longer true", notices[0].note)

    def test_answered_before_it_is_sent(self):
        lead = self._enter()
        self._pass(days=1, minutes=1)
        lead.with_user(self.ravi).message_post(body="Hello", message_type="comment")
        for person in self.ravi | self.asha:
            self.assertNotTold(lead, person)

    def test_given_to_somebody_else_before_it_is_sent(self):
        lead = self._enter()
        self._pass(days=1, minutes=1)
        lead.with_user(self.head).user_id = self.meera
        self.assertNotTold(lead, self.ravi)

    def test_lead_that_is_not_late(self):
        lead = self._enter()
        self.env["lead.broadcast.notification.rule"]._notify("escalated", lead)
        self.assertNotTold(lead, self.asha)

    # ------------------------------------------------------------
    # PARTNERS
    # ------------------------------------------------------------

    def _give_to_partner(self, **level):
        """Return a lead of a partner that does not answer, when a level ran out."""
        self.policy.active = False
        self._create_policy("Partners", {"name": "Late", **level})
        self.green_park.broadcast_master_id = self.connaught_place
        lead = self._enter()
        lead.with_user(self.head)._allocate(self.green_park)
        self._deliver()
        self._pass(days=1, minutes=1)
        return lead

    def test_partner_is_reminded(self):
        lead = self._give_to_partner(action="alert")
        self.assertEqual(
            self._get_told(lead),
            {
                "Green Park Services": {"inbox", "mail"},
                self.owner.name: {"sms"},
                self.executive.name: {"sms"},
                "Ravi": {"inbox", "mail"},
            },
        )
        mail = self._get_texts(lead, self.green_park)["mail"]
        offer = lead.allocated_offer_id
        self.assertIn(offer.access_token, mail.body_html)
        self.assertIn("Data Rectification in Hauz Khas", mail.subject)
        self.assertNotIn("It is now with", mail.body_html)

    def test_master_gets_it(self):
        lead = self._give_to_partner(action="master")
        self.assertEqual(
            self._get_told(lead),
            {
                "Connaught Place Services": {"inbox", "mail"}
                - (
                    {"inbox"}
                    if not self.connaught_place._filter_with_portal()
                    else set()
                ),
                "Green Park Services": {"inbox"},
                "Ravi": {"inbox", "mail"},
            },
        )
        mail = self._get_texts(lead, self.connaught_place)["mail"]
        self.assertIn("Green Park Services", mail.body_html)
        self.assertIn(lead.allocated_offer_id.access_token, mail.body_html)
        self.assertNotIn(self.customer.name, mail.body_html)

    def test_searched_again(self):
        lead = self._give_to_partner(action="rebroadcast")
        self.assertEqual(lead.broadcast_state, "searching")
        self.assertEqual(
            self._get_told(lead),
            {"Green Park Services": {"inbox"}, "Ravi": {"inbox", "mail"}},
        )
        mail = self._get_texts(lead, self.ravi.partner_id)["mail"]
        self.assertIn("It is being offered to other partners.", mail.body_html)

    # ------------------------------------------------------------
    # HOT PATH
    # ------------------------------------------------------------

    def test_query_count(self):
        """Alerts cost no more queries for more leads."""
        counts = []
        for number in (2, 10):
            leads = self.env["crm.lead"]
            for _lead in range(number):
                leads |= self._enter()
            leads.response_level = 1
            rules = self.env["lead.broadcast.notification.rule"]
            counts.append(
                self._count_queries(
                    lambda leads=leads, rules=rules: rules._notify("escalated", leads)
                )
            )
        self.assertLessEqual(counts[1], counts[0] + 2)
