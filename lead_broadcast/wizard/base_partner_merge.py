from odoo import models

from ..models.res_partner_silence import SILENCE_FIELDS

# What an offer is worth when two partners become one: the answer that counts stays.
RANK = ["accepted", "open", "declined", "lost", "expired", "withdrawn"]
ROLE_RANK = ["owner", "manager", "executive", False]
ALERT_FIELDS = (
    "broadcast_alert_number",
    "broadcast_alert_confirmed_date",
    "broadcast_alert_subscribed",
    "broadcast_alert_authorized",
)


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Two partners that were asked in the same round become one: keep the offer
        that says most, before the round's constraint drops one by chance. What both
        were told stays once."""
        # sudo: whoever may merge contacts need not see their offers
        offers = (
            self.env["lead.broadcast.offer"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
        )
        for twins in offers.grouped("broadcast_id").values():
            twins.sorted(lambda offer: RANK.index(offer.state))[1:].unlink()
        # sudo: as above
        (src_partners | dst_partner).sudo()._leave_masters_among_themselves()
        self.env["lead.broadcast.notice"].sudo()._delete_twins(  # sudo: as above
            "recipient_id", src_partners | dst_partner, dst_partner
        )
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        """Alerts are those of one of the people merged, not a mixture, and of nobody
        from another company; the highest role in the company stays. Who was paused for
        silence stays so, which is not written from outside."""
        # sudo: whoever may merge contacts need not see who gets alerts
        contact = dst_partner.sudo()
        known = [
            {
                "company": person.commercial_partner_id,
                "role": person.broadcast_role,
                "alerts": {name: person[name] for name in ALERT_FIELDS},
            }
            for person in [contact, *src_partners.sudo()]
        ]
        people = src_partners.sudo() | contact  # as core does: the last one counts
        silence = {name: people.filtered(name)[-1:][name] for name in SILENCE_FIELDS}
        people.write(dict.fromkeys(SILENCE_FIELDS, False))
        result = super()._update_values(src_partners, dst_partner)
        contact.write(silence)
        company = contact.commercial_partner_id
        own = [values for values in known if values["company"] == company]
        alerts = [values["alerts"] for values in own]
        with_number = [values for values in alerts if values["broadcast_alert_number"]]
        contact.write((with_number or alerts)[0])
        contact.broadcast_role = min(
            (values["role"] for values in own), key=ROLE_RANK.index
        )
        return result
