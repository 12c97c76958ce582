from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import get_known_zone

CLOSURE_YEARS = range(1971, 3000)


class CrmLead(models.Model):
    """The work: a service at a customer's place, to be done by a closure date."""

    _name = "crm.lead"
    _inherit = ["lead.broadcast.guard.mixin", "crm.lead"]

    service_id = fields.Many2one(
        "lead.broadcast.service",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
        help="The service that is to be carried out at the customer's place.",
    )
    size_id = fields.Many2one(
        "lead.broadcast.size",
        index="btree_not_null",
        ondelete="restrict",
        help="How large the job is: decides which lists of partners fit.",
    )
    closure_date = fields.Date(
        compute="_compute_closure_date",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="The work is to be completed on or before this day.",
    )
    closure_state = fields.Selection(
        [
            ("planned", "Planned"),
            ("due", "Due today"),
            ("overdue", "Overdue"),
            ("done", "Completed"),
        ],
        compute="_compute_closure_state",
    )
    service_description = fields.Text(
        "Job Description",
        help="What partners are told before they accept. Contact data is masked.",
    )
    service_place = fields.Char(
        "Place",
        compute="_compute_service_place",
        store=True,
        readonly=False,
        help="The area partners are told before they accept, not the address.",
    )
    service_latitude = fields.Float(
        digits=(10, 7),
        compute="_compute_service_coordinates",
        store=True,
        readonly=False,
    )
    service_longitude = fields.Float(
        digits=(10, 7),
        compute="_compute_service_coordinates",
        store=True,
        readonly=False,
    )
    is_service_located = fields.Boolean(compute="_compute_is_service_located")
    preferred_partner_id = fields.Many2one(
        "res.partner",
        compute="_compute_preferred_partner_id",
        store=True,
        index="btree_not_null",
        help="The service partner tagged on the customer. It is asked first, alone.",
    )

    @api.constrains("closure_date")
    def _check_closure_date(self):
        for lead in self:
            if lead.closure_date and lead.closure_date.year not in CLOSURE_YEARS:
                raise ValidationError(
                    self.env._(
                        "The closure date %s is not a date on which work can be done.",
                        lead.closure_date,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("service_id", "service_place")
    def _compute_name(self):
        """Call a service lead without a title by its work; in the short form the
        title follows the work until the lead is saved."""
        follow = self.env.context.get("new_service_lead")
        for lead in self.filtered("service_id"):
            if not lead.name or (follow and not lead._origin):
                lead.name = lead._get_service_title()
        return super()._compute_name()

    @api.depends("service_id")
    def _compute_closure_date(self):
        today = fields.Date.context_today(self)
        for lead in self:
            if lead.service_id and not lead.closure_date:
                lead.closure_date = today + timedelta(
                    days=lead.service_id.closure_delay_days
                )

    @api.depends("closure_date", "completion_date")
    @api.depends_context("tz")
    def _compute_closure_state(self):
        today = fields.Date.context_today(self)
        for lead in self:
            if lead.completion_date:
                lead.closure_state = "done"
            elif not lead.closure_date:
                lead.closure_state = False
            elif lead.closure_date < today:
                lead.closure_state = "overdue"
            else:
                lead.closure_state = "due" if lead.closure_date == today else "planned"

    @api.depends("city", "state_id")
    def _compute_service_place(self):
        for lead in self:
            if lead.city or lead.state_id:
                lead.service_place = ", ".join(
                    filter(None, [lead.city, lead.state_id.name])
                )

    @api.depends(
        "partner_id.partner_latitude",
        "partner_id.partner_longitude",
        "partner_id.commercial_partner_id.partner_latitude",
        "partner_id.commercial_partner_id.partner_longitude",
        "street",
        "city",
        "zip",
        "state_id",
        "country_id",
    )
    def _compute_service_coordinates(self):
        """Take the customer's coordinates while the address is the customer's; an
        address of the lead's own has none until somebody locates it."""
        for lead in self:
            place = lead.partner_id
            if not (place.partner_latitude or place.partner_longitude):
                # contacts share their company's address, but not its coordinates
                place = place.commercial_partner_id
            is_there = place and all(
                lead[name] == place[name]
                for name in ("street", "city", "zip", "state_id", "country_id")
            )
            lead.service_latitude = is_there and place.partner_latitude
            lead.service_longitude = is_there and place.partner_longitude

    @api.depends("service_latitude", "service_longitude")
    def _compute_is_service_located(self):
        for lead in self:
            lead.is_service_located = bool(
                lead.service_latitude or lead.service_longitude
            )

    @api.depends(
        "partner_id.preferred_service_partner_id",
        "partner_id.commercial_partner_id.preferred_service_partner_id",
    )
    def _compute_preferred_partner_id(self):
        for lead in self:
            customer = lead.partner_id
            lead.preferred_partner_id = (
                customer.preferred_service_partner_id
                or customer.commercial_partner_id.preferred_service_partner_id
            )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_closure_end(self):
        """Return the end of the closure day in the team's time zone, as naive UTC."""
        self.ensure_one()
        if not self.closure_date:
            return None
        midnight = datetime.combine(self.closure_date + timedelta(days=1), time.min)
        local = pytz.timezone(self._get_team_tz()).localize(midnight)
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _get_team_tz(self):
        """Return the time zone in which the lead's team counts its days."""
        self.ensure_one()
        return get_known_zone(self.user_id.tz, self.env.user.tz)

    def _filter_readable_by(self, user):
        """Return those of these leads that a person of ours can see."""
        if not user.active or user.share:
            return self.browse()
        leads = self.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return leads._filtered_access("read").with_env(self.env)

    def _with_team_lang(self):
        """Return this lead in the language its team reads.

        The lines of a lead's story are often written by a partner's request.
        """
        self.ensure_one()
        lang = self.user_id.lang or self.company_id.partner_id.lang
        return self.with_context(lang=lang) if lang else self

    @api.model
    def _get_story_author(self, by):
        """Return as whom a line of a lead's story is written.

        Whoever is the author of a message may read the title of its record: partners
        are named in the line instead.

        :param by: ``res.partner`` of the person who did something
        """
        return self.env.ref("base.partner_root") if by.partner_share else by

    def _get_service_title(self):
        """Return what staff know the work by: service and place."""
        self.ensure_one()
        return self.env["lead.broadcast.offer"]._join_title(
            self.service_id.name, self.service_place
        )

    def _get_customer_traces(self):
        """Return what is masked in texts for partners, as `mask_contact_data` takes
        it."""
        self.ensure_one()
        country = self.country_id or (self.company_id or self.env.company).country_id
        return {
            "names": self._get_customer_names(),
            "contacts": self._get_customer_contacts(),
            "region": country.code or None,
        }

    def _get_customer_names(self):
        """Return the names that partners must not read before they win."""
        self.ensure_one()
        customer = self.partner_id
        return [
            customer.name,
            customer.commercial_partner_id.name,
            self.partner_name,
            self.contact_name,
        ]

    def _get_customer_contacts(self):
        """Return what reaches the customer, as `_get_customer_names`."""
        self.ensure_one()
        contacts = [
            self.phone,
            self.email_from,
            self.website,
            self.email_domain_criterion,  # an address if many people share the domain
        ]
        for partner in self.partner_id | self.partner_id.commercial_partner_id:
            contacts += [partner.phone, partner.email, partner.website]
        return contacts
