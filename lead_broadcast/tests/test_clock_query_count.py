from datetime import timedelta

from odoo.tests import tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestClockQueryCount(ClockCase):
    """Many clocks that begin, stop or run out cost about as many queries as few."""

    MARGIN = 12  # what is written about many records takes some batches more

    def assertCostsTheSame(self, act, few=2, many=32):
        """Assert that an action costs about the same for few and for many leads.

        :param act: function of leads that have just been entered for Asha
        """
        act(self._enter_many(1))  # fills the caches of the registry
        costs = []
        for number in (few, many):
            leads = self._enter_many(number)
            costs.append(self._count_queries(lambda leads=leads: act(leads)))
        self.assertLessEqual(
            costs[1] - costs[0], self.MARGIN, f"{costs} for {few}, {many}"
        )

    def _enter_many(self, number):
        self.clock.move_to(self.START)
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {index}",
                    "service_id": self.service.id,
                    "user_id": self.asha.id,
                    "team_id": self.team.id,
                }
                for index in range(number)
            ]
        )
        self.assertEqual(leads.response_policy_id, self.policy)
        return leads

    def _run_out(self, leads):
        self.clock.move_to(self.START + timedelta(days=1, minutes=1))
        leads._run_out()

    def test_begin(self):
        """Of creation itself, core costs some queries a lead."""
        without, with_clock = [], []
        for active, costs in ((False, without), (True, with_clock)):
            self.policy.active = active
            for number in (1, 2, 32):
                values = {"service_id": self.service.id, "user_id": self.asha.id}
                costs.append(
                    self._count_queries(
                        lambda number=number, values=values: self.env[
                            "crm.lead"
                        ].create([{"name": "Lead", **values}] * number)
                    )
                )
        growth = (with_clock[2] - without[2]) - (with_clock[1] - without[1])
        self.assertLessEqual(growth, self.MARGIN)

    def test_alert(self):
        self.back_up.action = "alert"
        self.assertCostsTheSame(self._run_out)

    def test_management(self):
        self.back_up.action = "management"
        self.assertCostsTheSame(self._run_out)

    def test_back_up(self):
        self.assertCostsTheSame(self._run_out)

    def test_other_leads_cost_nothing(self):
        """Leads that no policy is for are written without a query more."""
        lead = self.env["crm.lead"].create({"name": "Other", "user_id": self.asha.id})
        stages = self.env["crm.stage"].search([("is_won", "=", False)], limit=2)
        self.assertEqual(len(stages), 2)

        costs = []
        for active in (True, False):
            self.policy.active = active
            # there and back: what the caches of the registry lack is read at first
            for stage in stages + stages[:1]:
                cost = self._count_queries(
                    lambda stage=stage: lead.write({"stage_id": stage.id})
                )
            costs.append(cost)
        self.assertEqual(*costs)
