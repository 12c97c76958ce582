from odoo import models

from ..tools import shorten


class LeadBroadcastNoticeText(models.AbstractModel):
    """What templates read about a lead that is given on: by whom, to whom, and at
    which level of its response policy."""

    _inherit = "lead.broadcast.notice.text"

    def _get_level(self):
        """Return how many levels have run out, 0 if none."""
        self.ensure_one()
        return self.lead_id.response_level

    def _get_previous_name(self, length=None):
        """Return who had the lead when the time ran out, cut to so many characters."""
        self.ensure_one()
        name = self.lead_id and self.lead_id._get_escalation().previous.name
        return self._cut(name or self._get_partner_name(), length)

    def _get_holder_name(self, length=None):
        """Return who has the lead now; nothing while partners are asked."""
        self.ensure_one()
        return self._cut(self._get_holder().name or "", length)

    def _is_given_on(self):
        """Tell whether somebody else has the lead since the time ran out."""
        self.ensure_one()
        if not self._get_level():
            return False
        escalation = self.lead_id._get_escalation()
        return escalation.previous != escalation.following

    def _is_holder(self):
        """Tell whether the reader has the lead now, or belongs to who has it."""
        self.ensure_one()
        reader, holder = self._get_reader(), self._get_holder()
        company = holder.partner.commercial_partner_id
        is_of_partner = company and reader.commercial_partner_id == company
        return bool(is_of_partner) or reader in holder._get_people()

    def _get_holder(self):
        lead = self.lead_id
        is_held = lead and lead._needs_answer()
        return lead._get_holder() if is_held else lead._make_holder()

    def _get_since(self):
        """Of a level that ran out, since the lead came to who had it then."""
        self.ensure_one()
        if self._get_event() != "escalated" or not self.lead_id:
            return super()._get_since()
        return self.lead_id._get_last_escalation().start_date or super()._get_since()

    def _cut(self, name, length):
        return name if length is None else shorten(name, length)
