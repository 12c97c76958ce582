from odoo import api, fields, models
from odoo.exceptions import UserError


class LeadBroadcastSize(models.Model):
    _name = "lead.broadcast.size"
    _description = "Size of a Job"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_list(self):
        """A list without sizes means any: it must not become one."""
        # sudo: whoever may delete sizes need not see all lists
        lists = (
            self.env["lead.broadcast.list"]
            .sudo()
            .with_context(active_test=False)
            .search([("size_ids", "in", self.ids)])
        )
        if lists:
            raise UserError(
                self.env._(
                    "These sizes are used by %s. Archive them instead.",
                    ", ".join(lists.mapped("name")),
                )
            )
