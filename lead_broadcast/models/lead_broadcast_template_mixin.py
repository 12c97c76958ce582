from odoo import api, models
from odoo.exceptions import UserError

OUR_MODELS = ("lead.broadcast.offer", "lead.broadcast.notice")


class LeadBroadcastTemplateMixin(models.AbstractModel):
    """What mail and SMS templates have in common: notification rules use them by a
    reference that the database does not guard, and they are previewed on a lead."""

    _name = "lead.broadcast.template.mixin"
    _description = "Template of Notifications"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_rules(self):
        """Rules that are switched off count, too: switched on they would be mute."""
        if rules := self._get_notification_rules(active_test=False):
            raise UserError(
                self.env._(
                    "These notification rules use it. Give them another template before"
                    " you delete this one:\n%s",
                    rules._get_names_listed(),
                )
            )

    def action_preview_notification(self):
        """Show what this template says about a real lead."""
        self.ensure_one()
        return self.env["lead.broadcast.template.preview"]._open(self)

    def _is_notification(self):
        """Tell whether this is one of our texts, which core cannot preview."""
        self.ensure_one()
        return self.model in OUR_MODELS or (
            self.model == "crm.lead"
            and bool(self._get_notification_rules(active_test=False))
        )

    def _get_notification_rules(self, active_test=True):
        """Return the rules that use these templates, as superuser."""
        references = [f"{template._name},{template.id}" for template in self]
        # sudo: who may change templates need not be allowed to read the rules
        rules = self.env["lead.broadcast.notification.rule"].sudo()
        return rules.with_context(active_test=active_test).search(
            [("template_ref", "in", references)]
        )
