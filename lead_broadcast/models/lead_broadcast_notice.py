from odoo import api, fields, models

from .lead_broadcast_notification_event import CHANNEL_SELECTION, EVENT_SELECTION


class LeadBroadcastNotice(models.Model):
    """The outbox: what is to be told, to whom, by which channel, and whether it was.

    A state change writes notices in its own transaction; a cron delivers them in
    another one. So nothing is sent for a change that was rolled back, nothing is
    lost when a mail server is down, and nothing is sent that is no longer true.

    A further channel adds itself to ``channel``, a method ``_deliver_<channel>`` and
    whom it reaches to ``_get_recipients``; a further event adds itself to ``event``
    and to the tables of ``lead_broadcast_notice_delivery``.
    """

    _name = "lead.broadcast.notice"
    _description = "Notice"
    _order = "id desc"
    _rec_name = "event"

    event = fields.Selection(
        EVENT_SELECTION + [("digest", "Digest")], required=True, readonly=True
    )
    rule_id = fields.Many2one(
        "lead.broadcast.notification.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Why it was written. A digest follows the most urgent of its rules.",
    )
    lead_id = fields.Many2one(
        "crm.lead",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Empty for a digest, which is about the leads of its lines.",
    )
    line_ids = fields.One2many(
        "lead.broadcast.notice.line", "notice_id", "About", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    offer_id = fields.Many2one(
        "lead.broadcast.offer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )
    recipient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNEL_SELECTION, required=True, readonly=True)
    slot = fields.Char(
        required=True,
        readonly=True,
        default="once",
        help="What tells repeated notices of the same event apart.",
    )
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sent", "Sent"),
            ("skipped", "Not sent"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    note = fields.Char("Why Not", readonly=True)
    sent_date = fields.Datetime("Sent on", readonly=True)
    read_date = fields.Datetime("Read on", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", "Email", readonly=True, index="btree_not_null", ondelete="set null"
    )

    mail_state = fields.Selection(
        related="mail_id.state", help="What the mail server made of it."
    )

    _once_uniq = models.UniqueIndex(
        "(event, COALESCE(lead_id, 0), COALESCE(offer_id, 0), recipient_id, channel,"
        " COALESCE(company_id, 0), slot)",
        "The same notice cannot be sent twice.",
    )
    _pending_idx = models.Index("(id) WHERE state = 'pending'")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry(self):
        """Send notices that failed once more."""
        self.lead_id.check_access("write")
        self.sudo()._retry()  # sudo: nobody may write notices or mails directly

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _notify_partners(self, offers, event):
        """Write notices that tell the partners of these offers about an event, by
        every channel that reaches them."""
        return self._write_notices(
            [
                {
                    "event": event,
                    "lead_id": offer.lead_id.id,
                    "offer_id": offer.id,
                    "recipient_id": recipient.id,
                    "channel": channel,
                }
                for offer, recipients in self._get_recipients(offers, event).items()
                for channel, people in recipients.items()
                for recipient in people
            ]
        )

    @api.model
    def _get_recipients(self, offers, event):
        """Return whom the partners of these offers are told by.

        :return: ``{offer: {channel: res.partner records}}``
        """
        nobody = self.env["res.partner"]
        inbox_partners = offers.partner_id._filter_with_portal()
        sms_people = self._get_sms_people(offers, event)
        return {
            offer: {
                "mail": offer.partner_id if offer.partner_email else nobody,
                "inbox": offer.partner_id & inbox_partners,
                "sms": sms_people.get(offer, nobody),
            }
            for offer in offers
        }

    @api.model
    def _notify_allocated(self, offer):
        """Tell the lead's salesperson who has it now."""
        recipient = self._get_team_recipient(offer.broadcast_id)
        return self._write_notices(
            [
                {
                    "event": "allocated",
                    "lead_id": offer.lead_id.id,
                    "offer_id": offer.id,
                    "recipient_id": recipient.id,
                    "channel": "inbox",
                }
            ]
            if recipient
            else []
        )

    @api.model
    def _notify_exhausted(self, broadcasts):
        """Tell the salespersons that nobody took their leads."""
        return self._write_notices(
            [
                {
                    "event": "exhausted",
                    "lead_id": broadcast.lead_id.id,
                    "recipient_id": self._get_team_recipient(broadcast).id,
                    "channel": "inbox",
                    "slot": f"round-{broadcast.id}",
                }
                for broadcast in broadcasts
                if self._get_team_recipient(broadcast)
            ]
        )

    @api.model
    def _get_team_recipient(self, broadcast):
        """Return whom to tell about a lead: its salesperson, else who started the
        round."""
        return (broadcast.lead_id.user_id or broadcast.user_id).partner_id

    @api.model
    def _write_notices(self, vals_list):
        notices = self.sudo().create(vals_list)  # sudo: nobody writes the outbox
        if notices:
            notices._trigger_delivery()
        return notices

    @api.model
    def _trigger_delivery(self):
        cron = self.env.ref("lead_broadcast.ir_cron_send_notices")
        cron.sudo()._trigger()  # sudo: whoever causes a notice starts its delivery

    @api.model
    def _trigger_mails(self):
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        cron.sudo()._trigger()  # sudo: as above
