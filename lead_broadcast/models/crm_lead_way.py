from odoo import api, fields, models

DESTINATION = (
    "destination_street",
    "destination_city",
    "destination_zip",
    "destination_state_id",
    "destination_country_id",
    "destination_place",
    "destination_latitude",
    "destination_longitude",
)
WORK_DATES = ("work_date_from", "work_date_to")


class CrmLead(models.Model):
    """Where the work ends when that is not where it starts, and on which days.

    A move goes from the customer's place, which is the lead's service place, to a
    destination. Most services have none.
    """

    _inherit = "crm.lead"

    destination_street = fields.Char()
    destination_city = fields.Char()
    destination_zip = fields.Char("Destination ZIP")
    destination_state_id = fields.Many2one(
        "res.country.state", domain="[('country_id', '=?', destination_country_id)]"
    )
    destination_country_id = fields.Many2one(
        "res.country",
        compute="_compute_destination_country_id",
        store=True,
        readonly=False,
    )
    destination_place = fields.Char(
        "Destination",
        compute="_compute_destination_place",
        store=True,
        readonly=False,
        help="The area partners are told before they accept, not the address.",
    )
    destination_latitude = fields.Float(
        digits=(10, 7),
        compute="_compute_destination_coordinates",
        store=True,
        readonly=False,
    )
    destination_longitude = fields.Float(
        digits=(10, 7),
        compute="_compute_destination_coordinates",
        store=True,
        readonly=False,
    )
    work_date_from = fields.Date(
        "Work Dates",
        copy=False,
        tracking=True,
        help="The days on which the work is to be done. Without them it may be done on"
        " any day up to the closure date.",
    )
    work_date_to = fields.Date("Work Ends on", copy=False, tracking=True)

    _check_work_dates = models.Constraint(
        "CHECK(work_date_from <= work_date_to)",
        "The work must not end before it starts. Correct the work dates.",
    )

    def init(self):
        result = super().init()
        # at the end: the search's extension may not be there yet
        self.pool.post_init(self.env["lead.broadcast.audience"]._create_way_indexes)
        return result

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("destination_state_id")
    def _compute_destination_country_id(self):
        for lead in self:
            if lead.destination_state_id:
                lead.destination_country_id = lead.destination_state_id.country_id

    @api.depends("destination_city", "destination_state_id")
    def _compute_destination_place(self):
        for lead in self:
            names = [lead.destination_city, lead.destination_state_id.name]
            if any(names):
                lead.destination_place = ", ".join(filter(None, names))

    @api.depends(
        "destination_street",
        "destination_city",
        "destination_zip",
        "destination_state_id",
    )
    def _compute_destination_coordinates(self):
        """Forget where the destination was when its address changes.

        The country follows the state, and would wipe out coordinates that were given
        together with the state.
        """
        self.destination_latitude = self.destination_longitude = False

    @api.depends("work_date_from", "work_date_to")
    def _compute_closure_date(self):
        """The work cannot be due before the days on which it is done."""
        for lead in self.filtered("service_id"):
            end = lead.work_date_to or lead.work_date_from
            if end and (not lead.closure_date or lead.closure_date < end):
                lead.closure_date = end
        return super()._compute_closure_date()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_locate_destination(self):
        """Look up the coordinates of the destination.

        :raise UserError: when there is no address, no answer or no match
        """
        self.ensure_one()
        self.check_access("write")
        self.destination_latitude, self.destination_longitude = self._locate_address(
            self.destination_street,
            self.destination_zip,
            self.destination_city,
            self.destination_state_id,
            self.destination_country_id or self.country_id,
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_destination_address(self):
        """Return the lines of the destination's address."""
        self.ensure_one()
        lines = [
            self.destination_street,
            " ".join(filter(None, [self.destination_zip, self.destination_city])),
            self.destination_state_id.name,
        ]
        if not any(lines):
            return []
        lines.append(self.destination_country_id.name)
        return list(filter(None, lines))

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def _merge_get_fields(self):
        return super()._merge_get_fields() + [*DESTINATION, *WORK_DATES]

    def _merge_get_fields_specific(self):
        """Keep the destination and the dates of one lead each, rather than the city of
        one with the coordinates of another."""
        return {
            **super()._merge_get_fields_specific(),
            **dict.fromkeys(DESTINATION, _get_destination_value),
            **dict.fromkeys(WORK_DATES, _get_work_date),
        }


def _get_destination_value(name, leads):
    value = _get_first(leads, DESTINATION)[name]
    return value.id if isinstance(value, models.BaseModel) else value


def _get_work_date(name, leads):
    return _get_first(leads, WORK_DATES)[name]


def _get_first(leads, names):
    """Return the first lead on which one of these fields is set, if any."""
    return leads.filtered(lambda lead: any(lead[name] for name in names))[:1]
