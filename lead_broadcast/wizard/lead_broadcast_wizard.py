from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

MAX_VALIDITY_HOURS = 8760
AVAILABLE = (False, None, "rank")  # reasons that still allow to ask a partner


class LeadBroadcastWizard(models.TransientModel):
    """Shows who will be asked, and who will not and why, before anything is sent."""

    _name = "lead.broadcast.wizard"
    _description = "Broadcast Leads"

    lead_ids = fields.Many2many("crm.lead", string="Leads", required=True)
    lead_id = fields.Many2one(
        "crm.lead", compute="_compute_lead_id", help="Set for a single lead."
    )
    service_id = fields.Many2one(related="lead_id.service_id")
    service_place = fields.Char(related="lead_id.service_place")
    closure_date = fields.Date(related="lead_id.closure_date")
    urgency_id = fields.Many2one(related="lead_id.urgency_id")
    preferred_partner_id = fields.Many2one(related="lead_id.preferred_partner_id")
    wave_size = fields.Integer(
        "Partners to Ask",
        compute="_compute_search_defaults",
        store=True,
        readonly=False,
    )
    radius_km = fields.Float(
        "Search Radius (km)",
        compute="_compute_search_defaults",
        store=True,
        readonly=False,
        help="0 means no limit.",
    )
    validity_hours = fields.Float(
        "Validity (hours)",
        compute="_compute_search_defaults",
        store=True,
        readonly=False,
        help="Never past the closure date. 0: as set on the service.",
    )
    valid_until = fields.Datetime(compute="_compute_valid_until")
    line_ids = fields.One2many(
        "lead.broadcast.wizard.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    lead_line_ids = fields.One2many(
        "lead.broadcast.wizard.lead",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    selected_count = fields.Integer(compute="_compute_selected_count")
    has_why = fields.Boolean(compute="_compute_has_why")
    ready_count = fields.Integer(compute="_compute_ready_count")
    warning = fields.Char(compute="_compute_warning")

    @api.constrains("wave_size", "radius_km", "validity_hours")
    def _check_figures(self):
        for wizard in self:
            if wizard.validity_hours > MAX_VALIDITY_HOURS:
                raise ValidationError(
                    self.env._("An offer can be valid for a year at most.")
                )
            if min(wizard.wave_size, wizard.radius_km, wizard.validity_hours) < 0:
                raise ValidationError(
                    self.env._(
                        "The number of partners, the radius and the validity cannot"
                        " be negative."
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("lead_ids")
    def _compute_lead_id(self):
        for wizard in self:
            leads = wizard.lead_ids
            wizard.lead_id = leads._origin if len(leads) == 1 else False

    @api.depends("lead_id")
    def _compute_search_defaults(self):
        for wizard in self:
            lead, service = wizard.lead_id, wizard.lead_id.service_id
            wizard.wave_size = lead and lead._get_urgent_size(service.wave_size)
            wizard.radius_km = service.radius_km
            wizard.validity_hours = lead and lead._get_urgent_hours(
                service.validity_hours
            )

    @api.depends("lead_id", "validity_hours")
    def _compute_valid_until(self):
        now = fields.Datetime.now()
        for wizard in self:
            lead = wizard.lead_id
            hours = min(wizard.validity_hours, MAX_VALIDITY_HOURS)
            wizard.valid_until = lead and lead._get_valid_until(now, hours)

    @api.depends("lead_ids", "wave_size", "radius_km")
    def _compute_line_ids(self):
        Command = fields.Command
        for wizard in self:
            candidates = wizard._find_candidates()
            shown = candidates.get(wizard.lead_id, [])
            names = wizard._get_sms_recipient_names(shown)
            wizard.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "lead_id": wizard.lead_id.id,
                        "sms_recipient_names": names.get(line["partner_id"]),
                        **line,
                    }
                )
                for line in shown
            ]
            lead_lines = [
                wizard._prepare_lead_line(lead, lines)
                for lead, lines in candidates.items()
            ]
            wizard.lead_line_ids = [Command.clear()] + [
                Command.create(line)
                for line in sorted(lead_lines, key=lambda line: not line["problem"])
            ]

    @api.depends("line_ids.selected")
    def _compute_selected_count(self):
        for wizard in self:
            wizard.selected_count = len(wizard.line_ids.filtered("selected"))

    @api.depends("line_ids.why")
    def _compute_has_why(self):
        for wizard in self:
            wizard.has_why = any(wizard.line_ids.mapped("why"))

    @api.depends("lead_line_ids.problem")
    def _compute_ready_count(self):
        for wizard in self:
            ready = wizard.lead_line_ids.filtered(lambda line: not line.problem)
            wizard.ready_count = len(ready)

    @api.depends("lead_id", "line_ids")
    def _compute_warning(self):
        for wizard in self:
            wizard.warning = wizard._get_warning() if wizard.lead_id else False

    def _get_warning(self):
        """Say what an executive should know about this search, or return False."""
        lead = self.lead_id
        preferred = lead.preferred_partner_id
        if not lead.is_service_located:
            return self.env._(
                "The place has no coordinates, so distances are unknown: partners of"
                " the same state come first, then those of the same country. Locate"
                " the lead to find the nearest."
            )
        if preferred and not self.line_ids.filtered(
            lambda line: line.is_preferred and not line.reason
        ):
            return self.env._(
                "The preferred partner %s is not available; the nearest are asked.",
                preferred.display_name,
            )
        return False

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_send(self):
        """Broadcast: what was ticked, as far as it is still true now."""
        self.ensure_one()
        if self.lead_id:
            self._send_single()
            return self._leave_single()
        return self._send_many()

    def _leave_single(self):
        if self.env.context.get("new_service_lead"):
            return self.lead_id._get_records_action()
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _leave_many(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _send_single(self):
        ticked = self.line_ids.filtered("selected").partner_id.ids
        candidates = self._find_candidates()
        for line in candidates[self.lead_id]:
            line["selected"] = (
                line["partner_id"] in ticked and line["reason"] in AVAILABLE
            )
            if line["selected"]:
                line["reason"] = False
            elif not line["reason"]:
                line["reason"] = "unticked"
        self.lead_id._broadcast(candidates, self.validity_hours)

    def _send_many(self):
        """Broadcast the leads that can be; say how many, and keep the others."""
        leads = self.lead_line_ids.filtered(lambda line: not line.problem).lead_id
        if not leads:
            raise UserError(
                self.env._("None of these leads can be broadcast. See the problems.")
            )
        leads._broadcast(self._find_candidates(leads), self.validity_hours)
        return self._leave_many(
            self.env._(
                "%(sent)s leads broadcast, %(left)s left as they were.",
                sent=len(leads),
                left=len(self.lead_ids - leads),
            )
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _find_candidates(self, leads=None):
        """Search as the wizard says; a search for many leads follows each service."""
        self.ensure_one()
        leads = self.lead_ids._origin if leads is None else leads
        audience = self.env["lead.broadcast.audience"]
        if self.lead_id:
            return audience._find(leads, self.wave_size, self.radius_km)
        return audience._find(leads)

    def _prepare_lead_line(self, lead, candidates):
        """Return what is shown of one of several leads."""
        asked = sum(line["selected"] for line in candidates)
        return {
            "lead_id": lead.id,
            "candidate_count": asked,
            "problem": lead._get_broadcast_problem()
            or (not asked and self.env._("No partner is available.")),
            "is_service_located": lead.is_service_located,
        }

    @api.model
    def _get_sms_recipient_names(self, lines):
        """Return ``{partner id: names}`` of who gets the SMS of an offer."""
        partners = self.env["res.partner"].browse(
            [line["partner_id"] for line in lines if line["by_sms"]]
        )
        return {
            partner.id: ", ".join(people.mapped("name"))
            for partner, people in partners._get_alert_contacts().items()
        }
