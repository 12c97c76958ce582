from werkzeug.exceptions import Forbidden

from odoo import http

from .offer import POST_ROUTE, OfferPortal
from .offer_form import get_text


class OfferProposalPortal(OfferPortal):
    """What a partner that declined changes about its offers, with one click."""

    @http.route("/my/offers/<offer_id>/proposal", **POST_ROUTE)
    def portal_offer_proposal(self, offer_id, access_token=None, **form):
        """Get only nearer offers, or none for a while, then see the offer again.

        Partners decide that for themselves: staff that recorded a decline by phone
        are not shown the form.
        """

        def choose(offer_sudo, channel, by):
            if channel == "operator":
                raise Forbidden()
            offer_sudo._apply_proposal(get_text(form, "choice"), by)

        return self._answer(offer_id, access_token, form, choose)
