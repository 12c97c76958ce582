from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .page import HEADERS, PartnerPage

ROUTE = {"type": "http", "auth": "user", "website": True}


class NoticePortal(PartnerPage):
    """What portal users were told in-app. Staff have Odoo's own inbox instead.

    Reading the list by GET changes nothing; its script reports what was shown.
    """

    # ------------------------------------------------------------
    # HOME
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_notice_count" in counters:
            person = request.env.user.partner_id
            Notice = request.env["lead.broadcast.notice"]
            values["service_notice_count"] = Notice._count_unread(person)[person]
        return values

    # ------------------------------------------------------------
    # ROUTES
    # ------------------------------------------------------------

    @http.route(["/my/notices", "/my/notices/page/<page>"], methods=["GET"], **ROUTE)
    def portal_my_notices(self, page=1, **_params):
        """List what the user was told, the newest first."""
        if request.env.user._is_internal():
            return request.redirect("/my")
        self._use_company_tz()
        Notice_sudo, person = self._get_notices()
        domain = Notice_sudo._get_portal_domain(person)
        pager = portal_pager(
            url="/my/notices",
            total=Notice_sudo.search_count(domain),
            page=self._read_page(page),
            step=self._items_per_page,
        )
        notices_sudo = Notice_sudo.search(
            domain,
            order="sent_date desc, id desc",
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        values = {
            "notices": notices_sudo._get_portal_values(),
            "unread_count": Notice_sudo._count_unread(person)[person],
            "pager": pager,
            "page_name": "service_notices",
        }
        return self._render("lead_broadcast.portal_my_notices", values, 200)

    @http.route("/my/notices/read", methods=["POST"], **ROUTE)
    def portal_notices_read(self, **_form):
        """Mark all as read."""
        self._check_post()
        Notice_sudo, person = self._get_notices()
        domain = Notice_sudo._get_portal_domain(person, unread=True)
        Notice_sudo.search(domain)._mark_read()
        response = request.redirect("/my/notices")
        response.headers.update(HEADERS)
        return response

    @http.route("/my/notices/shown", type="jsonrpc", auth="user")
    def portal_notices_shown(self, notice_ids=()):
        """Mark those of these notices as read that are the user's.

        :return: how many are still unread
        """
        Notice_sudo, person = self._get_notices()
        shown = notice_ids if isinstance(notice_ids, list) else []
        unread = Notice_sudo.search(Notice_sudo._get_portal_domain(person, unread=True))
        unread.filtered(lambda notice: notice.id in shown)._mark_read()
        return Notice_sudo._count_unread(person)[person]

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_notices(self):
        """Return the model as superuser and whose notices are to be looked for."""
        # sudo: partners read no notices; every search is for what is the user's
        Notice_sudo = request.env["lead.broadcast.notice"].sudo()
        return Notice_sudo, request.env.user.partner_id
