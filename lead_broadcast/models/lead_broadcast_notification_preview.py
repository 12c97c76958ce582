from odoo import models


class LeadBroadcastNotificationRule(models.Model):
    """What a rule would say, before it does."""

    _inherit = "lead.broadcast.notification.rule"

    def action_preview(self):
        """Show what this rule tells people about a real lead."""
        self.ensure_one()
        return self.env["lead.broadcast.template.preview"]._open(
            self.template_ref, self
        )
