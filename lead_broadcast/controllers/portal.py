from odoo import fields, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .page import PartnerPage


class ServicePartnerPortal(PartnerPage):
    """The lists of a service partner: what it was offered, and what it has won."""

    # ------------------------------------------------------------
    # HOME
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        domains = {
            "service_offer_open_count": self._get_open_offer_domain(),
            "service_offer_count": Domain.TRUE,
            "service_lead_count": Domain("state", "=", "accepted"),
        }
        Offer = request.env["lead.broadcast.offer"]
        can_read = Offer.has_access("read")
        for counter, domain in domains.items():
            if counter in counters:
                values[counter] = (
                    Offer.search_count(self._get_own_offer_domain() & domain)
                    if can_read
                    else 0
                )
        return values

    # ------------------------------------------------------------
    # OFFERS
    # ------------------------------------------------------------

    def _get_own_offer_domain(self):
        """Staff may read more offers than those of their own company; on their
        portal they see what everybody sees there."""
        return Domain(
            "partner_id.commercial_partner_id",
            "=",
            request.env.user.commercial_partner_id.id,
        )

    def _get_open_offer_domain(self):
        """Offers that can be accepted now, whether or not a cron has ended the
        others."""
        return Domain("state", "=", "open") & Domain(
            "valid_until", ">", fields.Datetime.now()
        )

    def _get_offer_filters(self):
        is_open = self._get_open_offer_domain()
        is_won = Domain("state", "=", "accepted")
        is_past = ~is_open & ~is_won
        return {
            "all": {
                "label": request.env._("All"),
                "domains": [is_open, is_won, is_past],
            },
            "open": {"label": request.env._("Open"), "domains": [is_open]},
            "won": {"label": request.env._("Won"), "domains": [is_won]},
            "past": {"label": request.env._("Past"), "domains": [is_past]},
        }

    def _get_offer_sortings(self):
        return {
            "newest": {
                "label": request.env._("Newest"),
                "order": "sent_date desc, id desc",
            },
            "ending": {
                "label": request.env._("Ending first"),
                "order": "valid_until, id desc",
            },
            "nearest": {
                "label": request.env._("Nearest"),
                "order": "is_located desc, distance, id desc",
            },
            "service": {
                "label": request.env._("Service"),
                "order": "service_id, sent_date desc, id desc",
            },
        }

    def _search_in_turn(self, domains, order, limit, offset):
        """Return one page of the offers of the first domain, then the second, ..."""
        Offer = request.env["lead.broadcast.offer"]
        offers = Offer.browse()
        for domain in domains:
            if len(offers) < limit:
                offers += Offer.search(
                    domain, order=order, limit=limit - len(offers), offset=offset
                )
                offset = max(offset - Offer.search_count(domain), 0)
        return offers

    @http.route(
        ["/my/offers", "/my/offers/page/<page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_offers(self, page=1, sortby=None, filterby=None, **_params):
        """List what the company was offered: what is open first, then what it has
        won, then the rest."""
        self._use_company_tz()
        Offer = request.env["lead.broadcast.offer"]
        if not Offer.has_access("read"):
            return request.redirect("/my")
        filters = self._get_offer_filters()
        sortings = self._get_offer_sortings()
        filterby = filterby if filterby in filters else "all"
        sortby = sortby if sortby in sortings else "newest"
        own = self._get_own_offer_domain()
        domains = [own & domain for domain in filters[filterby]["domains"]]
        pager = portal_pager(
            url="/my/offers",
            url_args={"sortby": sortby, "filterby": filterby},
            total=Offer.search_count(Domain.OR(domains)),
            page=self._read_page(page),
            step=self._items_per_page,
        )
        offers = self._search_in_turn(
            domains, sortings[sortby]["order"], self._items_per_page, pager["offset"]
        )
        values = self._prepare_portal_layout_values()
        values.update(
            # sudo: the partner's own offers; their state depends on the lead's
            offers_sudo=offers.sudo(),
            page_name="service_offers",
            default_url="/my/offers",
            pager=pager,
            searchbar_filters=filters,
            filterby=filterby,
            searchbar_sortings=sortings,
            sortby=sortby,
        )
        return request.render("lead_broadcast.portal_my_offers", values)

    # ------------------------------------------------------------
    # LEADS
    # ------------------------------------------------------------

    def _get_lead_filters(self):
        Offer = request.env["lead.broadcast.offer"]
        is_done = Domain("completion_date", "!=", False)
        today = fields.Date.context_today(Offer)
        is_overdue = ~is_done & Domain("closure_date", "<", today)
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "todo": {"label": request.env._("To do"), "domain": ~is_done},
            "overdue": {"label": request.env._("Overdue"), "domain": is_overdue},
            "done": {"label": request.env._("Completed"), "domain": is_done},
        }

    def _get_lead_sortings(self):
        return {
            "closure": {
                "label": request.env._("Complete by"),
                "order": "closure_date, id",
            },
            "newest": {
                "label": request.env._("Newest"),
                "order": "allocated_date desc, id desc",
            },
        }

    @http.route(
        ["/my/service_leads", "/my/service_leads/page/<page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_service_leads(self, page=1, sortby=None, filterby=None, **_params):
        """List the leads the company has won."""
        self._use_company_tz()
        Offer = request.env["lead.broadcast.offer"]
        if not Offer.has_access("read"):
            return request.redirect("/my")
        filters = self._get_lead_filters()
        sortings = self._get_lead_sortings()
        filterby = filterby if filterby in filters else "todo"
        sortby = sortby if sortby in sortings else "closure"
        # sudo: partners read no leads. These are found by the offers the user may
        # read, and shown by what `_get_customer_details` tells of them.
        Lead_sudo = request.env["crm.lead"].sudo().with_context(active_test=False)
        is_won = self._get_own_offer_domain() & Domain("state", "=", "accepted")
        domain = filters[filterby]["domain"] & Domain(
            "allocated_offer_id", "in", Offer.search(is_won).ids
        )
        pager = portal_pager(
            url="/my/service_leads",
            url_args={"sortby": sortby, "filterby": filterby},
            total=Lead_sudo.search_count(domain),
            page=self._read_page(page),
            step=self._items_per_page,
        )
        leads_sudo = Lead_sudo.search(
            domain,
            order=sortings[sortby]["order"],
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        values = self._prepare_portal_layout_values()
        values.update(
            offers_sudo=leads_sudo.allocated_offer_id,
            page_name="service_leads",
            default_url="/my/service_leads",
            pager=pager,
            searchbar_filters=filters,
            filterby=filterby,
            searchbar_sortings=sortings,
            sortby=sortby,
        )
        return request.render("lead_broadcast.portal_my_service_leads", values)
