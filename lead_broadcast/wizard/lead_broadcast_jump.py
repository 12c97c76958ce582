from odoo import api, fields, models


class LeadBroadcastJump(models.TransientModel):
    """Takes a step of a lead's ladder out of turn: to skip what is of no use, or to
    repeat a step after something has changed."""

    _name = "lead.broadcast.jump"
    _description = "Jump to a Step"

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    ladder_snapshot_id = fields.Many2one(related="lead_id.ladder_snapshot_id")
    step_id = fields.Many2one(
        "lead.broadcast.ladder.step",
        compute="_compute_step_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        domain="[('ladder_id', '=', ladder_snapshot_id)]",
        ondelete="cascade",
    )
    step_summary = fields.Char(related="step_id.summary")

    @api.depends("lead_id")
    def _compute_step_id(self):
        for wizard in self:
            lead = wizard.lead_id
            wizard.step_id = (
                wizard.step_id
                or lead.next_step_id
                or lead.ladder_snapshot_id.step_ids[:1]
            )

    def action_jump(self):
        """Take the step; offers of the steps before stay valid."""
        self.ensure_one()
        self.lead_id._check_can_broadcast()
        self.lead_id._jump_to(self.step_id)
        return {"type": "ir.actions.act_window_close"}
