from werkzeug.exceptions import Forbidden

from odoo import http

from .offer import POST_ROUTE, OfferPortal
from .offer_form import get_text


class OfferProposalPortal(OfferPortal):
    """What a partner that declined changes about its offers, with one click.

    Staff that recorded a decline by phone see nothing of it: partners decide for
    themselves.
    """

    @http.route("/my/offers/<offer_id>/radius", **POST_ROUTE)
    def portal_offer_radius(self, offer_id, access_token=None, **form):
        """Get no more offers as far away as this one."""

        def limit(offer_sudo, by, _form):
            offer_sudo._limit_radius(by)

        return self._apply_proposal(offer_id, access_token, form, limit)

    @http.route("/my/offers/<offer_id>/pause", **POST_ROUTE)
    def portal_offer_pause(self, offer_id, access_token=None, **form):
        """Get no offers for a while."""

        def pause(offer_sudo, by, form):
            offer_sudo._pause_partner(by, get_text(form, "pause"))

        return self._apply_proposal(offer_id, access_token, form, pause)

    def _apply_proposal(self, offer_id, access_token, form, apply):
        """Apply a proposal, then send the visitor back to the offer's page.

        :param apply: function of the offer as superuser, the person and the form
        :raise Forbidden: for staff
        """

        def act(offer_sudo, channel, by):
            if channel == "operator":
                raise Forbidden()
            apply(offer_sudo, by, form)

        return self._answer(offer_id, access_token, form, act)
