from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class PhoneBlacklist(models.Model):
    _inherit = "phone.blacklist"

    @api.model
    def _add_opted_out_at_twilio(self, numbers):
        """Take over that Twilio delivers nothing any more to these numbers, which
        have sent STOP to it.

        :param numbers: as messages were sent to them, E.164
        """
        known = self.search([("number", "in", numbers)]).mapped("number")
        formatted = {self.env.user._phone_format(number=number) for number in numbers}
        new = formatted.difference(known, [False])
        if not new:
            return
        try:
            with self.env.cr.savepoint():
                self._add(
                    list(new),
                    message=self.env._(
                        "Twilio delivers no message to this number: its owner has"
                        " sent STOP (error 21610)."
                    ),
                )
        except (UniqueViolation, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            # somebody else is doing the same; what has just been sent would be sent
            # again if its transaction failed
            return
