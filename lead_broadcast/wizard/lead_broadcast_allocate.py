from odoo import api, fields, models


class LeadBroadcastAllocate(models.TransientModel):
    _name = "lead.broadcast.allocate"
    _description = "Give a Lead to a Partner"

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner",
        "Service Partner",
        required=True,
        domain=[("is_service_partner", "=", True)],
        ondelete="cascade",
    )
    warning = fields.Char(compute="_compute_warning")

    @api.depends("lead_id", "partner_id")
    def _compute_warning(self):
        """Say what speaks against this partner; staff may give it the lead anyhow."""
        for wizard in self:
            partner, lead = wizard.partner_id, wizard.lead_id
            declined = lead.offer_ids.filtered(
                lambda offer, partner=partner: (
                    offer.partner_id == partner and offer.state == "declined"
                )
            )
            capacity = partner.broadcast_capacity
            today = fields.Date.context_today(wizard)
            warnings = []
            if declined:
                warnings.append(
                    self.env._(
                        "declined this lead: %s",
                        declined[0].answer_summary
                        or declined[0].decline_reason_id.name,
                    )
                )
            if capacity and partner.broadcast_open_lead_count >= capacity:
                warnings.append(self.env._("has no capacity left"))
            if (
                partner.broadcast_paused_until
                and partner.broadcast_paused_until > today
            ):
                warnings.append(self.env._("is paused"))
            if partner and lead.service_id not in partner.broadcast_service_ids:
                warnings.append(self.env._("does not offer this service"))
            wizard.warning = bool(warnings) and self.env._(
                "%(partner)s %(warnings)s.",
                partner=partner.display_name,
                warnings=", ".join(warnings),
            )

    def action_allocate(self):
        """Give the lead to the partner."""
        self.ensure_one()
        self.lead_id._allocate(self.partner_id)
        return {"type": "ir.actions.act_window_close"}
