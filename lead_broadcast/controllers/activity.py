from odoo import fields, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .offer_form import get_text
from .page import HEADERS, PartnerPage

FEEDBACK_LIMIT = 2000


class ServiceTaskPortal(PartnerPage):
    """Tasks and appointments that were assigned to people of a service partner.

    What may be read and done is decided by methods of ``mail.activity``: portal users
    have no access to activities.
    """

    # ------------------------------------------------------------
    # HOME
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        domains = {
            "service_task_open_count": Domain("active", "=", True),
            "service_task_count": Domain.TRUE,
        }
        for counter, domain in domains.items():
            if counter in counters:
                values[counter] = self._get_tasks().search_count(
                    self._get_own_task_domain() & domain
                )
        return values

    # ------------------------------------------------------------
    # ROUTES
    # ------------------------------------------------------------

    @http.route(
        ["/my/service_tasks", "/my/service_tasks/page/<page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_service_tasks(self, page=1, filterby=None, **_params):
        """List what one has to do, the most urgent first."""
        self._use_company_tz()
        filters = self._get_task_filters()
        filterby = filterby if filterby in filters else "todo"
        domain, order = filters[filterby]["domain"], filters[filterby]["order"]
        tasks_sudo = self._get_tasks()
        pager = portal_pager(
            url="/my/service_tasks",
            url_args={"filterby": filterby},
            total=tasks_sudo.search_count(domain),
            page=self._read_page(page),
            step=self._items_per_page,
        )
        tasks_sudo = tasks_sudo.search(
            domain, order=order, limit=self._items_per_page, offset=pager["offset"]
        )
        values = {
            "tasks": tasks_sudo._get_portal_values(request.env.user),
            "page_name": "service_tasks",
            "default_url": "/my/service_tasks",
            "pager": pager,
            "searchbar_filters": filters,
            "filterby": filterby,
        }
        return self._render("lead_broadcast.portal_my_service_tasks", values, 200)

    @http.route(
        "/my/service_tasks/<task_id>/done",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_service_task_done(self, task_id, **form):
        """Say that a task is done; go back to where one came from."""
        self._check_post()
        task_sudo = self._get_tasks().search(
            self._get_company_task_domain() & Domain("id", "=", self._parse_id(task_id))
        )
        if not task_sudo:
            raise request.not_found()
        feedback = get_text(form, "feedback")[:FEEDBACK_LIMIT]
        task_sudo._finish_as_partner(request.env.user, feedback)
        url = "/my/service_tasks"
        if get_text(form, "origin") == "lead":
            [task] = task_sudo._get_portal_values(request.env.user)
            url = f"{task['offer_sudo'].access_url}#tasks"
        response = request.redirect(url)
        response.headers.update(HEADERS)
        return response

    # ------------------------------------------------------------
    # TASKS
    # ------------------------------------------------------------

    def _get_tasks(self):
        # sudo: partners read no activities; what is searched are their company's
        return request.env["mail.activity"].sudo()

    def _get_company_task_domain(self):
        company = request.env.user.commercial_partner_id
        return request.env["mail.activity"]._get_partner_task_domain(company)

    def _get_own_task_domain(self):
        own = Domain("user_id", "=", request.env.user.id)
        return self._get_company_task_domain() & own

    def _get_task_filters(self):
        own, company = self._get_own_task_domain(), self._get_company_task_domain()
        is_open = Domain("active", "=", True)
        today = fields.Date.context_today(request.env["mail.activity"])
        is_overdue = is_open & Domain("date_deadline", "<", today)
        by_deadline = "date_deadline, id"
        return {
            "todo": {
                "label": request.env._("To do"),
                "domain": own & is_open,
                "order": by_deadline,
            },
            "overdue": {
                "label": request.env._("Overdue"),
                "domain": own & is_overdue,
                "order": by_deadline,
            },
            "company": {
                "label": request.env._("To do by my company"),
                "domain": company & is_open,
                "order": by_deadline,
            },
            "done": {
                "label": request.env._("Done"),
                "domain": own & ~is_open,
                "order": "date_done desc, id desc",
            },
        }
