from odoo import api, models


class MailTemplate(models.Model):
    _name = "mail.template"
    _inherit = ["mail.template", "lead.broadcast.template.mixin"]

    @api.constrains("active")
    def _check_active(self):
        """A rule that is on goes on: an archived text would still be sent, unseen."""
        archived = self.filtered(lambda template: not template.active)
        archived._raise_if_used(
            archived._get_notification_rules(),
            self.env._(
                "These notification rules use it. Switch them off, or give them another"
                " template, before you archive this one:"
            ),
        )
