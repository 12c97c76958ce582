from odoo import api, models

from ..tools import measure_sms


class LeadBroadcastAudience(models.AbstractModel):
    """What asking the candidates costs in SMS."""

    _inherit = "lead.broadcast.audience"

    @api.model
    def _filter_with_sms(self, leads):
        """Return the leads about which SMS is sent: those whose company has a number
        for the answers."""
        # sudo: other companies' settings decide about leads without company
        return leads.filtered(
            lambda lead: lead.sudo()._get_sms_company().broadcast_sms_number
        )

    @api.model
    def _plan_sms(self, candidates):
        """Add to the candidates how many people get the SMS of an offer, and its
        segments: of the longest text where they read different languages.

        :param candidates: ``{lead: [values of lead.broadcast.candidate.mixin, ...]}``
        """
        partners = self.env["res.partner"].browse(
            {
                line["partner_id"]
                for lines in candidates.values()
                for line in lines
                if line["by_sms"]
            }
        )
        contacts = {
            partner.id: people
            for partner, people in partners._get_alert_contacts().items()
        }
        for lead, lines in candidates.items():
            segments = {}  # by language
            for line in lines:
                people = contacts.get(line["partner_id"], partners.browse())
                langs = {person.lang or self.env.lang for person in people}
                for lang in langs - segments.keys():
                    text = lead._preview_offer_sms(lang)
                    segments[lang] = measure_sms(text).segments
                line["sms_recipient_count"] = len(people)
                line["sms_segment_count"] = max(
                    (segments[lang] for lang in langs), default=0
                )
