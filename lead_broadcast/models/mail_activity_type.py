from odoo import api, models
from odoo.exceptions import UserError

TYPES = (
    "lead_broadcast.mail_activity_type_find_partner",
    "lead_broadcast.mail_activity_type_price_review",
)


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_broadcast(self):
        """Searches that find nobody would have nothing to hand leads over with."""
        for xmlid in TYPES:
            used = self.env.ref(xmlid, raise_if_not_found=False)
            if used and used in self:
                raise UserError(
                    self.env._(
                        "Lead Broadcast hands leads over with activities of type %s."
                        " Change it, or archive it, but do not delete it.",
                        used.name,
                    )
                )
