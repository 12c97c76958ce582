from odoo.exceptions import AccessError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from .alert_common import AlertCase


@tagged("post_install", "-at_install")
class TestAlertRights(AlertCase):
    """Who may say who gets alerts: owners, and those whom they let."""

    def _act_as(self, by, contact):
        """Return the contact as whoever is logged in as a person would see it."""
        return contact.with_user(by.user_ids or self.newcomer_user)

    def test_who_may_grant(self):
        for by, contact, is_allowed in [
            (self.owner, self.owner, True),
            (self.owner, self.manager, True),
            (self.owner, self.newcomer, True),
            (self.manager, self.newcomer, True),
            (self.manager, self.executive, True),
            (self.manager, self.manager, False),  # managers authorize others
            (self.manager, self.owner, False),
            (self.executive, self.newcomer, False),
            (self.executive, self.executive, False),
            (self.newcomer, self.newcomer, False),
            (self.rival, self.newcomer, False),  # owner, but of another company
            (self.owner, self.rival, False),
        ]:
            with self.subTest(by=by.name, contact=contact.name):
                before = contact.broadcast_alert_authorized
                person = self._act_as(by, contact)
                if is_allowed:
                    person._set_alert_right(not before, by)
                else:
                    with self.assertRaises(AccessError):
                        person._set_alert_right(not before, by)
                self.assertEqual(
                    contact.broadcast_alert_authorized, before ^ is_allowed
                )

    def test_who_may_set_roles(self):
        for by in (self.manager, self.executive, self.newcomer, self.rival):
            for contact in (self.newcomer, self.manager, by):
                if by == contact == self.rival:
                    continue  # an owner, of the other company
                for role in ("executive", "manager", "owner"):
                    with (
                        self.subTest(by=by.name, contact=contact.name, role=role),
                        self.assertRaises(AccessError),
                    ):
                        self._act_as(by, contact)._set_broadcast_role(role, by)
        self._act_as(self.owner, self.newcomer)._set_broadcast_role("owner", self.owner)
        self.assertEqual(self.newcomer.broadcast_role, "owner")

    def test_all_or_nothing(self):
        """Of several people none is changed when one may not be."""
        people = self.newcomer | self.rival
        with self.assertRaises(AccessError):
            people._set_alert_right(True, self.owner)
        self.assertFalse(self.newcomer.broadcast_alert_authorized)

    def test_no_such_role(self):
        for role in ("", "admin", False):
            with self.assertRaises(ValidationError):
                self.newcomer._set_broadcast_role(role, self.owner)

    def test_last_owner(self):
        """An owner leaves the role when somebody else has it."""
        with self.assertRaisesRegex(ValidationError, "Name another owner first"):
            self.owner._set_broadcast_role("manager", self.owner)
        self.manager._set_broadcast_role("owner", self.owner)
        self.owner._set_broadcast_role("executive", self.owner)
        self.assertEqual(self.owner.broadcast_role, "executive")
        with self.assertRaises(AccessError):
            self.newcomer._set_broadcast_role("owner", self.owner)

    def test_names_of_authorizers(self):
        self.assertEqual(
            self.newcomer._get_names_of_authorizers(), f"{self.owner.name} or Mira"
        )
        self.assertEqual(self.manager._get_names_of_authorizers(), self.owner.name)

    def test_people(self):
        """All that can get alerts: no addresses, no branches, nobody archived."""
        self._create_person("Warehouse", type="delivery")
        self._create_person("Former", active=False)
        branch = self._create_person("Branch", is_company=True)
        self._create_person("Branch Head", branch)
        self.assertEqual(
            self.green_park._get_alert_people(),
            self.owner | self.executive | self.manager | self.newcomer,
        )
        accounts = self._create_person("Accounts", type="invoice")
        self._create_user(accounts, "accounts")
        self.assertIn(accounts, self.green_park._get_alert_people())

    def test_not_callable(self):
        """Nothing of this can be called from outside."""
        for name in (
            "_set_alert_right",
            "_set_broadcast_role",
            "_subscribe_to_alerts",
            "_cancel_alert_number",
            "_opt_in_to_alerts",
            "_opt_out_of_alerts",
            "_get_alert_people",
            "_get_alert_contacts",
            "_find_alert_senders",
        ):
            with self.subTest(method=name), self.assertRaises(AccessError):
                get_public_method(self.newcomer, name)
