from odoo import fields, models


class LeadBroadcastNoticeLine(models.Model):
    """What a digest is about: a lead, or a task on it, and the rule that says so."""

    _name = "lead.broadcast.notice.line"
    _description = "Line of a Digest"
    _order = "id"

    notice_id = fields.Many2one(
        "lead.broadcast.notice",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    rule_id = fields.Many2one(
        "lead.broadcast.notification.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    lead_id = fields.Many2one(
        "crm.lead", required=True, readonly=True, index=True, ondelete="cascade"
    )
    offer_id = fields.Many2one(
        "lead.broadcast.offer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="cascade"
    )
