from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kannel_gateway_id = fields.Many2one(
        "lead.broadcast.kannel.gateway", compute="_compute_kannel_gateway_id"
    )
    kannel_gateway_state = fields.Selection(related="kannel_gateway_id.state")
    kannel_gateway_error = fields.Char(related="kannel_gateway_id.last_error")

    @api.depends("company_id")
    def _compute_kannel_gateway_id(self):
        for settings in self:
            settings.kannel_gateway_id = settings.company_id._get_kannel_gateway()

    def action_open_kannel_gateway(self):
        """Show the company's gateway, or a new one."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Kannel Gateway"),
            "res_model": "lead.broadcast.kannel.gateway",
            "view_mode": "form",
            "res_id": self.kannel_gateway_id.id,
            "context": {"default_company_id": self.company_id.id},
        }

    def action_test_kannel_gateway(self):
        return self.kannel_gateway_id.action_test_connection()
