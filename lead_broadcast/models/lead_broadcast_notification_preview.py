from odoo import models


class LeadBroadcastNotificationRule(models.Model):
    """The text of a rule: seen before it is sent, and kept while it is used."""

    _inherit = "lead.broadcast.notification.rule"

    def action_preview(self):
        """Show what this rule tells people about a real lead."""
        self.ensure_one()
        return self.env["lead.broadcast.template.preview"]._open(
            self.template_ref, self
        )

    def _get_names_listed(self):
        """Return the names of these rules, a line for each."""
        return "\n".join(f"- {rule.display_name}" for rule in self)
