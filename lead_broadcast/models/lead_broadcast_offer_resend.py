from datetime import timedelta

from odoo import fields, models

RETOLD_AFTER = timedelta(minutes=10)


class LeadBroadcastOffer(models.Model):
    """Telling partners once more, by hand."""

    _inherit = "lead.broadcast.offer"

    def _tell_again(self):
        """Tell partners once more of offers that they can still answer, but of none of
        which they were told a few minutes ago.

        :return: the offers of which somebody is told
        """
        now = fields.Datetime.now()
        lately = self.env["lead.broadcast.notice"]._read_group(
            [
                ("offer_id", "in", self.ids),
                ("event", "=", "offered"),
                ("due_date", ">", now - RETOLD_AFTER),
            ],
            ["offer_id"],
        )
        due = self - self.browse().union(*(offer for (offer,) in lately))
        notices = self.env["lead.broadcast.notification.rule"]._notify(
            "offered", due, slot=f"again {now}"
        )
        return notices.offer_id
