from odoo.tests import tagged

from .common import HAUZ_KHAS, BroadcastCase


@tagged("post_install", "-at_install")
class TestQueryCount(BroadcastCase):
    """What happens for many leads at once costs as many queries as for a few."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner"].create(
            [cls._prepare_partner(f"P{number}", HAUZ_KHAS) for number in range(10)]
        )
        cls.service.wave_size = 10

    def test_broadcast(self):
        few, many = self._create_leads(2), self._create_leads(40)
        self._broadcast(self._create_lead())  # fills the caches of the registry
        queries_few = self._count_queries(lambda: self._broadcast(few))
        queries_many = self._count_queries(lambda: self._broadcast(many))
        self.assertEqual(len(many.sudo().offer_ids), 400)
        # inserts go by thousands of rows; nothing else grows
        self.assertLessEqual(queries_many - queries_few, 10)

    def test_broadcast_one(self):
        self._broadcast(self._create_lead())
        queries = self._count_queries(self._broadcast)
        self.assertEqual(len(self.lead.sudo().offer_ids), 10)
        self.assertLessEqual(queries, 50)

    def test_expire(self):
        few = self._broadcast(self._create_leads(2))
        many = self._broadcast(self._create_leads(40))
        self._broadcast(self._create_lead())._expire()
        queries_few = self._count_queries(few._expire)
        queries_many = self._count_queries(many._expire)
        self.assertEqual(set(many.mapped("state")), {"expired"})
        self.assertLessEqual(queries_many - queries_few, 10)

    def test_accept_does_not_grow_with_losers(self):
        small, big = self._create_leads(2)
        self._broadcast(small)
        self.service.wave_size = 16
        self._broadcast(big)
        self._broadcast(self._create_lead()).offer_ids[0]._accept("mail", self.saket)
        counts = [
            self._count_queries(
                lambda lead=lead: lead.sudo().offer_ids[0]._accept("mail", self.saket)
            )
            for lead in (small, big)
        ]
        self.assertEqual(len(big.sudo().offer_ids), 16)
        self.assertLessEqual(counts[1] - counts[0], 2)

    def test_read_leads(self):
        """What lists and cards show of a lead."""
        names = [
            "allocated_partner_id",
            "broadcast_count",
            "broadcast_state",
            "broadcast_summary",
            "broadcast_valid_until",
            "closure_state",
            "offer_count",
        ]
        self._assert_constant(
            lambda leads: leads.with_user(self.user).read(names), lambda leads: leads
        )

    def test_read_offers(self):
        """What a lead's form shows of its offers."""
        names = [
            "answer_summary",
            "distance",
            "notice_summary",
            "partner_id",
            "state",
            "valid_until",
        ]
        self._assert_constant(
            lambda offers: offers.with_user(self.user).read(names),
            lambda leads: leads.sudo().offer_ids,
        )

    def test_portal_lists(self):
        """What the portal's lists show of offers and of won leads."""

        def show(offers):
            for offer in offers:
                offer._get_page_state()
                offer._get_seconds_left()
                offer._get_customer_details()
                offer.mapped("place")

        def win(leads):
            offers = leads.sudo().offer_ids
            for offer in leads.sudo().mapped(lambda lead: lead.offer_ids[0]):
                offer._accept("mail", offer.partner_id)
            return offers

        self._assert_constant(show, win)

    def _assert_constant(self, show, get_records):
        """Assert that showing many records takes as many queries as showing a few."""
        counts = []
        for number in (2, 12):
            leads = self._create_leads(number)
            self._broadcast(leads)
            records = get_records(leads)
            records = records.browse(records.ids)  # one prefetch for all, as a search
            self._count_queries(lambda records=records: show(records))
            counts.append(self._count_queries(lambda records=records: show(records)))
        self.assertGreater(counts[0], 0)
        self.assertLessEqual(counts[1], counts[0])
