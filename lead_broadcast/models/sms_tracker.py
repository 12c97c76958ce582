from odoo import fields, models

from .sms_sms_uncertain import UNCERTAIN


class SmsTracker(models.Model):
    """Tell our own records what became of the messages they sent."""

    _inherit = "sms.tracker"

    broadcast_notice_id = fields.Many2one(
        "lead.broadcast.notice", index="btree_not_null", ondelete="cascade"
    )
    broadcast_inbound_id = fields.Many2one(
        "lead.broadcast.inbound.sms", index="btree_not_null", ondelete="cascade"
    )

    def _action_update_from_provider_error(self, provider_error):
        result = super()._action_update_from_provider_error(provider_error)
        _status, failure_type, failure_reason = result
        self._update_broadcast_records("error", failure_type, failure_reason)
        return result

    def _action_update_from_sms_state(
        self, sms_state, failure_type=False, failure_reason=False
    ):
        result = super()._action_update_from_sms_state(
            sms_state, failure_type=failure_type, failure_reason=failure_reason
        )
        # a gateway that is down is no failure yet: the queue plans the next try
        if failure_type != "sms_server":
            state = "uncertain" if failure_type == UNCERTAIN else sms_state
            self._update_broadcast_records(state, failure_type, failure_reason)
        return result

    def _update_broadcast_records(
        self, sms_state, failure_type=False, failure_reason=False
    ):
        self.broadcast_notice_id._update_sms_state(
            sms_state, failure_type, failure_reason
        )
        self.broadcast_inbound_id._update_reply_state(sms_state)
