from odoo import fields, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.lead_broadcast_notification_event import IS_OPEN, IS_UNATTENDED
from .page import PartnerPage


class MasterPortal(PartnerPage):
    """What a master partner sees of the leads of the partners below it: which work,
    where, who has it and whether it goes on; nothing of the customer."""

    # ------------------------------------------------------------
    # HOME
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_master_count" in counters:
            # shown to whoever has the page
            values["service_master_count"] = int(self._is_master())
        return values

    # ------------------------------------------------------------
    # LEADS
    # ------------------------------------------------------------

    def _get_subpartner_domain(self):
        master = request.env.user.commercial_partner_id
        return Domain("broadcast_master_id.commercial_partner_id", "=", master.id)

    def _is_master(self):
        # sudo: partners do not read who works for whom; told is only whether
        # somebody works for their own company
        Partner_sudo = request.env["res.partner"].sudo()
        own_sudo = Partner_sudo.browse(request.env.user.commercial_partner_id.id)
        return own_sudo.is_service_partner and bool(
            Partner_sudo.search_count(self._get_subpartner_domain(), limit=1)
        )

    def _get_age(self, lead_sudo):
        """Return for how many days a partner has a lead, in words; nothing on the
        first day."""
        days = (fields.Datetime.now() - lead_sudo.allocated_date).days
        return days and lead_sudo.env["lead.broadcast.notice"]._format_span("day", days)

    def _get_partner_lead_filters(self):
        today = fields.Date.context_today(request.env.user)
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {"label": request.env._("Open"), "domain": IS_OPEN},
            "unattended": {
                "label": request.env._("Not attended to"),
                "domain": IS_OPEN & IS_UNATTENDED,
            },
            "overdue": {
                "label": request.env._("Overdue"),
                "domain": IS_OPEN & Domain("closure_date", "<", today),
            },
        }

    def _get_partner_lead_sortings(self):
        return {
            "oldest": {
                "label": request.env._("Oldest"),
                "order": "allocated_date, id",
            },
            "closure": {
                "label": request.env._("Complete by"),
                "order": "closure_date, id",
            },
            "partner": {
                "label": request.env._("Partner"),
                "order": "allocated_partner_id, allocated_date, id",
            },
            "newest": {
                "label": request.env._("Newest"),
                "order": "allocated_date desc, id desc",
            },
        }

    @http.route(
        [
            "/my/partner_leads",
            "/my/partner_leads/page/<page>",
            "/my/partner_leads/<offer_id>",
        ],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_partner_leads(
        self, page=1, offer_id=None, sortby=None, filterby=None, **_params
    ):
        """List the leads of the partners below.

        :param offer_id: the offer by which one of them was won. Messages link to it,
            with ``#lead-<offer_id>``: the page that has this lead is shown.
        """
        self._use_company_tz()
        if not self._is_master():
            raise request.not_found()
        filters = self._get_partner_lead_filters()
        sortings = self._get_partner_lead_sortings()
        filterby = filterby if filterby in filters else "open"
        sortby = sortby if sortby in sortings else "oldest"
        # sudo: partners read no leads; these are the ones of the partners below, and
        # the page shows of them what offers show to everybody
        Lead_sudo = request.env["crm.lead"].sudo().with_context(active_test=False)
        own = Domain("allocated_partner_id", "any", self._get_subpartner_domain())
        wanted_sudo = Lead_sudo.browse()
        if offer_id:
            is_wanted = Domain("allocated_offer_id", "=", self._parse_id(offer_id))
            wanted_sudo = Lead_sudo.search(own & is_wanted)
            if wanted_sudo != wanted_sudo.filtered_domain(filters[filterby]["domain"]):
                filterby = "all"
        domain = own & filters[filterby]["domain"]
        order = sortings[sortby]["order"]
        step = self._items_per_page
        if wanted_sudo:
            page = Lead_sudo.search(domain, order=order).ids.index(wanted_sudo.id)
            page = page // step + 1
        pager = portal_pager(
            url="/my/partner_leads",
            url_args={"sortby": sortby, "filterby": filterby},
            total=Lead_sudo.search_count(domain),
            page=self._read_page(page),
            step=step,
        )
        values = {
            "leads_sudo": Lead_sudo.search(
                domain, order=order, limit=step, offset=pager["offset"]
            ),
            "get_age": self._get_age,
            "page_name": "service_partner_leads",
            "default_url": "/my/partner_leads",
            "pager": pager,
            "searchbar_filters": filters,
            "filterby": filterby,
            "searchbar_sortings": sortings,
            "sortby": sortby,
        }
        return self._render("lead_broadcast.portal_my_partner_leads", values, 200)
