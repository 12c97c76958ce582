from datetime import timedelta

from odoo.tests import tagged

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadderQueryCount(LadderCase):
    """Taking a step with many leads costs about as many queries as with few."""

    MARGIN = 10  # what is written about many records takes some batches more

    def _climb_from(self, number, nobody_left=False, **delta):
        """Return what it costs to take the steps that are due after some time."""
        self.clock.move_to(self.START)
        self.partners.is_service_partner = True
        leads = self._create_leads(number)
        self._start(leads)
        if nobody_left:
            self.partners.is_service_partner = False
        self.clock.move_to(self.START + timedelta(**delta))
        return self._count_queries(leads._climb)

    def assertCostsTheSame(self, **kwargs):
        self._climb_from(1, **kwargs)  # fills the caches of the registry
        few = self._climb_from(2, **kwargs)
        many = self._climb_from(42, **kwargs)
        self.assertLessEqual(many - few, self.MARGIN, f"{few} for 2, {many} for 42")

    def _use_working_hours(self):
        self.ladder.calendar_id = self.env.ref("resource.resource_calendar_std")
        self.ladder.calendar_id.tz = "Asia/Kolkata"

    def test_step_that_asks_partners(self):
        self._use_working_hours()
        self.assertCostsTheSame(hours=6)

    def test_step_that_waits(self):
        self._use_working_hours()
        self.assertCostsTheSame(hours=12)

    def test_step_for_people(self):
        self.assertCostsTheSame(nobody_left=True, minutes=1)
