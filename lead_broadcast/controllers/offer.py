from urllib.parse import urlencode

from odoo import fields, http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request
from odoo.tools.misc import get_lang

from ..tools import get_received_at
from .offer_form import FIELDS, InvalidForm, get_text, read_decline, read_message
from .page import HEADERS, PartnerPage

# Not multilang: the page is in the language of its reader, and a link from a mail
# must not be redirected to another address first.
ROUTE = {
    "type": "http",
    "auth": "public",
    "website": True,
    "multilang": False,
    "sitemap": False,
}
POST_ROUTE = {**ROUTE, "methods": ["POST"]}


class OfferPortal(PartnerPage):
    """The page of one offer, and the answers given on it.

    Reading never changes anything: mail scanners open links. Only a POST with a CSRF
    token answers, and then redirects back to the page, whose state is computed from
    the records.

    The winner's conversation is our own small form: core's portal chatter would
    need access to ``crm.lead``, which partners do not get.
    """

    # ------------------------------------------------------------
    # ROUTES
    # ------------------------------------------------------------

    @http.route("/my/offers/<offer_id>", methods=["GET"], **ROUTE)
    def portal_offer(self, offer_id, access_token=None, **params):
        """Show an offer to whoever has its token or belongs to its partner."""
        offer_sudo = self._find_offer(offer_id, access_token)
        if not offer_sudo:
            return self._render_not_found()
        return self._render_offer(
            offer_sudo, access_token, outcome=params.get("outcome")
        )

    @http.route("/my/offers/<offer_id>/accept", **POST_ROUTE)
    def portal_offer_accept(self, offer_id, access_token=None, **form):
        """Accept an offer."""
        return self._answer(
            offer_id,
            access_token,
            form,
            lambda offer_sudo, channel, by: offer_sudo._accept(
                channel, by, received_at=get_received_at()
            ),
        )

    @http.route("/my/offers/<offer_id>/decline", **POST_ROUTE)
    def portal_offer_decline(self, offer_id, access_token=None, **form):
        """Decline an offer, saying why."""

        def decline(offer_sudo, channel, by):
            today = fields.Date.context_today(offer_sudo)
            answer = read_decline(form, self._get_decline_reasons(), today)
            return offer_sudo._decline(channel, by, **answer)

        return self._answer(offer_id, access_token, form, decline)

    @http.route("/my/offers/<offer_id>/seen", **POST_ROUTE)
    def portal_offer_seen(self, offer_id, access_token=None, **_form):
        """Note that somebody looked, and so need not be told any more; the page's
        script says so, not the page's GET. Staff that preview the page do not count."""
        self._check_post()
        offer_sudo = self._find_offer(offer_id, access_token)
        if not offer_sudo:
            return self._render_not_found()
        if not request.env.user._is_internal():
            offer_sudo._mark_viewed()
            _channel, by = offer_sudo._get_answerer(request.env.user)
            offer_sudo.env["lead.broadcast.notice"]._mark_lead_read(
                offer_sudo.lead_id, by
            )
        return request.make_response("", status=204)

    @http.route("/my/offers/<offer_id>/contacted", **POST_ROUTE)
    def portal_offer_contacted(self, offer_id, access_token=None, **form):
        """Report that the customer was contacted."""
        return self._report(
            offer_id, access_token, form, lambda lead, by: lead._mark_contacted(by)
        )

    @http.route("/my/offers/<offer_id>/done", **POST_ROUTE)
    def portal_offer_done(self, offer_id, access_token=None, **form):
        """Report that the work is done."""
        return self._report(
            offer_id, access_token, form, lambda lead, by: lead._mark_completed(by)
        )

    @http.route("/my/offers/<offer_id>/message", **POST_ROUTE)
    def portal_offer_message(self, offer_id, access_token=None, **form):
        """Write to the team of the lead."""
        return self._report(
            offer_id,
            access_token,
            form,
            lambda lead, by: lead._post_partner_message(read_message(form), by),
            anchor="conversation",
        )

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def _find_offer(self, offer_id, access_token):
        """Return the offer as superuser if the visitor may see it, in the visitor's
        language and time zone; else nothing, for whatever reason."""
        token = access_token or ""
        if not isinstance(token, str) or not token.isascii():
            return None
        try:
            offer_sudo = self._document_check_access(
                "lead.broadcast.offer", self._parse_id(offer_id), access_token=token
            )
        except (AccessError, MissingError):
            return None
        context = offer_sudo._get_reader_context(request.env.user)
        if "lang" in context:
            request.lang = get_lang(request.env, context["lang"])
            context["lang"] = request.lang.code
        request.update_context(**context)
        return offer_sudo.with_context(**request.env.context)

    def _answer(self, offer_id, access_token, form, act, anchor=""):
        """Do what was asked for, then send the visitor back to the offer's page.

        :param act: function of the offer as superuser, the channel and the person,
            returns an outcome or nothing
        """
        self._check_post()
        offer_sudo = self._find_offer(offer_id, access_token)
        if not offer_sudo:
            return self._render_not_found()
        try:
            channel, by = offer_sudo._get_answerer(request.env.user)
        except AccessError:
            return self._render("lead_broadcast.portal_offer_forbidden", {}, 403)
        try:
            outcome = act(offer_sudo, channel, by)
        except InvalidForm as error:
            typed = {name: get_text(form, name) for name in FIELDS}
            return self._render_offer(
                offer_sudo, access_token, status=400, form=typed, errors=error.errors
            )
        query = {"access_token": access_token, "outcome": outcome}
        query = urlencode({key: value for key, value in query.items() if value})
        url = offer_sudo.access_url
        url += f"?{query}" if query else ""
        url += f"#{anchor}" if anchor else ""
        response = request.redirect(url)
        response.headers.update(HEADERS)
        return response

    def _report(self, offer_id, access_token, form, report, anchor=""):
        """Let the partner that has the lead report on it; for anybody else the page
        says what became of the offer.

        :param report: function of the lead as superuser and the person
        """

        def act(offer_sudo, _channel, by):
            if offer_sudo.state == "accepted":
                report(offer_sudo.lead_id, by)

        return self._answer(offer_id, access_token, form, act, anchor=anchor)

    # ------------------------------------------------------------
    # PAGES
    # ------------------------------------------------------------

    def _get_decline_reasons(self):
        # sudo: visitors with a token are nobody in particular; the reasons are public
        return request.env["lead.broadcast.decline.reason"].sudo().search([])

    def _render_offer(
        self, offer_sudo, access_token, status=200, outcome=None, form=None, errors=None
    ):
        """Render an offer's page for its present state.

        :param str outcome: from the address, hence not to be believed: it may only
            choose how the same state is worded
        :param dict form: what was typed into a form that is shown again
        :param dict errors: what is wrong with it, by field
        """
        user = request.env.user
        values = {
            "offer_sudo": offer_sudo,
            "state": offer_sudo._get_page_state(),
            "customer": offer_sudo._get_customer_details(),
            "conversation": offer_sudo._get_conversation(),
            "tasks": request.env["mail.activity"]._get_offer_tasks(offer_sudo, user),
            "reasons": self._get_decline_reasons(),
            "just_answered": outcome in ("accepted", "declined"),
            "is_repeated": outcome == "already_yours",
            "is_staff": user._is_internal(),
            "may_answer": offer_sudo._may_answer(user),
            "access_token": access_token,
            "form": form or {},
            "errors": errors or {},
            "today": fields.Date.context_today(offer_sudo),
            "page_name": "service_offer",
            "no_breadcrumbs": user._is_public(),
            "is_lang_fixed": user._is_public(),
        }
        return self._render("lead_broadcast.portal_offer", values, status)

    def _render_not_found(self):
        """The same page for offers that do not exist and offers of others, so that
        it tells nothing about which there are."""
        return self._render(
            "lead_broadcast.portal_offer_not_found", {"no_breadcrumbs": True}, 404
        )
