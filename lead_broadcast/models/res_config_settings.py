from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    broadcast_radius_km = fields.Float(
        related="company_id.broadcast_radius_km", readonly=False
    )
    broadcast_wave_size = fields.Integer(
        related="company_id.broadcast_wave_size", readonly=False
    )
    broadcast_validity_hours = fields.Float(
        related="company_id.broadcast_validity_hours", readonly=False
    )
    broadcast_closure_delay_days = fields.Integer(
        related="company_id.broadcast_closure_delay_days", readonly=False
    )
    broadcast_search_alert_hours = fields.Float(
        related="company_id.broadcast_search_alert_hours", readonly=False
    )
    broadcast_silence_limit = fields.Integer(
        related="company_id.broadcast_silence_limit", readonly=False
    )
    broadcast_answer_weight = fields.Integer(
        related="company_id.broadcast_answer_weight", readonly=False
    )
    broadcast_feedback_weight = fields.Integer(
        related="company_id.broadcast_feedback_weight", readonly=False
    )
    broadcast_price_review_count = fields.Integer(
        related="company_id.broadcast_price_review_count", readonly=False
    )
    broadcast_head_id = fields.Many2one(
        related="company_id.broadcast_head_id", readonly=False
    )
    broadcast_sms_number = fields.Char(
        related="company_id.broadcast_sms_number", readonly=False
    )
    broadcast_sms_failure_limit = fields.Integer(
        related="company_id.broadcast_sms_failure_limit", readonly=False
    )
    broadcast_sms_gateway_limit = fields.Integer(
        related="company_id.broadcast_sms_gateway_limit", readonly=False
    )
    broadcast_sms_reply_limit = fields.Integer(
        related="company_id.broadcast_sms_reply_limit", readonly=False
    )
    broadcast_sms_failure_count = fields.Integer(
        compute="_compute_broadcast_sms_failure_count"
    )
    broadcast_has_place_index = fields.Boolean(
        compute="_compute_broadcast_has_place_index"
    )

    @api.depends_context("uid")
    def _compute_broadcast_has_place_index(self):
        has_index = self.env["lead.broadcast.audience"]._has_place_index()
        for settings in self:
            settings.broadcast_has_place_index = has_index

    @api.depends("company_id")
    def _compute_broadcast_sms_failure_count(self):
        for settings in self:
            # sudo: settings are for administrators, the log for supervisors
            log = self.env["lead.broadcast.inbound.sms"].sudo()
            settings.broadcast_sms_failure_count = log._count_failures(
                settings.company_id, fields.Datetime.now()
            )
