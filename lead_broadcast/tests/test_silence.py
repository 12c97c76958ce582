from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import HAUZ_KHAS
from .silence_common import SilenceCase


@tagged("post_install", "-at_install")
class TestSilence(SilenceCase):
    """Who does not answer is left in peace, until they want offers again."""

    # ------------------------------------------------------------
    # PAUSE
    # ------------------------------------------------------------

    def test_paused_after_several(self):
        offers = self._keep_silent(2)
        self.assertEqual(offers.mapped("is_silent"), [True, True])
        self.assertNotPaused()
        last = self._keep_silent()
        self.assertPaused()
        self.assertTrue(last.silenced_date)
        self.assertFalse(offers.filtered("silenced_date"))
        self.assertEqual(self._get_told().offer_id, last)
        [line] = self.partner.message_ids.filtered(
            lambda message: "in a row were not answered" in message.body
        )
        self.assertFalse(line.author_id.partner_share)

    def test_all_at_once(self):
        """Of many rounds that end together, the partner is told once."""
        self._keep_silent(5)
        self.assertPaused()
        self.assertEqual(len(self._get_told()), 1)

    def test_one_lead_counts_once(self):
        """A lead that is offered again and again is not answered once."""
        line = {"partner_id": self.partner.id, "selected": True, "distance": 1.0}
        line.update(is_located=True, is_preferred=False)
        for _round in range(4):
            broadcast = self.lead._broadcast({self.lead: [line]})
            self._tell(broadcast)
            self._expire(broadcast)
        offers = self.partner.broadcast_offer_ids
        self.assertEqual(offers.mapped("is_silent"), [True] * 4)
        self.assertNotPaused()
        self._keep_silent(2)
        self.assertPaused()

    def test_paused_once(self):
        open_round = self._offer()
        last = self._keep_silent(3)[-1:]
        self._expire(open_round)
        silenced = self.partner.broadcast_offer_ids.filtered("silenced_date")
        self.assertEqual(silenced, last)

    def test_never(self):
        self.company.broadcast_silence_limit = 0
        offers = self._keep_silent(6)
        self.assertEqual(len(offers.filtered("is_silent")), 6)
        self.assertNotPaused()

    def test_told_by_mail(self):
        last = self._keep_silent(3)[-1:]
        self._get_told()._deliver()
        mail = self._get_told().mail_id
        self.assertEqual(mail.subject, "We have paused your offers")
        page = f"{last.get_base_url()}/my/offers/{last.id}/return"
        self.assertIn(f'href="{page}?access_token={last.access_token}"', mail.body_html)

    def test_not_told_when_back(self):
        """What is no longer true is not sent."""
        self._keep_silent(3)
        self.partner.with_user(self.user).action_return_to_offers()
        self._get_told()._deliver()
        self.assertEqual(self._get_told().state, "skipped")

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def test_answer_starts_anew(self):
        self._keep_silent(2)
        self._answer(self._offer())
        self._keep_silent(2)
        self.assertNotPaused()
        self._keep_silent()
        self.assertPaused()

    def test_given_by_staff_is_no_answer(self):
        self._keep_silent(2)
        lead = self._create_lead()
        lead.with_user(self.user)._allocate(self.partner)
        offer = self._get_offer(self.partner, lead)
        offer.answer_date = fields.Datetime.now()
        self._keep_silent()
        self.assertPaused()

    def test_answer_brings_back(self):
        """A paused partner that takes what it was offered before is there."""
        open_round = self._offer()
        self._keep_silent(3)
        self.assertPaused()
        offer = self._get_own(open_round)
        self.assertEqual(offer._accept("mail", self.partner), "accepted")
        self.assertNotPaused()
        self.assertTrue(self.partner.broadcast_returned_date)

    def test_too_late_is_not_silent(self):
        self.company.broadcast_silence_limit = 0
        offer = self._keep_silent()
        self.assertTrue(offer.is_silent)
        self.assertEqual(offer._accept("mail", self.partner), "expired")
        self.assertFalse(offer.is_silent)

    def test_taken_by_another(self):
        for broadcast in self._offer(3):
            rival = self._get_offer(self.green_park, broadcast.lead_id)
            rival._accept("mail", self.green_park)
        self.assertEqual(
            set(self.partner.broadcast_offer_ids.mapped("state")), {"lost"}
        )
        self.assertFalse(self.partner.broadcast_offer_ids.filtered("is_silent"))
        self.assertNotPaused()

    # ------------------------------------------------------------
    # BACK
    # ------------------------------------------------------------

    def test_back_by_staff(self):
        offers = self._keep_silent(3)
        self.partner.with_user(self.user).action_return_to_offers()
        self.assertNotPaused()
        self.assertFalse(offers.filtered("silenced_date"))
        [line] = self.partner.message_ids.filtered(
            lambda message: "Gets offers again" in message.body
        )
        self.assertEqual(line.author_id, self.user.partner_id)
        self.started = fields.Datetime.now()
        self._keep_silent(2)
        self.assertNotPaused()
        self._keep_silent()
        self.assertPaused()

    def test_back_needs_access(self):
        self._keep_silent(3)
        with self.assertRaises(AccessError):
            self.partner.with_user(self.portal_user).action_return_to_offers()
        self.assertPaused()

    # ------------------------------------------------------------
    # GUARD
    # ------------------------------------------------------------

    def _create_contact_manager(self):
        return new_test_user(
            self.env,
            login="contacts",
            groups="base.group_user,base.group_partner_manager",
        )

    def test_not_from_outside(self):
        """Who may write partners pauses nobody, nor brings anybody back unseen."""
        manager = self._create_contact_manager()
        partners = self.env["res.partner"].with_user(manager)
        now = fields.Datetime.now()
        for name in ("broadcast_silenced_date", "broadcast_returned_date"):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    self.partner.with_user(manager).write({name: now})
                with self.assertRaises(AccessError):
                    partners.create({"name": "Quiet", name: now})
                default = partners.with_context(**{f"default_{name}": now})
                self.assertFalse(default.create({"name": "Quiet"})[name])

    def test_merged(self):
        """Two partners become one, which is as quiet as they were."""
        self._keep_silent(3)
        self.partner._return_to_offers(self.partner)
        self.started = fields.Datetime.now()
        self._keep_silent(3)
        twin = self.env["res.partner"].create(self._prepare_partner("Twin", HAUZ_KHAS))
        twin.email = self.partner.email
        dates = self.partner.mapped(
            lambda partner: (
                partner.broadcast_silenced_date,
                partner.broadcast_returned_date,
            )
        )
        manager = self._create_contact_manager()
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(manager)
        wizard._merge((self.partner | twin).ids, twin.with_user(manager))
        self.assertEqual(
            [(twin.broadcast_silenced_date, twin.broadcast_returned_date)], dates
        )

    def test_query_count(self):
        """Of many rounds that end, it costs no more than of a few."""
        self.company.broadcast_silence_limit = 1
        counts = []
        for number in (2, 2, 20):
            offers = self._offer(number).offer_ids
            offers = offers.browse(offers.ids)  # one prefetch for all, as a search
            offers.state = "expired"
            counts.append(self._count_queries(offers._note_silence))
            self.assertEqual(len(offers.filtered("is_silent")), 3 * number)
            self.assertEqual(len(offers.filtered("silenced_date")), 3)
            offers.partner_id._return_to_offers(self.user.partner_id)
            self.started = fields.Datetime.now()
        self.assertLessEqual(counts[2], counts[1])
