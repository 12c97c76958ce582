from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import mute_logger

UNCERTAIN = "broadcast_uncertain"
FAILURE = [(UNCERTAIN, "Uncertain: the server stopped while it was being sent")]


class SmsSms(models.Model):
    """What was being sent when the server stopped: nobody knows whether the gateway has
    it, so it is shown, and not sent again by itself.

    The queue notes that a message is being sent, and commits that, before it calls the
    gateway. What came of the call is written by the next transaction, which locks the
    message as long as the call takes. A message that still has the note although nobody
    holds it was left behind: the queue runs once at a time, for its cron is locked.
    """

    _inherit = "sms.sms"

    failure_type = fields.Selection(selection_add=FAILURE)
    broadcast_sending_since = fields.Datetime(
        "Being Sent since",
        copy=False,
        help="Set while the gateway is asked to take the message.",
    )

    _broadcast_sending_idx = models.Index(
        "(id) WHERE broadcast_sending_since IS NOT NULL"
    )

    @api.model
    def _process_queue(self):
        """As core, with what a stopped server left behind settled first.

        Core commits here after each batch, hence so may we before.
        """
        self._settle_interrupted()
        queue = self.with_context(broadcast_is_queue=True)
        return super(SmsSms, queue)._process_queue()

    def _begin_sending(self):
        """Note that these messages are being sent, for good, and lock what is written
        when the gateway has answered.

        In a transaction that is not the queue's own nothing is noted: it may be undone.

        :return: the messages to hand over now
        """
        if not self.env.context.get("broadcast_is_queue"):
            return self._lock_targets()
        # those of one company after the other: the locks of the first run are gone
        queued = self.try_lock_for_update().filtered(
            lambda message: message.state == "outgoing"
        )
        noted = queued.filtered("broadcast_company_id")
        noted.write(
            {"state": "process", "broadcast_sending_since": fields.Datetime.now()}
        )
        self.env["ir.cron"]._commit_progress()
        # somebody may have cancelled one in between
        held = queued.try_lock_for_update().filtered(
            lambda message: (
                message.state == ("process" if message in noted else "outgoing")
            )
        )
        ready = held._lock_targets()
        (held & noted - ready).write(
            {"state": "outgoing", "broadcast_sending_since": False}
        )
        return ready

    def _end_sending(self):
        """Commit at once what the gateway has answered."""
        if self.env.context.get("broadcast_is_queue"):
            self.env["ir.cron"]._commit_progress()

    def _note_answered(self):
        """Note that the gateway has answered: nothing is uncertain any more."""
        self.filtered("broadcast_sending_since").broadcast_sending_since = False

    @api.model
    def _find_interrupted(self):
        """Return the messages that are being sent, or were left behind. What was
        reported meanwhile is certain."""
        return self.search(
            Domain("broadcast_sending_since", "!=", False)
            & Domain("state", "=", "process")
            & Domain("to_delete", "!=", True)
        )

    @api.model
    def _settle_interrupted(self):
        """Say of what was left behind that nobody knows."""
        try:
            with mute_logger("odoo.sql_db"):
                interrupted = self._find_interrupted().try_lock_for_update()
                interrupted = interrupted._lock_targets()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()  # one of them has just been reported
            self.env.ref("sms.ir_cron_sms_scheduler_action")._trigger()
            return
        if interrupted:
            interrupted.broadcast_sending_since = False
            interrupted.action_set_error(UNCERTAIN)
