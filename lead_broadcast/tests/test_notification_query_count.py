from odoo.tests import tagged

from .notification_common import NotificationCase


@tagged("post_install", "-at_install")
class TestNotificationQueryCount(NotificationCase):
    """Many leads cost as many queries as a few."""

    def _plan_and_deliver(self, day, leads):
        """Give so many leads to three partners on a day; count what the first slot
        costs.

        :return: queries of planning, and of delivering
        """
        partners = list(self.partner_by_zone.values())
        for partner in partners:
            partner.tz = "Asia/Kolkata"
        for number in range(leads):
            self._give(partners[number % len(partners)], self._at(day, 10))
        self._deliver()
        moment = self._at(day, 13)
        self.clock.move_to(moment)
        planning = self._count_queries(lambda: self.Rule._plan_slots(moment))
        digests = self.Notice.search([("state", "=", "pending")])
        self.assertEqual(digests.mapped("event"), ["digest"] * 5)  # team, MTP: one each
        self.assertGreaterEqual(len(digests.line_ids), 3 * leads)
        return planning, self._count_queries(digests._deliver)

    def test_slot(self):
        master = self.master_by_zone["Asia/Kolkata"]
        for partner in self.partner_by_zone.values():
            partner.broadcast_master_id = master
        few = self._plan_and_deliver(0, 3)
        # those of the day before have been attended to
        self.env["crm.lead"].search([]).first_response_date = self._at(0, 14)
        many = self._plan_and_deliver(1, 30)
        self.assertLessEqual(many[0], few[0])
        self.assertLessEqual(many[1], few[1] + 4)

    def test_nothing_due(self):
        """A run between two slots costs a few queries."""
        self._give(self.green_park, self._at(0, 10))
        self._pass(self._at(0, 13))
        moment = self._at(0, 13.25)
        self.clock.move_to(moment)
        self.assertLessEqual(
            self._count_queries(lambda: self.Rule._plan_slots(moment)), 16
        )

    def test_look_ahead(self):
        """What will be sent does not cost more for more leads."""
        counts = []
        for leads in (1, 10):
            given = self.lead.browse()
            for _count in range(leads):
                given += self._give(self.green_park, self._at(0, 10))
            counts.append(
                self._count_queries(
                    lambda given=given: self.Rule._get_planned_messages(given)
                )
            )
        self.assertLessEqual(counts[1], counts[0])
