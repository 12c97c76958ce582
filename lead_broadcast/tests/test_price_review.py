from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import BroadcastCase

REVIEW = "lead_broadcast.mail_activity_type_price_review"


@tagged("post_install", "-at_install")
class TestPriceReview(BroadcastCase):
    """Partners that decline for the price are heard by those who decide on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = new_test_user(
            cls.env, login="head", groups="lead_broadcast.group_supervisor"
        )
        cls.env.company.broadcast_head_id = cls.head
        cls.team = cls.env["crm.team"].create(
            {"name": "Delhi", "user_id": cls.supervisor.id}
        )
        cls.lead.team_id = cls.team
        cls.service.wave_size = 5
        cls._broadcast()

    def _decline(self, partner, price=0.0):
        self._get_offer(partner)._decline(
            "portal", partner, self.price_reason, price=price
        )

    def _decline_thrice(self):
        self._decline(self.green_park, 1200)
        self._decline(self.saket, 1500)
        self._decline(self.lajpat_nagar)

    def _get_reviews(self):
        return self.lead.activity_search([REVIEW])

    def test_enough_partners(self):
        """Leader and head get one activity each, with the prices named."""
        self._decline(self.green_park, 1200)
        self._decline(self.saket, 1500)
        self.assertFalse(self._get_reviews())
        self._decline(self.lajpat_nagar)
        reviews = self._get_reviews()
        self.assertEqual(reviews.user_id, self.supervisor | self.head)
        self.assertEqual(len(reviews), 2)
        self.assertEqual(set(reviews.mapped("date_deadline")), {fields.Date.today()})
        text = reviews[0].note.striptags().replace("\xa0", " ")
        text = " ".join(text.split())
        self.assertRegex(
            text, "Highest .*1,500.00.*, lowest .*1,200.00.*, average .*1,350.00"
        )
        self.assertRegex(text, "Green Park Services: .*1,200.00")
        self.assertIn("Lajpat Nagar Services: no price named", text)

    def test_later_prices(self):
        """Later prices are added to open reviews; a lead is reviewed once."""
        self._decline_thrice()
        done, waiting = self._get_reviews()
        done.action_feedback()
        self._decline(self.connaught_place, 1800)
        self.assertEqual(self._get_reviews(), waiting)
        self.assertIn("Connaught Place Services", waiting.note)
        self.assertIn("1,800.00", waiting.note)
        self.assertNotIn("Connaught Place Services", done.note)
        waiting.action_feedback()
        self._decline(self.dwarka, 1900)
        self.assertFalse(self._get_reviews())

    def test_own_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.env["res.lang"]._activate_lang("ru_RU")
        self.head.lang, self.supervisor.lang = "es_ES", "ru_RU"
        self._decline_thrice()
        notes = {review.user_id: review.note for review in self._get_reviews()}
        self.assertIn("1.500,00", notes[self.head])
        self.assertIn("1&nbsp;500,00", notes[self.supervisor])

    def test_partners_are_counted(self):
        """A partner that declines in three rounds is one partner."""
        for _round in range(3):
            offer = self._get_offer(self.green_park)
            offer._decline("portal", self.green_park, self.price_reason, price=900)
            self.lead.sudo().broadcast_ids._cancel()
            line = {"partner_id": self.green_park.id, "selected": True}
            line.update(distance=1.0, is_located=True, is_preferred=False)
            self.lead._broadcast({self.lead: [line]})
        self.assertFalse(self._get_reviews())

    def test_other_reasons_do_not_count(self):
        for partner in (self.green_park, self.saket):
            self._decline(partner, 1000)
        self._get_offer(self.lajpat_nagar)._decline(
            "portal", self.lajpat_nagar, self.other_reason
        )
        self.assertFalse(self._get_reviews())

    def test_not_from_outside(self):
        """Who may write leads does not keep their prices from being reviewed."""
        self.lead.user_id = self.salesman
        now = fields.Datetime.now()
        leads = self.env["crm.lead"].with_user(self.salesman)
        with self.assertRaises(AccessError):
            leads.browse(self.lead.id).price_review_date = now
        with self.assertRaises(AccessError):
            leads.create({"name": "Done", "price_review_date": now})
        leads = leads.with_context(default_price_review_date=now)
        self.assertFalse(leads.create({"name": "Done"}).price_review_date)

    def test_merged(self):
        """A lead is reviewed once, also as part of another."""
        self._decline_thrice()
        date = self.lead.price_review_date
        leads = self.lead | self._create_lead(type="opportunity", probability=90)
        head = leads.with_user(self.supervisor).merge_opportunity()
        self.assertNotEqual(head, self.lead)
        self.assertEqual(head.price_review_date, date)

    def test_never(self):
        self.env.company.broadcast_price_review_count = 0
        self._decline_thrice()
        self.assertFalse(self._get_reviews())

    def test_one_person(self):
        """Who is both leader and head is asked once."""
        self.team.user_id = self.head
        self._decline_thrice()
        self.assertEqual(self._get_reviews().user_id, self.head)
        self.assertEqual(len(self._get_reviews()), 1)

    def test_nobody_to_tell(self):
        """Then it is up to whoever has the lead, or had it offered."""
        self.team.user_id = self.salesman  # sees only leads of their own
        self.head.active = False
        self._decline_thrice()
        self.assertEqual(self._get_reviews().user_id, self.user)

    def test_declined_on_the_portal(self):
        """Partners may not see leads, and yet their answers are followed up."""
        self._decline(self.saket, 1500)
        self._decline(self.lajpat_nagar, 1400)
        self._get_offer(self.green_park).with_user(self.portal_user)._decline(
            "portal", self.portal_user.partner_id, self.price_reason, price=1300
        )
        self.assertEqual(len(self._get_reviews()), 2)
