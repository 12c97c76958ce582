from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.lead_broadcast_notification_event import ACTIVITY, OFFER
from ..models.lead_broadcast_notification_plan import Message
from ..models.lead_broadcast_schedule import SLOT_FORMAT, Slot
from ..tools import measure_sms

MAIL_FIELDS = ("subject", "body_html", "email_from", "email_to", "reply_to")


class LeadBroadcastTemplatePreview(models.TransientModel):
    """How a preview is rendered: from a notice that is only thought of."""

    _inherit = "lead.broadcast.template.preview"

    def _render_safely(self):
        """Return the values of the message, or the error of the template in words."""
        if not self.template_ref:
            return {}
        if not self._get_readable_lead():
            return {"error": self.env._("Choose a service lead to see the text.")}
        try:
            with self.env.cr.savepoint(flush=False):
                return self._render()
        except Exception as error:
            return {"error": self._get_error_text(error)}

    def _get_error_text(self, error):
        """Say what is wrong without the traceback that the rendering engine adds."""
        while error.__cause__:
            error = error.__cause__
        if " while evaluating\n" in str(error):  # by safe_eval
            error = error.__context__ or error
        if isinstance(error, UserError):
            return str(error)
        return self.env._(
            "The template cannot be filled in with this lead: %(kind)s: %(reason)s",
            kind=type(error).__name__,
            reason=str(error).split("\n", 1)[0],
        )

    def _render(self):
        # as the scheduled action that delivers; who may edit texts may see all they say
        env = self.env(user=SUPERUSER_ID, context={})
        reader = self.recipient_id or self.env.user.partner_id
        notice = self.with_env(env)._simulate_notice(reader.with_env(env))
        template = env[self.template_ref._name].browse(self.template_ref.id)
        record = notice._get_template_records(template)[notice]
        if not record:
            raise UserError(
                self.env._("This lead was not offered to anybody yet. Choose another.")
            )
        if self.is_sms:
            return self._render_sms(template, notice, record)
        if notice.channel == "inbox":
            return self._render_inbox(template, notice, record)
        return self._render_mail(template, notice, record)

    def _render_sms(self, template, notice, record):
        lang = self.lang or notice._get_lang()
        if record._name == OFFER:  # they are made to fit
            text = record._render_sms(template, lang)[record.id]
        else:
            text = self._render_field(template, "body", record, lang)
        size = measure_sms(text)
        return {
            "sms_text": text,
            "sms_size": self.env._(
                "%(characters)s characters, segments: %(segments)s (%(encoding)s)",
                characters=len(text),
                segments=size.segments,
                encoding=size.encoding,
            ),
        }

    def _render_inbox(self, template, notice, record):
        lang = self.lang or notice._get_lang()
        return {
            name: self._render_field(template, name, record, lang)
            for name in ("subject", "body_html")
        }

    def _render_mail(self, template, notice, record):
        """Render what ``send_mail_batch`` would send, with its layout."""
        [record_id] = record._ids  # of a notice that is not in the database
        template = template.with_context(template_preview_lang=self.lang)
        [(lang, (template, _ids))] = template._classify_per_lang([record_id]).items()
        values = {
            name: self._render_field(template, name, record, lang)
            for name in MAIL_FIELDS
        }
        if not notice.recipient_id._get_broadcast_email():
            values["email_to"] = False
        else:
            values["email_to"] = notice._get_mail_address(record, values["email_to"])
        if template.email_layout_xmlid:
            model = template.env["ir.model"]._get(record._name)
            companies = record._mail_get_companies(default=record.env.company)
            values["body_html"] = template._render_encapsulate(
                template.email_layout_xmlid,
                values["body_html"],
                add_context={
                    "company": companies[record_id],
                    "model_description": model.display_name,
                },
                context_record=record.with_context(lang=lang),
            )
        return values

    def _render_field(self, template, name, record, lang):
        [text] = template._render_field(name, record._ids, set_lang=lang).values()
        return text

    # ------------------------------------------------------------
    # THE NOTICE
    # ------------------------------------------------------------

    def _simulate_notice(self, reader):
        """Return the notice that would be written now; it is not in the database.

        :param reader: ``res.partner`` that reads it
        """
        Notice = self.env["lead.broadcast.notice"]
        targets = [
            target for target in self._get_targets() if target.recipient == reader
        ]
        if not targets:
            return Notice.new(self._prepare_notice_to(reader))
        now = fields.Datetime.now()
        tz = reader._get_broadcast_tz(targets[0].company)
        slot = Slot(now.strftime(SLOT_FORMAT), now)
        messages = [Message(self.rule_id, target, tz, slot) for target in targets]
        if not self.rule_id.is_digest:
            return Notice.new(Notice._prepare_notice(messages[0]))
        messages += self._get_digest_messages(messages)
        return Notice.new(
            {
                **Notice._prepare_digest(messages),
                "line_ids": [
                    Command.create(self._prepare_line(message)) for message in messages
                ],
            }
        )

    def _prepare_notice_to(self, reader):
        """Return the values of a notice that no rule writes: none uses the template, or
        the one that does tells nobody of this lead."""
        lead, rule = self.lead_id, self.rule_id
        return {
            "event": rule.event or "pending",
            "rule_id": rule.id,
            "lead_id": lead.id,
            "offer_id": (lead.allocated_offer_id or lead.offer_ids[:1]).id,
            "activity_id": lead.activity_ids[:1].id,
            "company_id": lead._get_sms_company().id,
            "recipient_id": reader.id,
            "channel": rule.channel or ("sms" if self.is_sms else "mail"),
            "slot": "preview",
        }

    def _get_digest_messages(self, messages):
        """Return what else would be in a digest at this moment."""
        planned = self.env["lead.broadcast.planned"]
        rule, target, _tz, slot = messages[0]
        leads = planned._get_leads_of(target.recipient) - target.lead
        others = []
        for other in rule.search(
            [("is_digest", "=", True), ("schedule_id", "=", rule.schedule_id.id)]
        ):
            others += other._get_messages(
                other._get_records_of(leads), lambda *_key: [slot]
            )
        same = (target.company, target.recipient, target.channel)
        return [
            other
            for other in others
            if (other.target.company, other.target.recipient, other.target.channel)
            == same
            and not other.target.problem
        ]

    def _prepare_line(self, message):
        target = message.target
        return {
            "rule_id": message.rule.id,
            "lead_id": target.lead.id,
            "offer_id": message.rule._get_offer(target.record, target.lead).id,
            "activity_id": target.record._name == ACTIVITY and target.record.id,
        }
