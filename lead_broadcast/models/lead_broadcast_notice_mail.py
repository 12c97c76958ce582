from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_time

# What becomes of a mail: as mail.mail tells it, and the server of the recipient.
MAIL_STATES = [
    ("outgoing", "Queued"),
    ("sent", "Handed over"),
    ("bounce", "Came back"),
    ("exception", "Not delivered"),
    ("cancel", "Cancelled"),
]
FAILED = ("bounce", "exception")
# how long a mail may wait that does not say itself when it is worthless
PATIENCE = timedelta(days=1)
# failed tries after which a person is told in another way, while these go on: enough
# for servers that put off strangers
MAX_TRIES_ALONE = 5


class LeadBroadcastNotice(models.Model):
    """What the mail servers make of notices by mail."""

    _inherit = "lead.broadcast.notice"

    mail_state = fields.Selection(
        MAIL_STATES,
        "Mail Status",
        readonly=True,
        copy=False,
        help="What the mail server made of it.",
    )
    message_id = fields.Char(
        "Message-ID",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="By which the mail is known when it comes back.",
    )

    # ------------------------------------------------------------
    # RESULTS
    # ------------------------------------------------------------

    def _track_mails(self):
        """Follow the mails that were queued for these notices, and have them sent."""
        for notice in self:
            notice.write(
                {"mail_state": "outgoing", "message_id": notice.mail_id.message_id}
            )
        self.mail_id.is_broadcast_notice = True
        self.mail_id._trigger_queue()

    def _update_mail_state(self, mail_state):
        self.write({"mail_state": mail_state, "note": False})

    def _wait_for_mail_server(self, tries, retry_at, reply):
        """Note that the mail server does not take these now.

        :param int tries: how often it was tried
        :param datetime retry_at: when it is tried again
        :param str reply: what the server said
        """
        for notice in self:
            env, moment = notice._format_for_staff(retry_at)
            notice.note = env._(
                "Next try at %(time)s: %(reply)s", time=moment, reply=reply
            )
        if tries >= MAX_TRIES_ALONE:
            self._fall_back()

    def _fail_mail(self, mail_state, failure_type, reply):
        """Note that these mails do not arrive, and tell their recipients in another
        way.

        :param str failure_type: of ``mail.notification``
        :param str reply: what a mail server said, if anything
        """
        for notice in self:
            env = notice._get_lead_for_staff().env
            reason = notice.with_env(env)._get_mail_failure_text(failure_type, reply)
            notice.write({"mail_state": mail_state, "note": reason})
        self._fall_back()

    @api.model
    def _get_mail_failure_text(self, failure_type, reply):
        """Say in words why a mail does not arrive, then in those of the server."""
        if not reply:
            return self._get_failure_text(failure_type, False)
        words = {
            "5.1.1": self.env._("Mailbox unknown"),
            "5.1.2": self.env._("Mail domain unknown"),
            "5.2.1": self.env._("Mailbox closed"),
            "5.2.2": self.env._("Mailbox full"),
            "550": self.env._("Mailbox not available"),
        }
        codes = [code for code in words if code in reply.split()]
        return f"{words[codes[0]]} ({reply})" if codes else reply

    @api.model
    def _note_bounce(self, message_ids, reply):
        """Note that mails came back.

        :param list message_ids: as the headers of these mails have them
        """
        bounced = self.search(
            [
                ("message_id", "in", message_ids),
                ("mail_state", "in", ("outgoing", "sent")),
            ]
        )
        bounced._fail_mail("bounce", "mail_bounce", reply)

    def _get_lead_for_staff(self):
        """Return the lead this is about, one of a digest's, in its team's language."""
        self.ensure_one()
        lead = (self.lead_id or self.line_ids.lead_id)[:1]
        return lead and lead._with_team_lang()

    def _format_for_staff(self, moment):
        """Return an environment in the language staff read, and a time of their day."""
        lead = self._get_lead_for_staff()
        tz = lead._get_team_tz() if lead else "UTC"
        return lead.env, format_time(lead.env, moment, tz=tz, time_format="short")

    # ------------------------------------------------------------
    # WHAT IS STILL WANTED
    # ------------------------------------------------------------

    def _get_mail_end(self):
        """Return from when on all of these mails are worthless."""
        return max(
            (
                notice._get_valid_until() or notice.create_date + PATIENCE
                for notice in self
            ),
            default=fields.Datetime.now(),
        )

    def _filter_mail_wanted(self):
        """Return the notices that may still leave the queue: what they say is true, and
        the next reminder was not written yet."""
        return self._filter_latest()._filter_true()

    def _filter_latest(self):
        """Return the notices without those reminders that a later one has replaced."""
        reminders = self.filtered(
            lambda notice: (
                notice.event == "digest" or notice.rule_id.schedule_id.kind == "times"
            )
        )
        if not reminders:
            return self
        names = (
            "event",
            "lead_id",
            "offer_id",
            "activity_key",
            "recipient_id",
            "channel",
            "company_id",
        )
        latest = {
            tuple(key): slot
            for *key, slot in self._read_group(
                [
                    ("event", "in", reminders.mapped("event")),
                    ("recipient_id", "in", reminders.recipient_id.ids),
                    ("id", ">=", min(reminders.ids)),
                ],
                names,
                ["slot:max"],
            )
        }
        return self - reminders.filtered(
            lambda notice: notice.slot < latest[tuple(notice[name] for name in names)]
        )

    # ------------------------------------------------------------
    # RETRY
    # ------------------------------------------------------------

    def _retry(self):
        """Write a mail that failed anew: the address may have been corrected."""
        failed = self.filtered(lambda notice: notice.mail_state in FAILED)
        failed.mail_id.filtered(lambda mail: mail.state == "exception").unlink()
        failed.write(
            {
                "state": "pending",
                "mail_id": False,
                "mail_state": False,
                "message_id": False,
                "note": False,
            }
        )
        waiting = self.filtered(lambda notice: notice.mail_state == "outgoing").mail_id
        waiting.scheduled_date = False
        self.env["mail.mail"]._trigger_queue()
        return super()._retry()

    def _get_result(self):
        results = {**dict.fromkeys(FAILED, "failed"), "cancel": "skipped"}
        return results.get(self.mail_state, super()._get_result())
