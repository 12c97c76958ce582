from urllib.parse import urlencode

from odoo import fields, http
from odoo.exceptions import AccessError
from odoo.http import request

from .offer import POST_ROUTE, ROUTE, OfferPortal
from .page import HEADERS


class SilencePortal(OfferPortal):
    """How a partner that was paused for its silence gets offers again: by the link of
    the message that said so, or, logged in, from its list of offers."""

    @http.route("/my/offers/<offer_id>/return", methods=["GET"], **ROUTE)
    def portal_offer_paused(self, offer_id, access_token=None, **_params):
        """Show whether the partner of an offer is paused, and the button."""
        offer_sudo = self._find_offer(offer_id, access_token)
        if not offer_sudo:
            return self._render_not_found()
        user = request.env.user
        values = {
            "offer_sudo": offer_sudo,
            "partner_sudo": offer_sudo.partner_id,
            "today": fields.Date.context_today(offer_sudo),
            "may_answer": offer_sudo._may_answer(user),
            "is_staff": user._is_internal(),
            "access_token": access_token,
            "page_name": "service_return",
            "no_breadcrumbs": user._is_public(),
            "is_lang_fixed": user._is_public(),
        }
        return self._render("lead_broadcast.portal_return", values, 200)

    @http.route("/my/offers/<offer_id>/return", **POST_ROUTE)
    def portal_offer_return(self, offer_id, access_token=None, **_form):
        """Offer leads to the partner of an offer again."""
        self._check_post()
        offer_sudo = self._find_offer(offer_id, access_token)
        if not offer_sudo:
            return self._render_not_found()
        try:
            _channel, by = offer_sudo._get_answerer(request.env.user)
        except AccessError:
            return self._render("lead_broadcast.portal_offer_forbidden", {}, 403)
        offer_sudo.partner_id._return_to_offers(by)
        query = urlencode({"access_token": access_token} if access_token else {})
        url = f"{offer_sudo.access_url}/return"
        return self._redirect(f"{url}?{query}" if query else url)

    @http.route(
        "/my/offers/return", type="http", auth="user", website=True, methods=["POST"]
    )
    def portal_my_return(self, **_form):
        """Offer leads to the partners of the user's company again."""
        self._check_post()
        user = request.env.user
        paused_sudo = request.env["res.partner"]._find_silenced_of(user)
        paused_sudo._return_to_offers(user.partner_id)
        return self._redirect("/my/offers?returned=1")

    def _redirect(self, url):
        response = request.redirect(url)
        response.headers.update(HEADERS)
        return response
