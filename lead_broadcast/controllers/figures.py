from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, http
from odoo.http import request

from ..tools import to_utc
from .page import PartnerPage


class FiguresPortal(PartnerPage):
    """How a partner does, month by month: against itself, never against others."""

    # ------------------------------------------------------------
    # HOME
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_figures_count" in counters:
            # shown to whoever has the page
            values["service_figures_count"] = int(bool(self._get_own_partners()))
        return values

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def _get_own_partners(self):
        """Return the service partners of the user's company: it, and its branches."""
        # sudo: partners read no partners; told are the numbers of their own
        return (
            request.env["res.partner"]
            .sudo()
            .search(
                [
                    (
                        "commercial_partner_id",
                        "=",
                        request.env.user.commercial_partner_id.id,
                    ),
                    ("is_service_partner", "=", True),
                ]
            )
        )

    def _get_months(self):
        """Return when last month and this month began, and when the time that is to
        come begins, in UTC."""
        tz = request.env.context["tz"]
        future = fields.Datetime.now() + timedelta(seconds=1)
        today = fields.Date.context_today(request.env.user)
        this_month = datetime.combine(today.replace(day=1), datetime.min.time())
        last_month = this_month - relativedelta(months=1)
        return to_utc(last_month, tz), to_utc(this_month, tz), future

    @http.route("/my/figures", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_figures(self, **_params):
        """Show how the user's company did this month and last month."""
        self._use_company_tz()
        partners_sudo = self._get_own_partners().with_context(**request.env.context)
        if not partners_sudo:
            raise request.not_found()
        last_month, this_month, future = self._get_months()
        values = {
            "partners_sudo": partners_sudo,
            "months": [this_month, last_month],
            "figures": [
                partners_sudo._get_broadcast_figures(this_month, future),
                partners_sudo._get_broadcast_figures(last_month, this_month),
            ],
            "page_name": "service_figures",
        }
        return self._render("lead_broadcast.portal_my_figures", values, 200)
