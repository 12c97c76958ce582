from odoo import api, fields, models
from odoo.tools import format_time

from .lead_broadcast_notice_delivery import SMS_TEMPLATES

# What becomes of a message, as sms.sms tells it.
SMS_STATES = [
    ("outgoing", "Queued"),
    ("process", "Being sent"),
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
    "pending": 2,
    "canceled": 3,
    "error": 3,
    "sent": 4,
}
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
    fallback_of_id = fields.Many2one(
        "lead.broadcast.notice",
        "In Place of",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The notice that could not be delivered.",
    )
    fallback_ids = fields.One2many("lead.broadcast.notice", "fallback_of_id")

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _get_sms_people(self, offers, event):
        """SMS goes to every person of the partner that gets alerts, but not to who
        has just answered by SMS and is replied to.

        :return: ``{offer: res.partner records}``
        """
        if event not in SMS_TEMPLATES:
            return {}
        offers = offers.filtered("sms_number")
        contacts = offers.partner_id._get_alert_contacts()
        people = {offer: contacts[offer.partner_id] for offer in offers}
        if event == "won":
            for offer in offers.filtered(lambda offer: offer.answer_channel == "sms"):
                people[offer] -= offer.answered_by_id
        return people

    # ------------------------------------------------------------
    # DELIVERY
    # ------------------------------------------------------------

    def _deliver_sms(self, template):
        """Queue one SMS for each notice, rendered in its recipient's language, unless
        that person gets no alerts any more."""
        unwanted = self - self._filter_subscribed()
        unwanted._finish("skipped", self.env._("Gets no SMS any more"))
        messages = []
        for lang, notices in (
            (self - unwanted)
            .grouped(lambda notice: notice.recipient_id.lang or self.env.lang)
            .items()
        ):
            bodies = notices.offer_id._render_sms(template, lang)
            messages += [
                {
                    "body": bodies[notice.offer_id.id],
                    "number": notice.recipient_id.broadcast_alert_number,
                    "partner_id": notice.recipient_id.id,
                    "broadcast_company_id": notice.lead_id._get_sms_company().id,
                    "broadcast_valid_until": notice._get_sms_valid_until(),
                    "broadcast_notice_id": notice.id,
                }
                for notice in notices
            ]
            for notice in notices:
                notice.write(
                    {
                        "sms_number": notice.recipient_id.broadcast_alert_number,
                        "sms_state": "outgoing",
                    }
                )
        self.env["sms.sms"]._queue_broadcast_sms(messages)
        (self - unwanted)._finish("sent")

    def _filter_subscribed(self):
        """Return the notices whose recipients get alerts at this moment."""
        contacts = self.offer_id.partner_id._get_alert_contacts()
        return self.filtered(
            lambda notice: notice.recipient_id in contacts[notice.offer_id.partner_id]
        )

    def _filter_wanted(self):
        """Return the notices that may still leave the queue: true, and for people who
        still get alerts on that number."""
        return self._filter_subscribed().filtered(
            lambda notice: (
                notice._is_still_true()
                and notice.sms_number == notice.recipient_id.broadcast_alert_number
            )
        )

    def _get_sms_valid_until(self):
        """An offer is worthless after its end, and the operator is told so."""
        self.ensure_one()
        return self.event == "offered" and self.offer_id.valid_until

    # ------------------------------------------------------------
    # REPORTS
    # ------------------------------------------------------------

    def _update_sms_state(self, sms_state, failure_type=False, failure_reason=False):
        """Note what became of the messages, and tell the recipients of those that
        failed in another way.

        :param str sms_state: state of ``sms.sms``
        :param str failure_type: of ``mail.notification``
        """
        is_retry = sms_state == "outgoing"
        news = self.filtered(
            lambda notice: (
                PROGRESS[sms_state] > PROGRESS[notice.sms_state or "outgoing"]
                or (is_retry and notice.sms_state in ("error", "canceled"))
            )
        )
        if not news:
            return
        note = False
        if sms_state == "canceled":
            note = self.env._("No longer true when it was to be sent")
        elif sms_state == "error":
            note = self._get_failure_text(failure_type, failure_reason)
        news.write({"sms_state": sms_state, "note": note})
        if sms_state == "error":
            news._fall_back()

    def _wait_for_gateway(self, tries, retry_at):
        """Note that the gateway does not answer.

        :param int tries: how often it was tried
        :param datetime retry_at: when it is tried again
        """
        for notice in self:
            lead = notice.lead_id._with_team_lang()
            notice.note = lead.env._(
                "The gateway does not answer; next try at %s",
                format_time(
                    lead.env, retry_at, tz=lead._get_team_tz(), time_format="short"
                ),
            )
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

    def _fall_back(self):
        """Tell the people whom no SMS reaches by the next channel, while what it says
        is true: by mail to their own address, else in the portal, once."""
        vals_list = []
        for notice in self.filtered(
            lambda notice: not notice.fallback_ids and notice._is_still_true()
        ):
            person = notice.recipient_id
            if person.email and person.email != notice.offer_id.partner_email:
                channel = "mail"
            elif person.user_ids:
                channel = "inbox"
            else:
                continue
            vals_list.append(
                {
                    "event": notice.event,
                    "lead_id": notice.lead_id.id,
                    "offer_id": notice.offer_id.id,
                    "recipient_id": person.id,
                    "channel": channel,
                    "slot": "fallback",
                    "fallback_of_id": notice.id,
                }
            )
        self._write_notices(vals_list)

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    def _retry(self):
        result = super()._retry()
        failed = self.filtered(lambda notice: notice.sms_state == "error")
        failed.write({"state": "pending", "note": False, "sms_state": False})
        return result

    def _get_result(self):
        """``delivered`` when the operator has reported so."""
        return {"error": "failed", "canceled": "skipped", "sent": "delivered"}.get(
            self.sms_state, super()._get_result()
        )
