from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .list_common import ListCase

LOGGER = "odoo.addons.lead_broadcast.models.lead_broadcast_list"


@tagged("post_install", "-at_install")
class TestList(ListCase):
    """Lists of partners that are asked together."""

    def _break(self, plist):
        """Let a condition be about a field that is gone, as after an update."""
        self.env.execute_query(
            SQL(
                "UPDATE lead_broadcast_list SET domain = %s WHERE id = %s RETURNING id",
                "[('gone', '=', 1)]",
                plist.id,
            )
        )
        plist.invalidate_recordset()

    # ------------------------------------------------------------
    # MEMBERS
    # ------------------------------------------------------------

    def test_fixed_members(self):
        plist = self._create_list(partners=[self.saket, self.dwarka])
        self.assertEqual(
            plist.with_user(self.user)._get_partners(), self.saket | self.dwarka
        )
        self.assertFalse(plist.has_domain)
        self.assertEqual(plist.partner_count, 2)

    def test_members_by_condition(self):
        plist = self._create_list(domain="[('name', 'like', 'Green')]")
        self.assertEqual(plist.with_user(self.user)._get_partners(), self.green_park)
        self.saket.name = "Greener"
        self.assertEqual(plist._get_partners(), self.green_park | self.saket)

    def test_both(self):
        plist = self._create_list(
            partners=[self.saket, self.green_park], domain="[('name', 'like', 'Green')]"
        )
        self.assertEqual(plist._get_partners(), self.saket | self.green_park)
        self.assertEqual(plist.partner_count, 2)

    def test_nobody(self):
        plist = self._create_list()
        self.assertFalse(plist._get_partners())
        self.assertFalse(self.List._get_partners())

    def test_only_service_partners(self):
        """Whatever the condition is: nobody else is offered leads."""
        plist = self._create_list(domain="[('active', 'in', [True, False])]")
        self.dwarka.action_archive()
        members = plist._get_partners()
        self.assertLessEqual(self.partners - self.dwarka, members)
        self.assertFalse(members & (self.customer | self.dwarka))

    def test_who_left_is_skipped(self):
        plist = self._create_list(partners=[self.saket, self.dwarka, self.gurugram])
        self.dwarka.action_archive()
        self.gurugram.is_service_partner = False
        self.assertEqual(plist._get_partners(), self.saket)
        self.assertEqual(plist.partner_count, 1)
        self.assertEqual(plist.left_partner_ids, self.dwarka | self.gurugram)
        self.assertEqual(len(plist.partner_ids), 3)
        self.dwarka.action_unarchive()
        self.assertEqual(plist._get_partners(), self.saket | self.dwarka)

    def test_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.gurugram.company_id = other
        plist = self._create_list(
            partners=[self.gurugram, self.dwarka], company_id=self.env.company.id
        )
        self.assertEqual(plist._get_partners(), self.dwarka)

    def test_open_partners(self):
        plist = self._create_list(partners=[self.saket, self.customer])
        action = plist.with_user(self.user).action_open_partners()
        found = self.env["res.partner"].with_user(self.user).search(action["domain"])
        self.assertEqual(found, self.saket)

    # ------------------------------------------------------------
    # CONDITIONS
    # ------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_condition_is_checked_at_saving(self):
        plist = self._create_list()
        for domain in (
            "[('gone', '=', 1)]",
            "[('name', '=', uid)]",
            "[('name', '=']",
            "[('id', '=', 'abc')]",
            "['|', ('name', '=', 'a')]",
            "5",
        ):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(ValidationError, "Delhi light does not work"),
            ):
                plist.with_user(self.administrator).domain = domain

    def test_condition_that_broke(self):
        """It is left out and logged; the other members and lists go on."""
        broken = self._create_list(name="Broken", partners=[self.saket])
        good = self._create_list(name="Good", partners=[self.dwarka])
        self._break(broken)
        with self.assertLogs(LOGGER, "WARNING") as log:
            members = self.List._get_partners_by_lead(self.lead)[self.lead]
        self.assertEqual(members, self.saket | self.dwarka)
        self.assertIn("'Broken'", log.output[0])
        self.assertIn("gone", broken.problem)
        self.assertEqual(broken.partner_count, 1)
        self.assertFalse(good.problem)

    # ------------------------------------------------------------
    # FORM AND RIGHTS
    # ------------------------------------------------------------

    def test_form(self):
        """The members are seen while the list is put together."""
        form = Form(self.List.with_user(self.administrator))
        form.name = "Green ones"
        self.assertEqual(form.partner_count, 0)
        form.partner_ids.add(self.saket)
        self.assertEqual(form.partner_count, 1)
        form.has_domain = True
        self.assertGreaterEqual(form.partner_count, len(self.partners))
        form.domain = "[('name', 'like', 'Green')]"
        self.assertEqual(set(form.preview_ids.ids), {self.green_park.id, self.saket.id})
        plist = form.save()
        self.assertTrue(plist.has_domain)
        self.assertEqual(plist.partner_count, 2)
        with Form(plist) as form:
            form.has_domain = False
            self.assertEqual(form.partner_count, 1)
        self.assertFalse(plist.domain)

    def test_view_costs_no_query_per_list(self):
        counts = []
        for number in (2, 2, 20):
            lists = self.List
            for _count in range(number):
                lists |= self._create_list(
                    partners=[self.saket], domain="[('name', 'like', 'Green')]"
                )
            lists = lists.browse(lists.ids)  # one prefetch for all, as a search
            counts.append(
                self._count_queries(
                    lambda lists=lists: lists.read(["name", "partner_count", "problem"])
                )
            )
            self.assertEqual(set(lists.mapped("partner_count")), {2})
        self.assertLessEqual(counts[2], counts[1])

    def test_access(self):
        plist = self._create_list(partners=[self.saket])
        self.assertEqual(plist.with_user(self.user).partner_count, 1)
        for user in (self.user, self.supervisor):
            for operation in ("write", "create", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertFalse(plist.with_user(user).has_access(operation))
        for user in (self.salesman, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                plist.with_user(user).action_open_partners()
        # the size of a lead is read by whoever reads leads
        self.assertTrue(self.light.with_user(self.salesman).has_access("read"))
        self.assertFalse(self.light.with_user(self.user).has_access("write"))

    def test_lists_of_another_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        plist = self._create_list(company_id=company.id)
        self.assertFalse(plist.with_user(self.user).has_access("read"))

    def test_list_of_a_ladder_is_not_deleted(self):
        """A step without lists means all that fit: nobody meant that."""
        plist, unused = self._create_list(), self._create_list(name="Unused")
        ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "By list",
                "active": False,
                "step_ids": [
                    Command.create(
                        {
                            "name": "List",
                            "audience": "list",
                            "list_ids": plist.ids,
                        }
                    )
                ],
            }
        )
        with self.assertRaisesRegex(UserError, "used by By list"):
            plist.with_user(self.administrator).unlink()
        unused.with_user(self.administrator).unlink()
        plist.with_user(self.administrator).action_archive()
        self.assertEqual(ladder.step_ids.list_ids, plist)
