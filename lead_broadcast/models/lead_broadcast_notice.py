import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100

# Event -> model of its template and the template itself. Partners are told about
# their offer, staff about the lead.
TEMPLATES = {
    "offered": "lead_broadcast.mail_template_offered",
    "won": "lead_broadcast.mail_template_won",
    "taken": "lead_broadcast.mail_template_taken",
    "withdrawn": "lead_broadcast.mail_template_withdrawn",
    "allocated": "lead_broadcast.mail_template_allocated",
    "exhausted": "lead_broadcast.mail_template_exhausted",
}
# An event is still true while its offer is in this state ...
OFFER_STATES = {
    "offered": "open",
    "won": "accepted",
    "taken": "lost",
    "withdrawn": "withdrawn",
}
# ... or its lead in that one.
LEAD_STATES = {"allocated": "allocated", "exhausted": "exhausted"}


class LeadBroadcastNotice(models.Model):
    """The outbox: what is to be told, to whom, by which channel, and whether it was.

    A state change writes notices in its own transaction; a cron delivers them in
    another one. So nothing is sent for a change that was rolled back, nothing is
    lost when a mail server is down, and nothing is sent that is no longer true.

    A further channel adds itself to ``channel`` and a method ``_deliver_<channel>``;
    a further event adds itself to ``event`` and to the tables above.
    """

    _name = "lead.broadcast.notice"
    _description = "Notice"
    _order = "id desc"
    _rec_name = "event"

    event = fields.Selection(
        [
            ("offered", "Lead offered"),
            ("won", "Lead won"),
            ("taken", "Taken by another partner"),
            ("withdrawn", "Offer withdrawn"),
            ("allocated", "Lead allocated"),
            ("exhausted", "Nobody took it"),
        ],
        required=True,
        readonly=True,
    )
    lead_id = fields.Many2one(
        "crm.lead", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="lead_id.company_id")
    offer_id = fields.Many2one(
        "lead.broadcast.offer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    recipient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(
        [("mail", "Email"), ("inbox", "In-app")], required=True, readonly=True
    )
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
    mail_id = fields.Many2one(
        "mail.mail", "Email", readonly=True, index="btree_not_null", ondelete="set null"
    )

    mail_state = fields.Selection(
        related="mail_id.state", help="What the mail server made of it."
    )

    _once_uniq = models.UniqueIndex(
        "(event, lead_id, COALESCE(offer_id, 0), recipient_id, channel, slot)",
        "The same notice cannot be sent twice.",
    )
    _pending_idx = models.Index("(id) WHERE state = 'pending'")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry(self):
        """Send notices that failed once more."""
        self.lead_id.check_access("write")
        notices = self.sudo()  # sudo: nobody may write notices or mails directly
        notices.filtered(lambda notice: notice.state == "failed").write(
            {"state": "pending", "note": False}
        )
        notices.mail_id.filtered(lambda mail: mail.state == "exception").mark_outgoing()
        self._trigger_delivery()
        self._trigger_mails()

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _notify_partners(self, offers, event):
        """Write notices that tell the partners of these offers about an event, by
        every channel that reaches them."""
        vals_list = []
        inbox_partners = offers.partner_id._filter_with_portal()
        for offer in offers:
            channels = ["mail"] if offer.partner_email else []
            if offer.partner_id in inbox_partners:
                channels.append("inbox")
            vals_list += [
                {
                    "event": event,
                    "lead_id": offer.lead_id.id,
                    "offer_id": offer.id,
                    "recipient_id": offer.partner_id.id,
                    "channel": channel,
                }
                for channel in channels
            ]
        return self._write_notices(vals_list)

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

    # ------------------------------------------------------------
    # DELIVERY
    # ------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Deliver what is waiting, batch by batch.

        A batch that fails is delivered one by one; the notice that fails is marked
        and does not stop the others.
        """
        domain = [("state", "=", "pending")]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        while batch := self.search(domain, limit=BATCH_SIZE, order="id"):
            batch = batch.try_lock_for_update()
            if not batch:
                break  # another worker has them
            try:
                batch._deliver()
            except Exception:
                self.env.cr.rollback()
                batch._deliver_one_by_one()
            if not cron._commit_progress(len(batch)):
                break

    def _deliver_one_by_one(self):
        """Deliver each notice in a transaction of its own, and mark what fails."""
        for notice in self:
            try:
                notice._deliver()
                self.env["ir.cron"]._commit_progress()
            except Exception as error:
                _logger.warning("Notice %s failed", notice.id, exc_info=True)
                self.env.cr.rollback()
                notice._finish("failed", str(error))
                self.env["ir.cron"]._commit_progress()

    def _deliver(self):
        """Hand these notices to their channels, those that are still true."""
        stale = self.filtered(lambda notice: not notice._is_still_true())
        stale._finish("skipped", self.env._("No longer true when it was to be sent"))
        for (event, channel), notices in (
            (self - stale)
            .grouped(lambda notice: (notice.event, notice.channel))
            .items()
        ):
            template = self.env.ref(TEMPLATES[event], raise_if_not_found=False)
            if not template:
                notices._finish("skipped", self.env._("The template was deleted"))
                continue
            getattr(notices, f"_deliver_{channel}")(template)

    def _is_still_true(self):
        """Tell whether what this notice says holds at the moment of sending."""
        self.ensure_one()
        if self.event in LEAD_STATES:
            return self.lead_id.broadcast_state == LEAD_STATES[self.event]
        if self.offer_id.state != OFFER_STATES[self.event]:
            return False
        return self.event != "offered" or (
            self.offer_id.valid_until > fields.Datetime.now()
            and not self.lead_id.allocated_offer_id
        )

    def _deliver_mail(self, template):
        """Queue one mail for each notice, rendered in its recipient's language."""
        mails = template.send_mail_batch(self.offer_id.ids)
        mail_by_offer = {mail.res_id: mail for mail in mails}
        for notice in self:
            notice.mail_id = mail_by_offer[notice.offer_id.id]
        self._finish("sent")
        self._trigger_mails()

    def _deliver_inbox(self, template):
        """Notify staff in Odoo. Portal users find their offers on their own page,
        which has them since the moment they were made."""
        for notice in self.filtered(lambda notice: notice.event in LEAD_STATES):
            lead = notice.lead_id
            rendered = {
                field: template._render_field(field, lead.ids, compute_lang=True)
                for field in ("subject", "body_html")
            }
            lead.message_notify(
                partner_ids=notice.recipient_id.ids,
                subject=rendered["subject"][lead.id],
                body=rendered["body_html"][lead.id],
            )
        self._finish("sent")

    def _finish(self, state, note=False):
        values = {"state": state, "note": note}
        if state == "sent":
            values["sent_date"] = fields.Datetime.now()
        self.write(values)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_result(self):
        """Return the state, with what became of the mail after it was handed over."""
        self.ensure_one()
        return "failed" if self.mail_state == "exception" else self.state
