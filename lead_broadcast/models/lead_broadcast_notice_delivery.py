import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import formataddr

from .lead_broadcast_notification_event import OFFER

_logger = logging.getLogger(__name__)

BATCH_SIZE = 20
FAR_AHEAD = 500  # more than other workers can have locked
IS_WAITING = Domain("state", "=", "pending")


class LeadBroadcastNotice(models.Model):
    """How notices leave the outbox: by a cron, in transactions of their own."""

    _inherit = "lead.broadcast.notice"

    @api.model
    def _cron_send(self):
        """Deliver what is waiting, batch by batch.

        A batch that fails is delivered one by one; the notice that fails is marked
        and does not stop the others.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(IS_WAITING))
        while batch := self._claim_batch(IS_WAITING):
            try:
                batch._deliver()
                self.env.flush_all()  # what the database refuses shows here
            except Exception:
                self.env.cr.rollback()
                batch._deliver_one_by_one()
            if not cron._commit_progress(len(batch)):
                break

    @api.model
    def _claim_batch(self, domain):
        """Return some notices that are waiting and that nobody else delivers.

        What somebody has delivered since this transaction began cannot be locked by
        it: another one begins.
        """
        for _try in range(MAX_TRIES_ON_CONCURRENCY_FAILURE):
            try:
                batch = self.search(domain, order="id", limit=FAR_AHEAD)
                batch = batch.try_lock_for_update(limit=BATCH_SIZE)
                return batch.filtered_domain(domain)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
        return self.browse()

    def _deliver_one_by_one(self):
        """Deliver each notice in a transaction of its own, and mark what fails.

        Another worker may deliver it meanwhile, as the lock was given up.
        """
        for notice in self:
            is_waiting = IS_WAITING & Domain("id", "=", notice.id)
            try:
                self._claim_batch(is_waiting)._deliver()
                self.env["ir.cron"]._commit_progress()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()  # no fault of the notice: it waits
            except Exception as error:
                _logger.warning("Notice %s failed", notice.id, exc_info=True)
                self.env.cr.rollback()
                self._claim_batch(is_waiting)._finish("failed", str(error))
                self.env["ir.cron"]._commit_progress()

    def _deliver(self):
        """Hand these notices to their channels, those that are in time and still
        true."""
        wanted = self._skip_unless(
            self._filter_latest(), self.env._("A later reminder has replaced it")
        )
        wanted = wanted._skip_unless(
            wanted._filter_in_time(),
            self.env._("It could not be sent in time, as the schedule has it"),
        )
        wanted = wanted._skip_unless(
            wanted._filter_true(drop_lines=True),
            self.env._("No longer true when it was to be sent"),
        )
        templates = wanted._get_templates()
        wanted = wanted._skip_unless(
            wanted.filtered(lambda notice: templates[notice]),
            self.env._("The rule has no text"),
        )
        wanted = wanted._skip_unless(
            wanted.filtered(lambda notice: notice._may_read(templates[notice])),
            self.env._("The text is about something that this message is not about"),
        )
        for (template, channel), notices in wanted.grouped(
            lambda notice: (templates[notice], notice.channel)
        ).items():
            records = notices._get_template_records(template)
            fit = notices._skip_unless(
                notices.filtered(lambda notice, records=records: records[notice]),
                self.env._("The text is about an offer, and there is none"),
            )
            if fit:
                getattr(fit, f"_deliver_{channel}")(template)

    def _skip_unless(self, wanted, reason):
        """Return those of these notices that are wanted; the others are not sent."""
        (self - wanted)._finish("skipped", reason)
        return wanted

    def _filter_in_time(self):
        """Return the notices without those reminders that are later than their schedule
        allows. What failed at its time may be sent anew, or in another way, later."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda notice: (
                notice.rule_id.schedule_id.kind != "times"
                or notice.sent_date
                or notice.fallback_of_id
                or notice.due_date
                >= now - timedelta(hours=notice.rule_id.schedule_id.grace_hours)
            )
        )

    # ------------------------------------------------------------
    # CHANNELS
    # ------------------------------------------------------------

    def _deliver_mail(self, template):
        """Queue one mail for each notice, rendered in the recipient's language.

        It goes to the notice's recipient only, whoever else the template names.
        """
        records = self._get_template_records(template)
        for notices in self._split_by_record(records):
            mails = template.send_mail_batch(
                [records[notice].id for notice in notices],
                email_values={
                    "recipient_ids": [],
                    "partner_ids": [],  # they could read it
                    "email_cc": False,
                },
            )
            for notice, mail in zip(notices, mails, strict=True):
                mail.email_to = notice._get_mail_address(records[notice], mail.email_to)
                notice.mail_id = mail
        self._finish("sent")
        self._track_mails()

    def _split_by_record(self, records):
        """Return these notices in as few batches as have each record only once, which
        is how mails are made of a template."""
        batches = []
        for same in self.grouped(lambda notice: records[notice]).values():
            for number, notice in enumerate(same):
                if number == len(batches):
                    batches.append(self.browse())
                batches[number] += notice
        return batches

    def _get_mail_address(self, record, own_address):
        """Return where this mail goes. Only a text about an offer may say itself where
        it reaches the offer's partner.

        :param record: that the text is about
        :param own_address: what the template says
        """
        self.ensure_one()
        is_own = record._name == OFFER and self.recipient_id == self.offer_id.partner_id
        return (is_own and own_address) or self._get_email()

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
        """Send what failed once more, by the channel it failed on, however late."""
        self.filtered(lambda notice: notice.state == "failed").write(
            {"state": "pending", "note": False, "due_date": fields.Datetime.now()}
        )
        self._trigger_delivery()

    def _get_result(self):
        """Return the state, with what became of the message after it was handed
        over."""
        self.ensure_one()
        return self.state
