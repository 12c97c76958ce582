from odoo import models

from ..tools.sms_api import SmsApiKannel


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _split_by_api(self):
        """Give the messages of each company with a gateway to that one."""
        others = self.browse()
        for company, messages in self.grouped(
            lambda message: message._get_sms_company()
        ).items():
            if company._get_kannel_gateway():
                sms_api = SmsApiKannel(self.env)
                sms_api._set_company(company)
                yield sms_api, messages
            else:
                others |= messages
        if others:
            yield from super(SmsSms, others)._split_by_api()

    def _get_send_batch_size(self):
        """Commit after each message: when the server is killed, what was sent since the
        last commit is uncertain, and that is to be one message at most."""
        # sudo: whoever sends an SMS need not know the gateways
        gateways_sudo = self.env["lead.broadcast.kannel.gateway"].sudo()
        if not self and gateways_sudo.search_count([], limit=1):  # the whole queue
            return 1
        return super()._get_send_batch_size()

    def _handle_call_result_hook(self, results):
        """Let everything a gateway did not take wait for it, also the messages of other
        applications: with the company whose gateway it is, they are tried again."""
        sms_api = self.env.context.get("sms_api")
        if isinstance(sms_api, SmsApiKannel):
            waiting = self.filtered(lambda message: message.state == "error")
            waiting.filtered(
                lambda message: not message.broadcast_company_id
            ).broadcast_company_id = sms_api.company
        return super()._handle_call_result_hook(results)
