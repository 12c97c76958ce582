from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

ON_TIME_KPI = "kpi_lead_response_on_time"
FEWER_IS_BETTER = {
    "kpi_lead_response_waiting",
    "kpi_lead_response_overdue",
    "kpi_lead_response_escalated",
}
# of those who were given leads in the period
WAITING = Domain("answer", "in", ("overdue", "waiting"))
OVERDUE = Domain("answer", "=", "overdue")
ESCALATED = Domain("escalations", ">", 0)


class DigestDigest(models.Model):
    """How leads are answered, as far as each recipient may see it."""

    _inherit = "digest.digest"

    kpi_lead_response_waiting = fields.Boolean("Leads to Answer")
    kpi_lead_response_waiting_value = fields.Integer(
        compute="_compute_kpi_lead_response_waiting_value"
    )
    kpi_lead_response_on_time = fields.Boolean("Leads Answered on Time")
    kpi_lead_response_on_time_value = fields.Integer(
        compute="_compute_kpi_lead_response_on_time_value"
    )
    kpi_lead_response_overdue = fields.Boolean("Leads Overdue")
    kpi_lead_response_overdue_value = fields.Integer(
        compute="_compute_kpi_lead_response_overdue_value"
    )
    kpi_lead_response_escalated = fields.Boolean("Leads Escalated")
    kpi_lead_response_escalated_value = fields.Integer(
        compute="_compute_kpi_lead_response_escalated_value"
    )
    is_for_supervisors = fields.Boolean(
        "For All Supervisors",
        help="Whoever supervises leads gets this digest without asking, and no longer"
        " when that is over; those who unsubscribe do not.",
    )
    # among them those who have unsubscribed since
    known_supervisor_ids = fields.Many2many(
        "res.users", "digest_digest_known_supervisor_rel", copy=False
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_kpi_lead_response_waiting_value(self):
        self.kpi_lead_response_waiting_value = self._count_leads(WAITING)

    def _compute_kpi_lead_response_on_time_value(self):
        share = self._get_on_time_share()
        self.kpi_lead_response_on_time_value = round(100 * (share or 0))

    def _compute_kpi_lead_response_overdue_value(self):
        self.kpi_lead_response_overdue_value = self._count_leads(OVERDUE)

    def _compute_kpi_lead_response_escalated_value(self):
        self.kpi_lead_response_escalated_value = self._count_leads(ESCALATED)

    def _count_leads(self, domain):
        [(count,)] = self._get_response_report()._read_group(
            domain & self._get_response_period(), aggregates=["lead_id:count_distinct"]
        )
        return count

    def _get_on_time_share(self):
        """Return the share of leads that were answered on time, False without any."""
        [(share,)] = self._get_response_report()._read_group(
            self._get_response_period(), aggregates=["on_time:avg"]
        )
        return share

    def _get_response_report(self):
        if not self.env.user.has_group("lead_broadcast.group_user"):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email")
            )
        return self.env["lead.response.report"]

    def _get_response_period(self):
        start, end, companies = self._get_kpi_compute_parameters()
        return (
            Domain("start_date", ">=", start)
            & Domain("start_date", "<", end)
            & Domain("company_id", "in", [*companies.ids, False])
        )

    # ------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------

    def _compute_kpis(self, company, user):
        """A share is shown as one, and where nothing counts yet there is none. Of the
        others fewer is better, which core's red arrow would deny."""
        kpis = super()._compute_kpis(company, user)
        own = {kpi["kpi_name"]: kpi for kpi in kpis}
        for name in FEWER_IS_BETTER & own.keys():
            for column in ("kpi_col1", "kpi_col2", "kpi_col3"):
                own[name][column]["margin"] = 0.0
        if ON_TIME_KPI in own:
            digest = self.with_user(user).with_company(company)
            periods = (
                period for _name, (period, _before) in self._compute_timeframes(company)
            )
            for index, (start, end) in enumerate(periods, 1):
                share = digest.with_context(
                    start_datetime=start, end_datetime=end
                )._get_on_time_share()
                own[ON_TIME_KPI][f"kpi_col{index}"]["value"] = (
                    "–" if share is False else f"{share:.0%}"
                )
        return kpis

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("crm.crm_menu_root").id
        action = f"lead_broadcast.lead_response_report_action_dashboard?menu_id={menu}"
        own = dict.fromkeys({ON_TIME_KPI, *FEWER_IS_BETTER}, action)
        return {**super()._compute_kpis_actions(company, user), **own}

    # ------------------------------------------------------------
    # RECIPIENTS
    # ------------------------------------------------------------

    def _check_daily_logs(self):
        """Supervisors are told every week, also those who stay logged in for long."""
        return super()._check_daily_logs() - self.filtered("is_for_supervisors")

    @api.model
    def _cron_send_digest_email(self):
        self.search([("is_for_supervisors", "=", True)])._update_supervisors()
        return super()._cron_send_digest_email()

    def _update_supervisors(self):
        """Subscribe who has become a supervisor, and drop who is none any more.

        However one becomes a supervisor, and whoever unsubscribes stays so.
        """
        group = self.env.ref("lead_broadcast.group_supervisor")
        supervisors = self.env["res.users"].search(
            [("all_group_ids", "in", group.id), ("share", "=", False)]
        )
        for digest in self:
            known = digest.known_supervisor_ids
            digest.user_ids = digest.user_ids - (known - supervisors) | (
                supervisors - known
            )
            digest.known_supervisor_ids = supervisors
