import pytz

from odoo import api, models

from ..tools import get_known_zone


class ResPartner(models.Model):
    """How a person is told of something: address, number, and what their clock says."""

    _inherit = "res.partner"

    def _get_broadcast_email(self):
        """Return where mails to this person or company go, or False."""
        self.ensure_one()
        return self.broadcast_email or self.email

    def _get_broadcast_sms_number(self):
        """Return the number for SMS in E.164, or False.

        People of service partners get them as their alerts are set; everybody else on
        their phone, unless they wrote STOP.
        """
        self.ensure_one()
        if self.commercial_partner_id.is_service_partner:
            is_active = self.broadcast_alert_state == "active"
            return is_active and self.broadcast_alert_number
        return not self.phone_sanitized_blacklisted and self.phone_sanitized

    def _get_broadcast_tz(self, company):
        """Return the time zone this person lives in: their own, that of the company
        they work for, of a country that has only one, else of who sends.

        :param company: ``res.company`` that sends
        """
        self.ensure_one()
        country = self.country_id or self.commercial_partner_id.country_id
        return get_known_zone(
            self.tz,
            self.commercial_partner_id.tz,
            self._get_country_tz(country),
            company.resource_calendar_id.tz,
        )

    @api.model
    def _get_broadcast_zones(self):
        """Return the time zones of all partners, as above, but for that of who
        sends."""
        partners = self.with_context(active_test=False)
        zones = {tz for [tz] in partners._read_group([], ["tz"])}
        for [country] in partners._read_group([], ["country_id"]):
            zones.add(self._get_country_tz(country))
        return zones & pytz.all_timezones_set

    @api.model
    def _get_country_tz(self, country):
        """Return the time zone of a country that has only one."""
        zones = pytz.country_timezones.get(country.code or "", [])
        return len(zones) == 1 and zones[0]

    def _get_authorized_contacts(self):
        """Return who may act for each of these partners.

        :return: ``{partner: contacts}``
        """
        # sudo: the outbox runs for whoever changed a lead
        contacts = (
            self.sudo()
            .with_context(active_test=True)
            .search(
                [
                    ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                    ("broadcast_alert_authorized", "=", True),
                ]
            )
        )
        people = contacts.grouped("commercial_partner_id")
        return {
            partner: people.get(partner.commercial_partner_id, contacts.browse())
            for partner in self
        }
