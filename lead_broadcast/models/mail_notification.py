from odoo import fields, models

from .sms_sms_uncertain import FAILURE


class MailNotification(models.Model):
    _inherit = "mail.notification"

    failure_type = fields.Selection(selection_add=FAILURE)
