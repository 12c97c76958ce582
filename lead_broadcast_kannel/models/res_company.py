from odoo import fields, models

from ..tools.sms_api import SmsApiKannel


class ResCompany(models.Model):
    _inherit = "res.company"

    kannel_gateway_ids = fields.One2many(
        "lead.broadcast.kannel.gateway",
        "company_id",
        groups="base.group_system",
    )

    def _get_kannel_gateway(self):
        """Return the gateway that sends the SMS of this company, if it has one."""
        self.ensure_one()
        # sudo: whoever causes an SMS need not know the gateway
        company_sudo = self.sudo().with_context(active_test=True)
        return company_sudo.kannel_gateway_ids

    def _get_sms_api_class(self):
        """An active gateway comes before every other way to send."""
        self.ensure_one()
        if self._get_kannel_gateway():
            return SmsApiKannel
        return super()._get_sms_api_class()
