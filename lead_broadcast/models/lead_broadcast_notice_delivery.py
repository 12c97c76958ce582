import logging

from odoo import api, fields, models
from odoo.tools import formataddr

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100


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
        while batch := self._claim_batch(domain):
            try:
                batch._deliver()
            except Exception:
                self.env.cr.rollback()
                batch._deliver_one_by_one()
            if not cron._commit_progress(len(batch)):
                break

    @api.model
    def _claim_batch(self, domain):
        """Return some notices that are waiting and that nobody else delivers."""
        batch = self.search(domain, order="id").try_lock_for_update(limit=BATCH_SIZE)
        # what somebody has delivered since this transaction looked is left alone
        return batch.filtered_domain(domain)

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
        true = self._filter_true(drop_lines=True)
        (self - true)._finish(
            "skipped", self.env._("No longer true when it was to be sent")
        )
        for (template, channel), notices in true.grouped(
            lambda notice: (notice._get_template(), notice.channel)
        ).items():
            if not template:
                notices._finish("skipped", self.env._("The rule has no text"))
                continue
            records = notices._get_template_records(template)
            unfit = notices.filtered(
                lambda notice, records=records: not records[notice]
            )
            unfit._finish(
                "skipped", self.env._("The text is about an offer, and there is none")
            )
            if fit := notices - unfit:
                getattr(fit, f"_deliver_{channel}")(template)

    def _get_template(self):
        """Return the text of this notice as it is now: a template of its rule, or one
        of its channel where the rule's could not be delivered."""
        self.ensure_one()
        model = "sms.template" if self.channel == "sms" else "mail.template"
        template = self.rule_id.template_ref
        if template and template._name == model:
            return template
        rules = self.env["lead.broadcast.notification.rule"]
        return rules._get_fallback_template(self.event, self.channel)

    def _get_template_records(self, template):
        """Return ``{notice: record}`` that a template is rendered for: it may be about
        the offer, the lead, or the notice itself."""
        field = {"lead.broadcast.offer": "offer_id", "crm.lead": "lead_id"}.get(
            template.sudo().model_id.model
        )
        return {notice: notice[field] if field else notice for notice in self}

    def _deliver_mail(self, template):
        """Queue one mail for each notice, rendered in the recipient's language.

        Texts about offers and leads know the address of the partner or salesperson:
        whoever else is told gets it in place of that.
        """
        records = self._get_template_records(template)
        for address, notices in self.grouped(
            lambda notice: notice._get_other_address(records[notice])
        ).items():
            mails = template.send_mail_batch(
                list({records[notice].id for notice in notices}),
                email_values={"email_to": address} if address else None,
            )
            mail_by_record = {mail.res_id: mail for mail in mails}
            for notice in notices:
                notice.mail_id = mail_by_record[records[notice].id]
        self._finish("sent")
        self._track_mails()

    def _get_other_address(self, record):
        """Return where a mail goes unless the template says so itself, or False."""
        self.ensure_one()
        is_own = record == self or self.recipient_id == self.offer_id.partner_id
        return not is_own and self._get_email()

    def _get_email(self):
        """Return the address of this notice's recipient, with the name."""
        self.ensure_one()
        person = self.recipient_id
        return formataddr((person.name or "", person._get_broadcast_email() or ""))

    def _deliver_inbox(self, template):
        """Notify people in Odoo. Partners find their notices on the portal."""
        internal = self.filtered(
            lambda notice: any(
                user._is_internal() for user in notice.recipient_id.user_ids
            )
        )
        records = internal._get_template_records(template)
        for notice in internal:
            record = records[notice]
            rendered = {
                field: template._render_field(
                    field, record.ids, set_lang=notice._get_lang()
                )[record.id]
                for field in ("subject", "body_html")
            }
            lead = notice.lead_id
            thread = lead or self.env["mail.thread"]
            thread.message_notify(
                partner_ids=notice.recipient_id.ids,
                subject=rendered["subject"],
                body=rendered["body_html"],
            )
        self._finish("sent")
        (self - internal)._push_to_portal()

    def _get_lang(self):
        """Return the language this notice's recipient reads."""
        self.ensure_one()
        person = self.recipient_id
        return (
            person.lang
            or person.commercial_partner_id.lang
            or self.company_id.partner_id.lang
            or self.env.lang
        )

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
        self._trigger_delivery()

    def _get_result(self):
        """Return the state, with what became of the message after it was handed
        over."""
        self.ensure_one()
        return self.state
