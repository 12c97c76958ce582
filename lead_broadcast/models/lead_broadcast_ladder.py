from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain


class LeadBroadcastLadder(models.Model):
    """What is tried, in order, until somebody takes a lead."""

    _name = "lead.broadcast.ladder"
    _inherit = ["lead.broadcast.condition.mixin"]
    _description = "Search Ladder"
    _order = "sequence, id"

    sequence = fields.Integer(
        help="A lead follows the first ladder whose rule it matches."
    )
    domain = fields.Char(help="Empty: all service leads.")
    auto_start = fields.Boolean(
        "Starts by Itself",
        help="Partners are searched for as soon as a lead that matches is entered.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        ondelete="restrict",
        help="When partners are asked. None: at any time of the day and the week.",
    )
    step_ids = fields.One2many("lead.broadcast.ladder.step", "ladder_id", copy=True)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_followed(self):
        """What became of leads stays on record with the steps that were taken."""
        if followed := self.filtered("snapshot_ids"):
            raise UserError(
                self.env._(
                    "Leads have followed %s. Archive the ladder instead.",
                    ", ".join(followed.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _match(self, leads):
        """Return which ladder each lead follows by the rules: that of its service,
        else the first whose rule it matches."""
        matches = {
            lead: lead.service_id.sudo().ladder_id.filtered("active") for lead in leads
        }
        left = leads.filtered(lambda lead: lead.service_id and not matches[lead])
        return {**matches, **super()._match(left)}

    @api.model
    @tools.ormcache()
    def _has_auto_start(self):
        """Tell whether any ladder starts by itself: asked for each new lead."""
        domain = self._get_applicable_domain() & Domain("auto_start", "=", True)
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model
    def _get_applicable_domain(self):
        """Copies are followed by those that follow them already."""
        return super()._get_applicable_domain() & Domain("origin_id", "=", False)

    @api.model
    def _get_cached_fields(self):
        return super()._get_cached_fields() | {"auto_start"}
