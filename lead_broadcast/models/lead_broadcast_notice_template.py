from odoo import models

from .lead_broadcast_notification_event import LEAD, OFFER
from .lead_broadcast_notification_matrix import TEXT_MODELS


class LeadBroadcastNotice(models.Model):
    """Which text a notice is sent with, as the rules are when it is sent, and whether
    its recipient may read it."""

    _inherit = "lead.broadcast.notice"

    def _get_templates(self):
        """Return the text of each notice as it is now, ``{notice: template}``: that of
        its rule, or one of its channel where the rule's is gone or could not be
        delivered."""
        rules = self.rule_id
        present = rules._get_template_models()
        templates = {}
        for (rule, event, channel, role), notices in self.grouped(
            lambda notice: (
                notice.rule_id,
                notice.event,
                notice.channel,
                notice._get_role(),
            )
        ).items():
            template = rule.template_ref
            kind = "sms.template" if channel == "sms" else "mail.template"
            if not template or (kind, template.id) not in present:
                template = rules._get_fallback_template(event, channel, role)
            templates.update(dict.fromkeys(notices, template))
        return templates

    def _get_role(self):
        """Return as what the recipient is told: as the rule says, or if somebody else
        is told in place of that one, as one of the offer's partner or as anybody."""
        self.ensure_one()
        return self.rule_id.role or (
            "partner_admin" if self._is_of_partner() else "customer"
        )

    def _is_of_partner(self):
        """Tell whether the recipient is the partner of the offer, or of its people."""
        self.ensure_one()
        company = self.offer_id.partner_id.commercial_partner_id
        return bool(company) and self.recipient_id.commercial_partner_id == company

    def _may_read(self, template):
        """Tell whether a text can be sent: the rule may have changed since it was
        written, and an offer is for its partner only."""
        self.ensure_one()
        rule = self.rule_id
        allowed = rule._get_allowed_template_models() if rule else TEXT_MODELS
        model = template.sudo().model
        return model in allowed and (model != OFFER or self._is_of_partner())

    def _get_template_records(self, template):
        """Return ``{notice: record}`` that a template is rendered for: it may be about
        the offer, the lead, or the notice itself."""
        field = {OFFER: "offer_id", LEAD: "lead_id"}.get(template.sudo().model)
        return {notice: notice[field] if field else notice for notice in self}
