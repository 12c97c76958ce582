from odoo import models

# the customer gets the same message from another lead
DUPLICATES = ("mail_dup", "sms_duplicate")


class CrmLead(models.Model):
    """Whoever writes to the customers of several leads at once answers each of them.
    Core sends such messages without posting them."""

    _inherit = "crm.lead"

    def _message_mail_after_hook(self, mails):
        # mailings of the marketing apps are no answer
        is_mailing = "mailing_id" in mails._fields and mails.mailing_id
        if not is_mailing:
            for author, own in mails.grouped("author_id").items():
                failures = {mail.res_id: mail.failure_type for mail in own}
                self._note_bulk_response(failures, author)
        return super()._message_mail_after_hook(mails)

    def _note_bulk_response(self, failures, by):
        """Note that somebody has written to the customers of these leads.

        :param failures: ``{lead id: failure type}``, none where nothing has failed
        :param by: ``res.partner`` of the person who wrote
        """
        self.filtered(
            lambda lead: (
                lead.id in failures
                and (not failures[lead.id] or failures[lead.id] in DUPLICATES)
            )
        )._note_response(by)
