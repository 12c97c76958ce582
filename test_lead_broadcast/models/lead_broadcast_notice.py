from odoo import api, fields, models
from odoo.tools import html2plaintext


class LeadBroadcastNotice(models.Model):
    """A channel as a bridge to a telephone system adds it: what is said.

    A real one hands the words to its provider, and reports what became of the call.
    """

    _inherit = "lead.broadcast.notice"

    channel = fields.Selection(
        selection_add=[("voice", "Phone call")], ondelete={"voice": "cascade"}
    )

    def _deliver_voice(self, template):
        records = self._get_template_records(template)
        for notice in self:
            record = records[notice]
            bodies = template._render_field(
                "body_html", record.ids, set_lang=notice._get_lang()
            )
            notice._finish("sent", html2plaintext(bodies[record.id]))

    @api.model
    def _get_next_channels(self):
        return {**super()._get_next_channels(), "voice": ("sms", "mail", "inbox")}
