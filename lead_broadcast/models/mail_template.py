from odoo import api, models
from odoo.exceptions import UserError


class MailTemplate(models.Model):
    _name = "mail.template"
    _inherit = ["mail.template", "lead.broadcast.template.mixin"]

    @api.constrains("active")
    def _check_active(self):
        """A rule that is on goes on: an archived text would still be sent, unseen."""
        archived = self.filtered(lambda template: not template.active)
        if rules := archived._get_notification_rules():
            raise UserError(
                self.env._(
                    "These notification rules use it. Switch them off, or give them"
                    " another template, before you archive this one:\n%s",
                    rules._get_names_listed(),
                )
            )

    def action_open_mail_preview(self):
        """Notifications are previewed on leads, with those who get them."""
        is_administrator = self.env.user.has_group("lead_broadcast.group_administrator")
        if is_administrator and self._is_notification():
            return self.action_preview_notification()
        return super().action_open_mail_preview()
