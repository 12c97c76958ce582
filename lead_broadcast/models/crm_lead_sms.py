from odoo import models

# as long as a real one, and none
PREVIEW_CODE = "AA99AA99AA99AA99AA99AA99AA"


class CrmLead(models.Model):
    """The search by SMS: whose gateway, and what the offers will say."""

    _inherit = "crm.lead"

    def _get_sms_company(self):
        """Return the company whose gateway sends messages about this lead, and
        receives the answers."""
        self.ensure_one()
        return (
            self.company_id
            or self.user_id.company_id
            or self.broadcast_ids[:1].user_id.company_id  # crons run in any company
            or self.env.company
        )

    def _preview_offer_sms(self, lang):
        """Return the SMS that people who read this language would get, exact but for
        the request code; empty when there is no such text any more."""
        self.ensure_one()
        xmlid = "lead_broadcast.sms_template_offered"
        # not env.ref: it asks the database each time whether the record is still there
        template_id = self.env["ir.model.data"]._xmlid_to_res_id(xmlid)
        if not template_id:
            return ""
        # sudo: texts of templates may be read by whoever may send them
        broadcast = self.env["lead.broadcast"].sudo().new({"lead_id": self.id})
        offer = broadcast.offer_ids.new(
            {"broadcast_id": broadcast, "request_code": PREVIEW_CODE}
        )
        template = self.env["sms.template"].sudo().browse(template_id)
        [text] = offer._render_sms(template, lang).values()
        return text

    def _render_sms(self, template, lang):
        """Return the texts of an SMS about these leads: ``{id: text}``."""
        template = template.with_env(self.env)
        return template._render_field("body", self.ids, set_lang=lang)
