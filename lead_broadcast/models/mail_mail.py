import smtplib
import sys
from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..tools import find_smtp_error, get_reply, is_temporary

# minutes until a mail is tried again after its first, second ... failure
BACK_OFF = (1, 2, 5, 15, 30, 60)
# failure types with which core hands over an error of the connection
CONNECTION_FAILURES = ("mail_smtp", "unknown")


class MailMail(models.Model):
    """Our mails in core's queue: looked at once more before they leave, sent once
    however many workers there are, and tried again while the mail server is down.

    What waits for its next try is ``outgoing``, with core's own date: until then the
    queue passes it over, and a server that is killed forgets nothing. It remains the
    same mail with the same Message-ID.
    """

    _inherit = "mail.mail"

    broadcast_notice_ids = fields.One2many(
        "lead.broadcast.notice", "mail_id", "Notices", readonly=True
    )
    is_broadcast_notice = fields.Boolean(
        readonly=True,
        copy=False,
        help="It is worthless without its notices, which go with what they are about.",
    )
    broadcast_try_count = fields.Integer("Failed Tries", readonly=True, copy=False)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def mark_outgoing(self):
        result = super().mark_outgoing()
        ours = self._filter_ours()
        ours.scheduled_date = False
        ours.broadcast_notice_ids._update_mail_state("outgoing")
        return result

    def cancel(self):
        result = super().cancel()
        self._filter_ours().broadcast_notice_ids._update_mail_state("cancel")
        return result

    def unlink(self):
        """What is deleted from the queue will not be sent."""
        waiting = self.filtered(lambda mail: mail.state == "outgoing")
        waiting._filter_ours().broadcast_notice_ids._update_mail_state("cancel")
        return super().unlink()

    def _filter_ours(self):
        # sudo: who handles the queue may be neither allowed to read nor write notices
        return self.sudo().filtered("is_broadcast_notice")

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        """Send our mails one by one, after those of others.

        Between two mails core commits; so what is looked at is what is true now.
        """
        options = {
            "auto_commit": auto_commit,
            "raise_exception": raise_exception,
            "smtp_session": smtp_session,
            "alias_domain_id": alias_domain_id,
            "mail_server": mail_server,
            "post_send_callback": post_send_callback,
        }
        ours = self._filter_ours()
        if others := self - ours:
            super(MailMail, others)._send(**options)
        for mail in ours:
            if auto_commit:
                self.env["ir.cron"]._commit_progress()
            try:
                is_ready = mail._prepare_sending()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not auto_commit:
                    raise
                self.env.cr.rollback()  # another worker has just sent it
                continue
            if not is_ready:
                continue
            try:
                super(MailMail, mail)._send(**options)
            except smtplib.SMTPServerDisconnected as error:
                # core would leave this mail marked as failed, and give up the queue
                if raise_exception:
                    raise
                mail._handle_failure(error)
                self._trigger_queue()
                break
        if post_send_callback:
            post_send_callback(self.ids)
        return True

    def _prepare_sending(self):
        """Lock a mail, and what is written about it afterwards: a bounce that arrives
        at once must not undo that the mail was sent.

        :return: whether it is to be sent now
        """
        self.ensure_one()
        if not self.try_lock_for_update():
            return False  # another worker is sending it
        notices = self.broadcast_notice_ids
        if notices.try_lock_for_update(allow_referencing=True) != notices:
            self._trigger_queue({fields.Datetime.now() + timedelta(minutes=1)})
            return False
        if self.state == "outgoing" and not notices._filter_mail_wanted():
            self.cancel()
            notices.note = self.env._("No longer true when it was to be sent")
        return self.state == "outgoing"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Note what became of our mails, and plan when those are tried again that the
        server did not take. Core calls this while it handles the error."""
        ours = self._filter_ours()
        sent = ours.filtered(lambda mail: mail.state == "sent")
        sent.broadcast_notice_ids._update_mail_state("sent")
        # where there is no connection, core gives up what others have sent meanwhile
        done = ours.filtered(
            lambda mail: "sent" in mail.broadcast_notice_ids.mapped("mail_state")
        )
        (done - sent).state = "sent"
        is_connection = failure_type in CONNECTION_FAILURES
        error = sys.exc_info()[1] if is_connection else None
        (ours - done)._handle_failure(error, failure_type)
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )

    @api.model
    def _trigger_queue(self, moments=None):
        """Have the queue looked at now, or at these moments.

        Core does so every hour, far too late for an offer.
        """
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        cron.sudo()._trigger(moments)  # sudo: the queue runs for whoever waits for it

    # ------------------------------------------------------------
    # RETRY
    # ------------------------------------------------------------

    def _handle_failure(self, error, failure_type=False):
        """Let these mails wait that may still arrive in time, and give up the others.

        :param error: what core is handling, if anything
        :param failure_type: of ``mail.mail``
        """
        error = find_smtp_error(error)
        # no mail is at fault where there is no connection
        may_wait = failure_type == "mail_smtp" or is_temporary(error)
        now = fields.Datetime.now()
        moments = set()
        for tries, mails in self.grouped("broadcast_try_count").items():
            minutes = BACK_OFF[min(tries, len(BACK_OFF) - 1)]
            retry_at = now + timedelta(minutes=minutes)
            waiting = mails.filtered(
                lambda mail, retry_at=retry_at: (
                    may_wait and retry_at < mail.broadcast_notice_ids._get_mail_end()
                )
            )
            mails.broadcast_try_count = tries + 1
            (mails - waiting).broadcast_notice_ids._fail_mail(
                "exception", failure_type or "unknown", get_reply(error)
            )
            if waiting:
                waiting.write({"state": "outgoing", "scheduled_date": retry_at})
                waiting.broadcast_notice_ids._wait_for_mail_server(
                    tries + 1, retry_at, get_reply(error)
                )
                moments.add(retry_at)
        if moments:
            self._trigger_queue(moments)
