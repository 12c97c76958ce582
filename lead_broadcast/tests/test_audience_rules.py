from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .audience_common import AudienceCase


@tagged("post_install", "-at_install")
class TestAudienceRules(AudienceCase):
    """Who is left in peace: whoever declined, can still answer, or is silent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)

    def _decline(self, reason, **kwargs):
        person = self.portal_user.partner_id
        self.offer._decline("portal", person, reason, **kwargs)

    def test_answering(self):
        """One offer at a time, also at a step that asks everybody again."""
        for step in (None, self._step("again"), self._step("nearest", ask_again=True)):
            self.assertEqual(self._reason(self.green_park, step), "answering")

    def test_asked(self):
        """Nobody is asked twice, unless the step wants it."""
        self._end_validity(self.broadcast)
        self.assertEqual(self._reason(self.green_park), "asked")
        self.assertEqual(self._reason(self.green_park, self._step("nearest")), "asked")
        for step in (self._step("again"), self._step("nearest", ask_again=True)):
            self.assertIsNone(self._reason(self.green_park, step))
        self.broadcast._expire()
        self.assertEqual(self._reason(self.green_park), "asked")
        self.assertIsNone(self._reason(self.green_park, self._step("again")))

    def test_preferred_asked_before(self):
        self._end_validity(self.broadcast)
        self.customer.preferred_service_partner_id = self.green_park
        self.assertEqual(
            self._reason(self.green_park, self._step("preferred")), "asked"
        )
        step = self._step("preferred", ask_again=True)
        self.assertEqual(self._asked(step), self.green_park)

    def test_list_asked_before(self):
        self._end_validity(self.broadcast)
        plist = self._create_list(self.green_park + self.dwarka)
        step = self._step("list", list_ids=plist.ids)
        self.assertEqual(self._asked(step), self.dwarka)
        step.ask_again = True
        self.assertEqual(self._asked(step), self.green_park + self.dwarka)

    def test_declined(self):
        self._decline(self.price_reason, price=900)
        self._end_validity(self.broadcast)
        self.lead.sudo().closure_date += timedelta(days=1)
        for step in (None, self._step("again"), self._step("nearest", ask_again=True)):
            self.assertEqual(self._reason(self.green_park, step), "declined")
        self.assertEqual(self._reason(self.saket, self._step("again")), None)

    def test_declined_for_the_date(self):
        """Whoever had no time then is asked again once the dates are others."""
        self._decline(self.date_reason)
        self._end_validity(self.broadcast)
        step = self._step("again")
        self.assertEqual(self._reason(self.green_park, step), "declined")
        self.lead.sudo().closure_date += timedelta(days=1)
        self.assertIsNone(self._reason(self.green_park, step))
        self.assertEqual(self._reason(self.green_park), "asked")
        self.lead.sudo().closure_date -= timedelta(days=1)
        self.assertEqual(self._reason(self.green_park, step), "declined")
        self.lead.sudo().work_date_from = self.lead.closure_date
        self.assertIsNone(self._reason(self.green_park, step))

    def test_declined_another_lead(self):
        self._decline(self.price_reason)
        self.assertIsNone(self._reason(self.green_park, lead=self._create_lead()))

    def test_silent(self):
        """Who was paused for silence is left out, preferred or not."""
        self.dwarka.broadcast_silenced_date = fields.Datetime.now()
        self.customer.preferred_service_partner_id = self.dwarka
        plist = self._create_list(self.dwarka)
        for step in (
            None,
            self._step("preferred"),
            self._step("nearest", wave_size=6),
            self._step("list", list_ids=plist.ids),
        ):
            self.assertEqual(self._reason(self.dwarka, step), "silent")

    def test_reasons_in_words(self):
        """The lines kept of a round say the reasons as people read them."""
        self.gurugram.broadcast_silenced_date = fields.Datetime.now()
        self._decline(self.price_reason)
        candidates = {self.lead: self._look(self._step("nearest", wave_size=6))}
        lines = self.lead._broadcast(candidates).candidate_ids
        self.assertEqual(
            {line.partner_id: line.reason_text for line in lines if line.reason},
            {
                self.green_park: "Declined this lead",
                self.saket: "Can still answer an earlier offer",
                self.lajpat_nagar: "Can still answer an earlier offer",
                self.gurugram: "Paused: did not answer several offers",
            },
        )
