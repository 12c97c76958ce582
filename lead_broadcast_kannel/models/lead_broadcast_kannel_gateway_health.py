import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

# A gateway that does not work is left alone for so long: many messages then cost one
# timeout, not one each.
PAUSE = timedelta(seconds=30)
RECORD_EVERY = timedelta(minutes=1)


class LeadBroadcastKannelGateway(models.Model):
    """Whether a gateway works, and what waits for it."""

    _inherit = "lead.broadcast.kannel.gateway"

    last_success = fields.Datetime(
        "Last Worked",
        readonly=True,
        copy=False,
        help="When it took a message, or passed a test.",
    )
    last_error = fields.Char(readonly=True, copy=False)
    last_error_date = fields.Datetime("Last Failed", readonly=True, copy=False)
    pause_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="Set while it does not work: no message is tried before.",
    )
    state = fields.Selection(
        [("new", "Not used yet"), ("working", "Working"), ("failing", "Not working")],
        "Status",
        compute="_compute_state",
    )
    waiting_count = fields.Integer("Waiting SMS", compute="_compute_waiting")
    next_try = fields.Datetime(compute="_compute_waiting")

    @api.depends("pause_until", "last_success")
    def _compute_state(self):
        for gateway in self:
            if gateway.pause_until:
                gateway.state = "failing"
            else:
                gateway.state = "working" if gateway.last_success else "new"

    def _compute_waiting(self):
        # sudo: only figures are shown of the queue
        groups = (
            self.env["sms.sms"]
            .sudo()
            ._read_group(
                self._get_waiting_domain(),
                ["broadcast_company_id"],
                ["__count", "broadcast_retry_at:min"],
            )
        )
        waiting = {company: figures for company, *figures in groups}
        for gateway in self:
            figures = waiting.get(gateway.company_id, (0, False))
            gateway.waiting_count, gateway.next_try = figures

    def _get_waiting_domain(self):
        return [
            ("broadcast_company_id", "in", self.company_id.ids),
            ("broadcast_retry_at", "!=", False),
            ("state", "=", "error"),
        ]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry_waiting(self):
        """Send what waits for the gateway now."""
        self.check_access("read")
        gateways_sudo = self.sudo()  # sudo: administrators see the figures, not the SMS
        gateways_sudo.pause_until = False
        gateways_sudo._retry_waiting()

    def action_open_waiting(self):
        """Show the SMS that wait for the gateway."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waiting SMS"),
            "res_model": "sms.sms",
            "view_mode": "list,form",
            "domain": self._get_waiting_domain(),
        }

    def _retry_waiting(self):
        """Let the messages that wait be tried again at once."""
        waiting = self.env["sms.sms"].search(self._get_waiting_domain())
        waiting.try_lock_for_update().broadcast_retry_at = fields.Datetime.now()
        self.env.ref("lead_broadcast.ir_cron_retry_sms")._trigger()

    # ------------------------------------------------------------
    # HEALTH
    # ------------------------------------------------------------

    def _get_pause_reason(self):
        """Return why the gateway is left alone for the moment; falsy if it is not."""
        self.ensure_one()
        is_paused = self.pause_until and self.pause_until > fields.Datetime.now()
        return is_paused and self.last_error

    def _record_success(self):
        """Note that the gateway works, once in a while."""
        now = fields.Datetime.now()
        last_success = self.last_success
        if self.pause_until or not last_success or now - last_success > RECORD_EVERY:
            self._record({"last_success": now, "pause_until": False})

    def _record_failure(self, problem):
        """Note that the gateway does not work, and leave it alone for a moment."""
        now = fields.Datetime.now()
        self._record(
            {"last_error": problem, "last_error_date": now, "pause_until": now + PAUSE}
        )

    def _record(self, values):
        """Note something in a transaction of its own.

        In that of the messages, two that are sent at once would collide here after
        Kannel has taken them, and be sent again. For the same reason what cannot be
        noted is no error.
        """
        self.ensure_one()
        try:
            with self.env.registry.cursor() as cr:
                gateway = self.with_env(self.env(cr=cr)).try_lock_for_update()
                gateway.write(values)  # nothing when another one is noting the same
        except psycopg2.Error:
            _logger.warning("Kannel gateway %s: not noted", self.id, exc_info=True)
        self.invalidate_recordset(list(values))
