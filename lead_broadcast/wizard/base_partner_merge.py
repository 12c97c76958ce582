from odoo import models

# What an offer is worth when two partners become one: the answer that counts stays.
RANK = ["accepted", "open", "declined", "lost", "expired", "withdrawn"]


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Two partners that were asked in the same round become one: keep the offer
        that says most, before the round's constraint drops one by chance."""
        # sudo: whoever may merge contacts need not see their offers
        offers = (
            self.env["lead.broadcast.offer"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
        )
        for twins in offers.grouped("broadcast_id").values():
            twins.sorted(lambda offer: RANK.index(offer.state))[1:].unlink()
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
