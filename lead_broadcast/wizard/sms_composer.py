from odoo import models


class SmsComposer(models.TransientModel):
    _inherit = "sms.composer"

    def _prepare_mass_sms(self, records, sms_record_values):
        messages = super()._prepare_mass_sms(records, sms_record_values)
        # mailings of the marketing apps are no answer
        is_mailing = "mailing_id" in self._fields and self.mailing_id
        if records._name == "crm.lead" and not is_mailing:
            failures = {
                lead_id: values["failure_type"]
                for lead_id, values in sms_record_values.items()
            }
            records._note_bulk_response(failures, self.env.user.partner_id)
        return messages
