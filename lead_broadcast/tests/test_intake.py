from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestIntake(BroadcastCase):
    """How a lead came in is noted, and nobody has what enters from outside unless
    somebody says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Lead = cls.env["crm.lead"]

    def _enter(self, channel, user=None, **values):
        Lead = self.Lead.with_user(user or self.salesman)
        lead = Lead.with_context(intake_channel=channel).create(
            {"name": "Broken router", **values}
        )
        return lead.with_env(Lead.env)

    def test_salesperson_has_what_is_entered_by_hand(self):
        lead = self.Lead.with_user(self.salesman).create({"name": "Broken router"})
        self.assertEqual(lead.intake_channel, "hand")
        self.assertEqual(lead.user_id, self.salesman)
        self.assertFalse(lead.intake_form)

    def test_whoever_does_not_sell_never_has_leads_by_default(self):
        lead = self.Lead.with_user(self.receptionist).create({"name": "Broken router"})
        self.assertEqual(lead.sudo().intake_channel, "hand")
        self.assertFalse(lead.sudo().user_id)

    def test_nobody_has_what_comes_from_outside(self):
        lead = self._enter("api")
        self.assertEqual(lead.intake_channel, "api")
        self.assertFalse(lead.user_id)

    def test_somebody_who_is_named_has_it(self):
        lead = self._enter("import", self.administrator, user_id=self.other_user.id)
        self.assertEqual(lead.user_id, self.other_user)

    def test_what_a_user_says_about_the_channel_is_not_believed(self):
        Lead = self.Lead.with_user(self.salesman)
        lead = Lead.create({"name": "Broken router", "intake_channel": "website"})
        self.assertEqual(lead.intake_channel, "hand")
        Lead = Lead.with_context(
            default_intake_channel="website", intake_channel="pigeon"
        )
        lead = Lead.create({"name": "Broken router"})
        self.assertEqual(lead.intake_channel, "hand")

    def test_how_a_lead_came_in_stays_so(self):
        lead = self._enter("api", intake_form="Shop")
        for values in ({"intake_channel": "hand"}, {"intake_form": "Other"}):
            with self.assertRaises(AccessError):
                lead.with_user(self.administrator).write(values)

    def test_copies_are_made_by_hand(self):
        copy = self._enter("api", intake_form="Shop").copy()
        self.assertEqual(copy.intake_channel, "hand")
        self.assertFalse(copy.intake_form)

    def test_many_leads_cost_no_more_than_a_few(self):
        """Core looks for a stage for each lead; nothing is added to that."""

        def count(channel, number):
            Lead = self.Lead.with_user(self.salesman)
            values = [{"name": f"Lead {index}"} for index in range(number)]
            enter = Lead.with_context(intake_channel=channel).create
            return self._count_queries(lambda: enter(values))

        def count_extra(number):
            return count("import", number) - count("hand", number)

        count_extra(1)  # what is cached once
        self.assertLessEqual(count_extra(25), count_extra(5))
