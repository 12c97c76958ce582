from odoo import api, fields, models

# What becomes of a message, as sms.sms tells it.
SMS_STATES = [
    ("outgoing", "Queued"),
    ("process", "Being sent"),
    ("uncertain", "Uncertain"),
    ("pending", "Handed over"),
    ("sent", "Delivered"),
    ("error", "Not delivered"),
    ("canceled", "Cancelled"),
]
# How far a message has come. What is reported late never takes it back: delivery
# reports overtake each other.
PROGRESS = {
    "outgoing": 0,
    "process": 1,
    "uncertain": 2,
    "pending": 3,
    "canceled": 4,
    "error": 4,
    "sent": 5,
}
# What may not have arrived: the person is told in another way, and it can be sent again
# by hand.
DOUBTFUL = ("error", "uncertain")
# failed tries after which a person is told in another way, while these go on
PATIENCE = 2


class LeadBroadcastNotice(models.Model):
    """Notices by SMS: to each person of the partner that gets alerts, and what the
    gateway reports about them."""

    _inherit = "lead.broadcast.notice"

    sms_number = fields.Char("Number", readonly=True)
    sms_state = fields.Selection(
        SMS_STATES,
        "SMS Status",
        readonly=True,
        help="What the gateway made of it.",
    )

    # ------------------------------------------------------------
    # DELIVERY
    # ------------------------------------------------------------

    def _deliver_sms(self, template):
        """Queue one SMS for each notice, rendered in its recipient's language."""
        records = self._get_template_records(template)
        messages = []
        for lang, notices in self.grouped(lambda notice: notice._get_lang()).items():
            subjects = self.env[template.sudo().model_id.model].union(
                *(records[notice] for notice in notices)
            )
            bodies = subjects._render_sms(template, lang)
            for notice in notices:
                number = notice.recipient_id._get_broadcast_sms_number()
                notice.write({"sms_number": number, "sms_state": "outgoing"})
                messages.append(
                    {
                        "body": bodies[records[notice].id],
                        "number": number,
                        "partner_id": notice.recipient_id.id,
                        "broadcast_company_id": notice.company_id.id,
                        "broadcast_valid_until": notice._get_valid_until(),
                        "broadcast_notice_id": notice.id,
                    }
                )
        self.env["sms.sms"]._queue_broadcast_sms(messages)
        self._finish("sent")

    def _render_sms(self, template, lang):
        """Return the texts of an SMS about these notices: ``{id: text}``."""
        return template.with_env(self.env)._render_field(
            "body", self.ids, set_lang=lang
        )

    def _filter_wanted(self):
        """Return the notices that may still leave the queue: true, not replaced by the
        next reminder, and for people who still get SMS on that number."""
        return (
            self._filter_latest()
            ._filter_true()
            .filtered(
                lambda notice: (
                    notice.sms_number == notice.recipient_id._get_broadcast_sms_number()
                )
            )
        )

    def _get_valid_until(self):
        """Return from when on this notice is worthless, or False: an offer after its
        end, of which the operator is told, too."""
        self.ensure_one()
        is_offer = self.event in ("offered", "expiring")
        return is_offer and self.offer_id.valid_until

    # ------------------------------------------------------------
    # REPORTS
    # ------------------------------------------------------------

    def _update_sms_state(self, sms_state, failure_type=False, failure_reason=False):
        """Note what became of the messages, and tell the recipients of those that
        failed, or may have, in another way.

        :param str sms_state: state of ``sms.sms``, or ``uncertain``
        :param str failure_type: of ``mail.notification``
        """
        is_retry = sms_state == "outgoing"
        news = self.filtered(
            lambda notice: (
                PROGRESS[sms_state] > PROGRESS[notice.sms_state or "outgoing"]
                or (is_retry and notice.sms_state in (*DOUBTFUL, "canceled"))
            )
        )
        if not news:
            return
        note = False
        if sms_state == "canceled":
            note = self.env._("No longer true when it was to be sent")
        elif sms_state in DOUBTFUL:
            note = self._get_failure_text(failure_type, failure_reason)
        news.write({"sms_state": sms_state, "note": note})
        if sms_state in DOUBTFUL:
            news._fall_back()

    def _wait_for_gateway(self, tries, retry_at):
        """Note that the gateway does not answer.

        :param int tries: how often it was tried
        :param datetime retry_at: when it is tried again
        """
        for notice in self:
            env, moment = notice._format_for_staff(retry_at)
            notice.note = env._("The gateway does not answer; next try at %s", moment)
        if tries >= PATIENCE:
            self._fall_back()

    @api.model
    def _get_failure_text(self, failure_type, failure_reason):
        labels = dict(
            self.env["mail.notification"]
            ._fields["failure_type"]
            ._description_selection(self.env)
        )
        label = labels.get(failure_type)
        return ": ".join(filter(None, [label, failure_reason])) or label

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    def _retry(self):
        result = super()._retry()
        failed = self.filtered(lambda notice: notice.sms_state in DOUBTFUL)
        failed.write({"state": "pending", "note": False, "sms_state": False})
        return result

    def _get_result(self):
        """``delivered`` when the operator has reported so, ``uncertain`` when nobody
        knows."""
        return {
            "error": "failed",
            "canceled": "skipped",
            "sent": "delivered",
            "uncertain": "uncertain",
        }.get(self.sms_state, super()._get_result())
