from odoo.tests import tagged

from .alert_common import AlertCase


@tagged("post_install", "-at_install")
class TestAlertMerge(AlertCase):
    """Two contacts that are one person, two companies that are one."""

    def _merge(self, *contacts):
        """Merge contacts into the first one, as a contact manager would."""
        wizard = self.env["base.partner.merge.automatic.wizard"]
        ids = [contact.id for contact in contacts]
        wizard._merge(ids, contacts[0], extra_checks=False)

    def test_into_one_without_number(self):
        """The duplicate's number comes with its right, wish and date; and the company
        keeps its owner."""
        date = self.owner.broadcast_alert_confirmed_date
        self.owner.broadcast_alert_subscribed = False
        self.owner_user.active = False
        twin = self._create_person("Twin")
        self._merge(twin, self.owner)
        self.assertRecordValues(
            twin,
            [
                {
                    "broadcast_alert_number": "+919810000001",
                    "broadcast_alert_confirmed_date": date,
                    "broadcast_alert_authorized": True,
                    "broadcast_alert_subscribed": False,
                    "broadcast_role": "owner",
                }
            ],
        )

    def test_into_one_with_number(self):
        """Not a mixture: the right of one does not make the other's number valid."""
        twin = self._create_person("Twin", broadcast_alert_number="+919810000008")
        self._merge(twin, self.executive)
        self.assertEqual(twin.broadcast_alert_number, "+919810000008")
        self.assertFalse(twin.broadcast_alert_authorized)

    def test_into_one_without_company(self):
        """Then it becomes one of the company's people, as the duplicate was."""
        twin = self.env["res.partner"].create({"name": "Twin"})
        self._merge(twin, self.executive)
        self.assertEqual(twin.parent_id, self.green_park)
        self.assertEqual(twin.broadcast_alert_state, "active")

    def test_of_another_company(self):
        """Nothing of another company is carried over."""
        twin = self._create_person("Twin", self.dwarka)
        self._merge(twin, self.executive)
        self.assertEqual(twin.parent_id, self.dwarka)
        self.assertEqual(twin.broadcast_alert_state, "no_number")
        self.assertFalse(twin.broadcast_alert_authorized)
        self.assertEqual(twin.broadcast_role, "executive")

    def test_last_owner_into_another_company(self):
        """Merging is not refused, and leaves one owner where there is one."""
        self.owner_user.active = False
        twin = self._create_person("Twin", self.saket, broadcast_role="manager")
        self._merge(twin, self.owner)
        self.assertEqual(twin.broadcast_role, "manager")
        self.assertEqual(self.rival.broadcast_role, "owner")

    def test_companies(self):
        """The people of both are the people of one, with what they had."""
        self._merge(self.green_park, self.saket)
        self.assertEqual(
            self.green_park._get_alert_contacts()[self.green_park],
            self.owner | self.executive | self.rival,
        )
        self.assertEqual(self.rival.commercial_partner_id, self.green_park)
        self.assertEqual(self.rival.broadcast_role, "owner")

    def test_code_on_its_way(self):
        """A code that was sent to the duplicate confirms the number of the person."""
        twin = self._create_person("Twin")
        twin._request_alert_number("+919810000009")
        self._merge(self.newcomer, twin)
        self.assertIsNone(self.newcomer._confirm_alert_number(self._get_code()))
        self.assertEqual(self.newcomer.broadcast_alert_number, "+919810000009")
