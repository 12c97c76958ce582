from datetime import timedelta

from odoo import api, fields, models

# minutes until a message is tried again after its first, second ... failure
BACK_OFF = (1, 2, 5, 15, 30, 60)
MAX_TRIES = 24
# fields of sms.tracker: the record that is told what becomes of a message
TARGETS = ("broadcast_notice_id", "broadcast_inbound_id")


class SmsSms(models.Model):
    """Our messages in core's queue: of several companies, each through the gateway of
    its own, tried again while that is down, and never sent when it is too late."""

    _inherit = "sms.sms"

    broadcast_company_id = fields.Many2one(
        "res.company",
        "Sent for",
        index="btree_not_null",
        ondelete="set null",
        help="The company whose gateway sends this message.",
    )
    broadcast_valid_until = fields.Datetime(
        "Valid Until", help="The message is worthless from this moment on."
    )
    is_broadcast_notice = fields.Boolean(
        help="It is worthless without the record it is about."
    )
    broadcast_try_count = fields.Integer("Failed Tries")
    broadcast_retry_at = fields.Datetime(
        "Next Try", help="Set while the message waits for its gateway."
    )

    _broadcast_retry_at_idx = models.Index(
        "(broadcast_retry_at) WHERE broadcast_retry_at IS NOT NULL"
    )

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    @api.model
    def _queue_broadcast_sms(self, vals_list):
        """Put messages into the queue.

        :param vals_list: values of ``sms.sms`` with ``number`` (E.164), ``body``,
            ``broadcast_company_id`` and optionally ``partner_id``,
            ``broadcast_valid_until``, and one of ``broadcast_notice_id`` and
            ``broadcast_inbound_id``: the record that is told what becomes of it
        :return: the messages, in this order
        """
        has_own_company = "record_company_id" in self._fields  # that of sms_twilio
        # sudo: whoever causes a message to be sent need not read the queue
        messages = self.sudo().create(
            [
                {
                    **{name: vals[name] for name in vals if name not in TARGETS},
                    "is_broadcast_notice": not vals.keys().isdisjoint(TARGETS),
                    **(
                        {"record_company_id": vals["broadcast_company_id"]}
                        if has_own_company
                        else {}
                    ),
                }
                for vals in vals_list
            ]
        )
        self.env["sms.tracker"].sudo().create(
            [
                {
                    "sms_uuid": message.uuid,
                    **{name: vals[name] for name in TARGETS if name in vals},
                }
                for message, vals in zip(messages, vals_list, strict=True)
            ]
        )
        return messages

    def _get_sms_company(self):
        return self.broadcast_company_id or super()._get_sms_company()

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Send what is still wanted, the messages of each company through its gateway.

        Core's queue gives messages of all companies at once to the gateway of one.
        """
        options = {
            "unlink_failed": unlink_failed,
            "unlink_sent": unlink_sent,
            "raise_exception": raise_exception,
        }
        wanted = self._cancel_stale()
        if self.env.context.get("sms_api"):  # of one company already
            wanted = wanted._lock_targets()
            return wanted and super(SmsSms, wanted)._send(**options)
        for company, messages in wanted.grouped(
            lambda message: message._get_sms_company()
        ).items():
            sms_api = company._get_sms_api_class()(self.with_company(company).env)
            sms_api._set_company(company)
            messages = messages.with_context(sms_api=sms_api)._begin_sending()
            if messages:
                super(SmsSms, messages)._send(**options)
                messages._end_sending()

    def _cancel_stale(self):
        """Cancel the messages that came too late or are no longer true.

        :return: the others
        """
        now = fields.Datetime.now()
        ours = self.filtered("broadcast_company_id")
        # what was deleted took its notices and their trackers along
        stale = ours.filtered(
            lambda message: (
                (message.broadcast_valid_until and message.broadcast_valid_until <= now)
                or (message.is_broadcast_notice and not message.sms_tracker_id)
            )
        )
        notices = ours.sms_tracker_id.broadcast_notice_id
        unwanted = notices - notices._filter_wanted()
        if unwanted:
            stale |= ours.filtered(
                lambda message: message.sms_tracker_id.broadcast_notice_id in unwanted
            )
        if stale:
            stale._update_sms_state_and_trackers("canceled")
        return self - stale

    def _lock_targets(self):
        """Let reports wait for the end of this transaction: they change the same
        records, and a collision would undo it after the gateway has taken the messages.

        :return: the messages whose records nobody is changing at this moment
        """
        busy = self.browse()
        for name in TARGETS:
            targets = self.sms_tracker_id[name]
            taken = targets - targets.try_lock_for_update(allow_referencing=True)
            busy |= self.filtered(
                lambda message, name=name, taken=taken: (
                    message.sms_tracker_id[name] & taken
                )
            )
        if busy:
            in_a_minute = fields.Datetime.now() + timedelta(minutes=1)
            self.env.ref("sms.ir_cron_sms_scheduler_action")._trigger(in_a_minute)
        return self - busy

    # ------------------------------------------------------------
    # RETRY
    # ------------------------------------------------------------

    def _is_retried(self):
        """Tell whether this message waits when its gateway does not answer; those of
        other applications fail at once, as they do in core."""
        self.ensure_one()
        return bool(self.broadcast_company_id)

    def _handle_call_result_hook(self, results):
        """Plan when what the gateway did not take is tried again.

        A result may carry ``retry_after``, in seconds, instead of the usual delay.
        """
        outcome = super()._handle_call_result_hook(results)
        self._note_answered()
        delays = {result["uuid"]: result.get("retry_after") for result in results}
        self.filtered(
            lambda message: (
                message.state == "error"
                and message.failure_type == "sms_server"
                and message._is_retried()
            )
        )._plan_retry(delays)
        return outcome

    def _plan_retry(self, delays):
        """Let these messages wait, those that can still arrive in time.

        :param delays: ``{uuid: seconds}``, falsy for the usual back-off
        """
        now = fields.Datetime.now()
        moments = []
        for message in self:
            tries = message.broadcast_try_count
            minutes = BACK_OFF[min(tries, len(BACK_OFF) - 1)]
            seconds = delays.get(message.uuid) or minutes * 60
            retry_at = now + timedelta(seconds=seconds)
            until = message.broadcast_valid_until
            is_hopeless = (until and retry_at >= until) or tries + 1 >= MAX_TRIES
            message.write(
                {
                    "broadcast_try_count": tries + 1,
                    "broadcast_retry_at": not is_hopeless and retry_at,
                    "to_delete": False,
                }
            )
            tracker = message.sms_tracker_id
            if is_hopeless:
                tracker._update_broadcast_records("error", "sms_server")
            else:
                tracker.broadcast_notice_id._wait_for_gateway(tries + 1, retry_at)
                moments.append(retry_at)
        if moments:
            self.env.ref("lead_broadcast.ir_cron_retry_sms")._trigger(moments)

    @api.model
    def _cron_retry(self):
        """Put the messages back into the queue whose next try is due, and have the
        queue go on where it broke off: core looks at it again only after a day."""
        due = self.search(
            [
                ("broadcast_retry_at", "<=", fields.Datetime.now()),
                ("state", "=", "error"),
                ("to_delete", "=", False),  # reported meanwhile: it had arrived
            ],
            order="id",
        ).try_lock_for_update()
        due.broadcast_retry_at = False
        due.action_set_outgoing()
        if (
            self.search_count(
                [
                    ("broadcast_company_id", "!=", False),
                    ("state", "=", "outgoing"),
                    ("to_delete", "=", False),
                ],
                limit=1,
            )
            or self._find_interrupted()
        ):
            self.env.ref("sms.ir_cron_sms_scheduler_action")._trigger()
