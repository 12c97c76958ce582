from odoo.tests import Form, tagged

from .common import HAUZ_KHAS
from .sms_common import SMS_NUMBER, SmsCase


@tagged("post_install", "-at_install")
class TestAudienceSms(SmsCase):
    """Whom SMS reaches, and what it costs, before anything is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.lead.with_user(cls.user)
        cls.service.name = "Repair"
        # a partner with nothing but a person who gets alerts
        cls.lajpat_nagar.email = False
        cls.person = cls.env["res.partner"].create(
            {"name": "Meera of Lajpat Nagar", "parent_id": cls.lajpat_nagar.id}
        )
        cls._give_alerts(cls.person, "+919810000004")

    def _line(self, partner, lead=None):
        """Return what was found of a partner."""
        [line] = [line for line in self._find(lead) if line["partner_id"] == partner.id]
        return line

    def _write_template(self, lang, body):
        self.env["res.lang"]._activate_lang(lang)
        template = self.env.ref("lead_broadcast.sms_template_offered")
        template.with_context(lang=lang).body = body

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_sms_reaches(self):
        line = self._line(self.lajpat_nagar)
        self.assertTrue(line["by_sms"])
        self.assertFalse(line["by_mail"] or line["by_inbox"])
        self.assertTrue(line["selected"])
        self.assertFalse(self._line(self.dwarka)["by_sms"], "nobody gets alerts there")

    def test_number_of_the_partner_itself(self):
        self.person.parent_id = False
        self._give_alerts(self.lajpat_nagar, "+919810000005")
        self.assertEqual(self._line(self.lajpat_nagar)["sms_recipient_count"], 1)

    def test_unreachable(self):
        """It takes the number, the right, the wish, no STOP, and our number."""
        changes = [
            lambda: self.person.write({"broadcast_alert_number": False}),
            lambda: self.person.write({"broadcast_alert_authorized": False}),
            lambda: self.person.write({"broadcast_alert_subscribed": False}),
            lambda: self.person.write({"active": False}),
            lambda: self.person.write({"parent_id": self.saket.id}),
            lambda: self.company.write({"broadcast_sms_number": False}),
            self.person._opt_out_of_alerts,
        ]
        for number, change in enumerate(changes):
            with self.subTest(number), self.env.cr.savepoint() as savepoint:
                change()
                line = self._line(self.lajpat_nagar)
                self.assertEqual(line["reason"], "unreachable")
                self.assertFalse(line["by_sms"])
                self.assertEqual(line["sms_recipient_count"], 0)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertTrue(self._line(self.lajpat_nagar)["by_sms"])

    def test_step_without_sms(self):
        """A step that sends no SMS does not reach who has nothing else."""
        step = self.env["lead.broadcast.ladder.step"].new({"by_sms": False})
        found = self.env["lead.broadcast.audience"]._find_for_step(step, self.lead)
        [line] = [
            line
            for line in found[self.lead]
            if line["partner_id"] == self.lajpat_nagar.id
        ]
        self.assertEqual((line["reason"], line["by_sms"]), ("unreachable", False))

    def test_same_people_as_the_outbox(self):
        """Who is counted before sending is who the notices go to."""
        self.executive.broadcast_alert_subscribed = False
        self.rival._opt_out_of_alerts()
        planned = {
            line["partner_id"]: line["sms_recipient_count"]
            for line in self._find(size=6)
        }
        contacts = self.partners._get_alert_contacts()
        self.assertEqual(
            planned,
            {partner.id: len(people) for partner, people in contacts.items()},
        )
        self.assertEqual(sum(planned.values()), 2)

    def test_company_of_the_lead(self):
        """The number to answer to is the one of the company that does the work."""
        company = self._create_company()
        company.broadcast_sms_number = False
        lead = self._create_lead(user_id=False, team_id=False, company_id=company.id)
        self.assertFalse(self._line(self.green_park, lead)["by_sms"])
        company.broadcast_sms_number = "+911140005678"
        self.assertTrue(self._line(self.green_park, lead)["by_sms"])

    # ------------------------------------------------------------
    # SEGMENTS
    # ------------------------------------------------------------

    def test_segments(self):
        line = self._line(self.green_park)
        self.assertEqual(line["sms_recipient_count"], 2)
        self.assertEqual(line["sms_segment_count"], 1)
        self.lead.sudo().service_place = "Shop 14, Main Market, Hauz Khas, New Delhi"
        self.assertEqual(self._line(self.green_park)["sms_segment_count"], 2)
        line = self._line(self.dwarka)
        self.assertEqual(line["sms_segment_count"], 0, "nobody is written to")

    def test_segments_of_the_longest_text(self):
        self._write_template("ru_RU", "Новый заказ " * 20 + "{{ object.request_code }}")
        self.executive.lang = "ru_RU"
        self.assertEqual(self._line(self.green_park)["sms_segment_count"], 4)
        self.assertEqual(self._line(self.saket)["sms_segment_count"], 1)

    def test_kept_on_the_audit_trail(self):
        self._write_template("en_US", "Offer {{ object.request_code }} " + "long " * 80)
        candidates = self._broadcast().candidate_ids
        line = candidates.filtered(lambda line: line.partner_id == self.green_park)
        self.company.broadcast_sms_number = False
        self.executive.broadcast_alert_authorized = False
        self.assertRecordValues(
            line,
            [
                {
                    "by_sms": True,
                    "sms_recipient_count": 2,
                    "sms_segment_count": 3,
                    "sms_summary": "2 × 3 segments",
                }
            ],
        )
        others = candidates.filtered(lambda line: not line.by_sms)
        self.assertIn(self.dwarka, others.partner_id)
        self.assertEqual(set(others.mapped("sms_summary")), {False})

    def test_queries_do_not_grow(self):
        """Neither with the leads nor with the partners and their people."""
        audience = self.env["lead.broadcast.audience"].with_user(self.user)
        counts = []
        for number in (2, 20):
            partners = self.env["res.partner"].create(
                [self._prepare_partner(f"P{number}", HAUZ_KHAS)] * number
            )
            for partner in partners:
                self._give_alerts(partner, f"+9198200{partner.id:05}")
            leads = self.env["crm.lead"].union(
                *(self._create_lead() for _count in range(number))
            )
            leads = leads.with_user(self.user)
            audience._find(leads[0])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            audience._find(leads)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # ------------------------------------------------------------
    # WIZARD
    # ------------------------------------------------------------

    def test_wizard(self):
        self._write_template("ru_RU", "Новый заказ " * 20)
        self.rival.lang = "ru_RU"
        action = self.lead.action_broadcast()
        form = Form(
            self.lead.env["lead.broadcast.wizard"].with_context(**action["context"])
        )
        shown = {
            line["partner_id"]: line["sms_detail"] for line in form.line_ids._records
        }
        names = ", ".join((self.owner + self.executive).sorted().mapped("name"))
        self.assertEqual(shown[self.green_park.id], f"2 × 1 segment: {names}")
        self.assertEqual(shown[self.saket.id], f"1 × 4 segments: {self.rival.name}")
        self.assertFalse(shown[self.dwarka.id])
        form.save().action_send()
        self._deliver()
        sent = [number for _company, number, _text in self.gateway.sent]
        self.assertCountEqual(
            sent, [f"+91981000000{number}" for number in (1, 2, 3, 4)]
        )
        self.assertIn(SMS_NUMBER, self._sent_to(self.owner)[0])
