from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    broadcast_radius_km = fields.Float("Search Radius (km)", default=50.0)
    broadcast_wave_size = fields.Integer("Partners per Round", default=5)
    broadcast_validity_hours = fields.Float("Offer Validity (hours)", default=4.0)
    broadcast_closure_delay_days = fields.Integer("Days to Complete", default=7)

    broadcast_sms_number = fields.Char(
        "Number to Forward to",
        help="Service partners forward the SMS of an offer to this number to accept"
        " it: a number of your SMS gateway. Without it no SMS is sent.",
    )
    broadcast_sms_failure_limit = fields.Integer(
        "Failed Messages per Sender and Hour",
        default=10,
        help="Further messages of the sender are not read within the hour.",
    )
    broadcast_sms_gateway_limit = fields.Integer(
        "Failed Messages in All per Hour",
        default=1000,
        help="Beyond this a single failed message is enough to stop its sender.",
    )
    broadcast_sms_reply_limit = fields.Integer(
        "Replies per Sender and Hour", default=10
    )

    _check_broadcast_defaults = models.Constraint(
        "CHECK(broadcast_radius_km >= 0 AND broadcast_wave_size > 0"
        " AND broadcast_validity_hours > 0 AND broadcast_validity_hours <= 8760"
        " AND broadcast_closure_delay_days BETWEEN 0 AND 3650)",
        "Broadcast settings: the number of partners and the validity must be above"
        " zero, the validity at most a year, the days to complete between zero and ten"
        " years, and the radius cannot be negative.",
    )
    _check_broadcast_sms_limits = models.Constraint(
        "CHECK(broadcast_sms_failure_limit > 0 AND broadcast_sms_gateway_limit > 0"
        " AND broadcast_sms_reply_limit > 0)",
        "The limits of received and replied messages must be above zero.",
    )

    @api.constrains("broadcast_sms_number")
    def _check_broadcast_sms_number(self):
        for company in self.filtered("broadcast_sms_number"):
            number = company.broadcast_sms_number
            is_short_code = number.isdecimal() and 3 <= len(number) <= 8
            if not is_short_code and number != company._phone_format(
                number=number, country=company.country_id
            ):
                raise ValidationError(
                    self.env._(
                        "%s cannot be forwarded to. Write the number with plus and"
                        " country code, such as +911140001234, or a short code of 3 to"
                        " 8 digits.",
                        number,
                    )
                )
