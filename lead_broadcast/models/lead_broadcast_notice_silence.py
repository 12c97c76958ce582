from odoo import models

from .lead_broadcast_notice_mail import FAILED
from .lead_broadcast_notice_sms import DOUBTFUL


class LeadBroadcastNotice(models.Model):
    """Whether a notice has got to somebody who could have answered."""

    _inherit = "lead.broadcast.notice"

    def write(self, vals):
        """What comes back, or was lost, excuses who did not answer it."""
        result = super().write(vals)
        if vals.get("mail_state") in FAILED or vals.get("sms_state") in DOUBTFUL:
            notices = self.sudo()  # sudo: whoever handles mails, or SMS, reports it
            digests = notices.filtered(lambda notice: notice.event == "digest")
            (notices.offer_id | digests.line_ids.offer_id)._excuse_unreached()
        return result

    def _has_reached(self, offer):
        """Tell whether this notice told an offer's partner of it, in time."""
        self.ensure_one()
        company = offer.partner_id.commercial_partner_id
        if self.recipient_id.commercial_partner_id != company:
            return False  # its master may have been told
        if self.channel == "inbox":
            return offer._could_be_answered(self.read_date)
        if not offer._could_be_answered(self.sent_date):
            return False
        return self.mail_state == "sent" or self.sms_state in ("pending", "sent")
