from ast import literal_eval
from datetime import timedelta

from odoo.tests import new_test_user, tagged

from .clock_common import ClockCase

DASHBOARD = [[], ["assignee_id"], ["source_id"], ["start_date:week"]]


@tagged("post_install", "-at_install")
class TestResponseReport(ClockCase):
    """How leads are answered, in rows that say what counts and what does not."""

    @property
    def Report(self):
        return self.env["lead.response.report"].with_user(self.ravi)

    def _get_rows(self, lead):
        Report = self.env["lead.response.report"].with_user(self.head)
        rows = Report.search([("lead_id", "=", lead.id)], order="start_date, id")
        rows.invalidate_recordset()
        return rows

    def _answer(self, lead, person):
        lead.with_user(person).message_post(
            body="We look at it", message_type="comment"
        )

    def assertAnswers(self, lead, expected):
        """:param expected: assignee and answer of each row, in order"""
        rows = self._get_rows(lead)
        self.assertEqual(
            [(row.assignee_id.display_name, row.answer) for row in rows], expected
        )

    # ------------------------------------------------------------
    # WHAT COUNTS
    # ------------------------------------------------------------

    def test_on_time(self):
        lead = self._enter()
        self.assertAnswers(lead, [("Asha", "waiting")])
        self._pass(hours=2)
        self._answer(lead, self.asha)
        self.assertAnswers(lead, [("Asha", "on_time")])
        row = self._get_rows(lead)
        self.assertEqual((row.on_time, row.answered, row.response_hours), (1, 1, 2))
        self.assertEqual((row.waiting, row.overdue, row.escalations), (0, 0, 0))

    def test_overdue_from_the_first_second(self):
        """Whether or not the scheduled action has come round."""
        lead = self._enter()
        self.clock.move_to(lead.response_deadline)
        self.assertAnswers(lead, [("Asha", "waiting")])
        self.clock.tick(timedelta(seconds=1))
        self.assertAnswers(lead, [("Asha", "overdue")])
        row = self._get_rows(lead)
        self.assertEqual((row.on_time, row.waiting, row.overdue), (0, 1, 1))

    def test_given_on_then_answered_late(self):
        lead = self._enter()
        self._pass(days=1, hours=1)
        self.assertAnswers(lead, [("Asha", "missed"), ("Ravi", "waiting")])
        self._pass(days=2)
        self._answer(lead, self.meera)
        self.assertAnswers(
            lead, [("Asha", "missed"), ("Ravi", "missed"), ("Meera", "late")]
        )
        rows = self._get_rows(lead)
        self.assertEqual(rows.mapped("escalations"), [1, 1, 1])
        self.assertEqual(rows.mapped("level"), [1, 2, 3])
        self.assertEqual(rows.mapped("result"), ["escalated", "escalated", "open"])

    def test_not_counted(self):
        """Who gave it back in time, by whatever way, missed nothing."""
        given, lost, offered, moved = (self._enter() for _count in range(4))
        self._pass(hours=1)
        given.user_id = self.ravi
        lost.action_set_lost()
        offered.with_user(self.ravi).action_start_ladder()
        moved.action_archive()
        self.assertAnswers(given, [("Asha", "none"), ("Ravi", "waiting")])
        for lead in (lost, offered, moved):
            self.assertAnswers(lead, [("Asha", "none")])
        self._pass(days=5)
        rows = self._get_rows(given) | self._get_rows(lost)
        [(share, counted)] = rows._read_group(
            [("id", "in", rows.ids), ("assignee_id", "ilike", "Asha")],
            aggregates=["on_time:avg", "on_time:count"],
        )
        self.assertEqual((share, counted), (False, 0))

    def test_more_time(self):
        """Whoever is given more time is on time when it is kept."""
        lead = self._enter()
        self.back_up.hours = 12
        self._pass(days=1, hours=1)
        self.assertAnswers(lead, [("Asha", "waiting")])
        self._answer(lead, self.asha)
        self.assertAnswers(lead, [("Asha", "on_time")])
        self.assertTrue(lead.response_assignment_id.is_on_time)

    def test_closed_after_its_time(self):
        lead = self._enter()
        self.clock.move_to(lead.response_deadline + timedelta(minutes=1))
        lead.action_set_lost()
        self.assertAnswers(lead, [("Asha", "missed")])
        self.assertEqual(self._get_rows(lead).result, "lost")

    # ------------------------------------------------------------
    # BY WHAT
    # ------------------------------------------------------------

    def test_namesakes_stay_apart(self):
        asha = new_test_user(
            self.env, login="asha2", name="Asha", groups="lead_broadcast.group_user"
        )
        leads = self._enter() | self._enter(asha)
        groups = self.Report.formatted_read_group(
            [("lead_id", "in", leads.ids)], ["assignee_id"], ["nbr:sum"]
        )
        self.assertEqual(
            [(group["assignee_id"][1], group["nbr:sum"]) for group in groups],
            [("Asha", 1), ("Asha", 1)],
        )
        found = self.Report.search(groups[1]["__extra_domain"])
        self.assertEqual(found.user_id, asha)

    def test_partners_and_teams_are_assignees(self):
        self.policy.domain = "[]"
        of_partner, of_team = (self._enter() for _count in range(2))
        of_partner.with_user(self.ravi)._allocate(self.saket)
        of_team.with_user(self.ravi)._allocate_to_team(self.team)
        self.assertEqual(
            [
                self._get_rows(lead)[-1].assignee_id.display_name
                for lead in (of_partner, of_team)
            ],
            ["Saket Services", "Support"],
        )
        found = self.Report.search([("assignee_id", "ilike", "saket")])
        self.assertEqual(found.lead_id, of_partner)

    def test_state_of_the_lead_now(self):
        """Also of those who had it before."""
        lead, closed = self._enter(), self._enter()
        self._pass(days=1, hours=1)
        closed.action_set_lost()
        groups = self.Report._read_group(
            [("lead_id", "in", (lead | closed).ids)], ["response_state"], ["nbr:sum"]
        )
        self.assertEqual(dict(groups), {"new": 2, "closed": 2})
        found = self.Report.search([("response_state", "=", "new")])
        self.assertEqual(found.lead_id & (lead | closed), lead)

    def test_median(self):
        for hours in (1, 2, 6):
            lead = self._enter()
            self.clock.tick(timedelta(hours=hours))
            self._answer(lead, self.asha)
            self.clock.move_to(self.START)
        [(average, median)] = self.Report._read_group(
            [("user_id", "=", self.asha.id)],
            aggregates=["response_hours:avg", "median_hours:avg"],
        )
        self.assertEqual((average, median), (3, 2))

    def test_dashboard_is_one_query(self):
        def look():
            return self.Report.formatted_read_grouping_sets(
                [("nbr", "=", 1)],
                DASHBOARD,
                ["__count", "on_time:avg", "median_hours:avg"],
            )

        self._enter()
        look()
        few = self._count_queries(look)
        for _count in range(8):
            self._enter()
        [total], assignees, sources, weeks = look()
        self.assertEqual(total["__count"], sum(each["__count"] for each in assignees))
        self.assertEqual(total["__count"], sum(each["__count"] for each in weeks))
        self.assertEqual(total["__count"], sum(each["__count"] for each in sources))
        self.assertEqual(self._count_queries(look), few)

    # ------------------------------------------------------------
    # WHO MAY SEE IT, AND GO ON FROM THERE
    # ------------------------------------------------------------

    def test_salespeople_see_their_own(self):
        own, other = self._enter(), self._enter(self.ravi)
        self.assertEqual(
            self.Report.with_user(self.asha).search([]).lead_id & (own | other), own
        )
        self.assertEqual(self.Report.search([]).lead_id & (own | other), own | other)

    def test_supervisors_see_their_teams(self):
        """Also what was the team's when the lead has gone elsewhere since."""
        lead = self._enter()
        elsewhere = self._enter(self.meera, team_id=False)
        lead.team_id = elsewhere.team_id = self.env["crm.team"].create({"name": "Else"})
        rows = self.Report.search([("lead_id", "in", (lead | elsewhere).ids)])
        self.assertEqual(rows.user_id, self.asha)

    def test_open_leads(self):
        leads = self._enter() | self._enter()
        leads[0].action_set_lost()
        rows = self.Report.search([("lead_id", "in", leads.ids)])
        action = rows.action_open_leads()
        found = self.env["crm.lead"].with_context(**action["context"])
        self.assertEqual(found.search(action["domain"]), leads)
        [row] = rows.filtered(lambda row: row.lead_id == leads[1])
        self.assertEqual(row.action_open_leads()["res_id"], leads[1].id)

    def test_saved_filters_find_something(self):
        self._enter()
        self._pass(days=5)
        Report = self.env["lead.response.report"].with_user(self.head)
        filters = self.env["ir.filters"].search(
            [("model_id", "=", "lead.response.report"), ("user_ids", "=", False)]
        )
        self.assertEqual(len(filters), 5)
        for saved in filters:
            found = Report.formatted_read_group(
                saved._get_eval_domain(),
                literal_eval(saved.context)["group_by"],
                ["on_time:avg"],
            )
            self.assertTrue(found, saved.name)
