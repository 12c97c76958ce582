from odoo import fields, models


class LeadBroadcastNotificationRule(models.Model):
    """A channel as a bridge to a telephone system adds it: who is called."""

    _inherit = "lead.broadcast.notification.rule"

    channel = fields.Selection(
        selection_add=[("voice", "Phone call")], ondelete={"voice": "cascade"}
    )

    def _get_voice_reach(self, people):
        problem = self.env._("No phone number")
        return {person: ("voice", not person.phone and problem) for person in people}
