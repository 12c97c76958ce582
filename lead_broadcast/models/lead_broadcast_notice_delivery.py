import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100

# What an event is told by. Partners are told about their offer, staff about the lead.
TEMPLATES = {
    "offered": "lead_broadcast.mail_template_offered",
    "won": "lead_broadcast.mail_template_won",
    "taken": "lead_broadcast.mail_template_taken",
    "withdrawn": "lead_broadcast.mail_template_withdrawn",
    "allocated": "lead_broadcast.mail_template_allocated",
    "exhausted": "lead_broadcast.mail_template_exhausted",
}
SMS_TEMPLATES = {
    "offered": "lead_broadcast.sms_template_offered",
    "won": "lead_broadcast.sms_template_won",
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
    """How notices leave the outbox: by a cron, in transactions of their own."""

    _inherit = "lead.broadcast.notice"

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
                # another worker may have delivered it since the lock was given up
                if notice.try_lock_for_update() and notice.state == "pending":
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
            templates = SMS_TEMPLATES if channel == "sms" else TEMPLATES
            template = self.env.ref(templates[event], raise_if_not_found=False)
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
        """Queue one mail for each notice, rendered in the partner's language.

        A notice goes to the partner's own address, or, in place of an SMS that did
        not arrive, to that of the person.
        """
        for address, notices in self.grouped(
            lambda notice: (
                notice.recipient_id != notice.offer_id.partner_id
                and notice.recipient_id.email_formatted
            )
        ).items():
            mails = template.send_mail_batch(
                notices.offer_id.ids,
                email_values={"email_to": address} if address else None,
            )
            mail_by_offer = {mail.res_id: mail for mail in mails}
            for notice in notices:
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
    # RESULT
    # ------------------------------------------------------------

    def _retry(self):
        """Send what failed once more, by the channel it failed on."""
        self.filtered(lambda notice: notice.state == "failed").write(
            {"state": "pending", "note": False}
        )
        self.mail_id.filtered(lambda mail: mail.state == "exception").mark_outgoing()
        self._trigger_delivery()
        self._trigger_mails()

    def _get_result(self):
        """Return the state, with what became of the message after it was handed
        over: ``failed`` as well when that was refused."""
        self.ensure_one()
        return "failed" if self.mail_state == "exception" else self.state
