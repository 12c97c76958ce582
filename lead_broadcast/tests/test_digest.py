from odoo import fields
from odoo.tests import new_test_user, tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestDigest(ClockCase):
    """A mail a week tells supervisors how leads are answered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env.ref("lead_broadcast.digest_digest_response")
        cls.Cron = cls.env["digest.digest"]

    def _create_supervisor(self, login="newcomer"):
        return new_test_user(
            self.env,
            login=login,
            email=f"{login}@office.example",
            groups="lead_broadcast.group_supervisor",
        )

    def _send(self):
        """Send the digest, as when a week is over; return the mails by address."""
        old = self.env["mail.mail"].search([])
        self.digest.next_run_date = fields.Date.today()
        self.env["digest.digest"]._cron_send_digest_email()
        mails = self.env["mail.mail"].search(
            [("subject", "like", self.digest.name), ("id", "not in", old.ids)]
        )
        return {mail.email_to: mail for mail in mails}

    def _get_recipients(self):
        """Return who gets the digest after a day on which it is not sent."""
        self.env["digest.digest"]._cron_send_digest_email()
        return self.digest.user_ids

    def _get_figures(self, user):
        """Return what the digest says of the last seven days, by figure."""
        kpis = self.digest._compute_kpis(self.env.company, user)
        return {
            kpi["kpi_name"].removeprefix("kpi_lead_response_"): kpi["kpi_col2"]["value"]
            for kpi in kpis
        }

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def test_figures_of_what_one_may_see(self):
        on_time, missed, waiting = (self._enter() for _count in range(3))
        elsewhere = self._enter(self.meera, team_id=self._create_team().id)
        for lead in (on_time, elsewhere):
            lead.with_user(lead.user_id).message_post(
                body="We look at it", message_type="comment"
            )
        (on_time | elsewhere | waiting).invalidate_recordset()
        self._pass(days=1, hours=1)  # two went on to Ravi, who has seven hours left
        waiting.with_user(self.ravi).message_post(
            body="We look at it", message_type="comment"
        )
        expected = {"waiting": 1, "on_time": "50%", "overdue": 0, "escalated": 2}
        self.assertEqual(self._get_figures(self.ravi), expected)
        self.assertEqual(
            self._get_figures(self.asha),
            {"waiting": 0, "on_time": "33%", "overdue": 0, "escalated": 2},
        )
        self.assertEqual(self._get_figures(self.meera)["on_time"], "100%")
        self.assertEqual(self._get_figures(self.head)["on_time"], "60%")
        self.assertEqual(missed.user_id, self.ravi)

    def _create_team(self):
        return self.env["crm.team"].create(
            {"name": "Elsewhere", "user_id": self.meera.id}
        )

    def test_no_figure_where_nothing_counts(self):
        self.assertEqual(
            self._get_figures(self.ravi),
            {"waiting": 0, "on_time": "–", "overdue": 0, "escalated": 0},
        )

    def test_fewer_is_better(self):
        """No red arrow says that there were fewer than before."""
        self._enter()
        self._pass(weeks=1)
        for _count in range(2):
            self._enter()
        margins = {
            kpi["kpi_name"]: kpi["kpi_col2"]["margin"]
            for kpi in self.digest._compute_kpis(self.env.company, self.head)
        }
        self.assertFalse(margins["kpi_lead_response_waiting"])

    def test_others_learn_nothing(self):
        self._enter()
        receptionist = new_test_user(
            self.env, login="desk", groups="lead_broadcast.group_receptionist"
        )
        self.assertEqual(self._get_figures(receptionist), {})

    # ------------------------------------------------------------
    # RECIPIENTS
    # ------------------------------------------------------------

    def test_supervisors_get_it_by_themselves(self):
        self._get_recipients()
        self.digest.user_ids = self.asha  # the others have unsubscribed
        newcomer = self._create_supervisor()
        mails = self._send()
        expected = self.asha | newcomer
        self.assertEqual(set(mails), set(expected.mapped("email_formatted")))
        mail = mails[newcomer.email_formatted]
        for figure in ("Leads to Answer", "Leads Answered on Time", "Leads Overdue"):
            self.assertIn(figure, mail.body_html)
        self.assertIn("lead_response_report_action_dashboard", mail.body_html)
        self.assertEqual(self.digest.periodicity, "weekly")

    def test_who_unsubscribes_is_left_alone(self):
        newcomer = self._create_supervisor()
        self.assertIn(newcomer, self._get_recipients())
        self.digest.with_user(newcomer).action_unsubscribe()
        self.assertNotIn(newcomer, self._get_recipients())

    def test_who_is_no_supervisor_any_more_is_dropped(self):
        newcomer = self._create_supervisor()
        self.assertIn(newcomer, self._get_recipients())
        group = self.env.ref("lead_broadcast.group_supervisor")
        newcomer.group_ids -= group
        self.assertNotIn(newcomer, self._get_recipients())
        newcomer.group_ids += group
        self.assertIn(newcomer, self._get_recipients())

    def test_whoever_else_subscribes_stays(self):
        self.digest.with_user(self.asha).action_subscribe()
        self.assertIn(self.asha, self._get_recipients())
        self.assertNotIn(self.user, self._get_recipients())
