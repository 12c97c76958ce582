import re
from urllib.parse import quote_plus

from odoo import api, fields, models
from odoo.exceptions import AccessError

MAP_URL = "https://www.openstreetmap.org/search?query="


class LeadBroadcastOffer(models.Model):
    """What the portal shows of an offer, and as whom its readers answer."""

    _inherit = "lead.broadcast.offer"

    def _get_page_state(self):
        """Tell what the offer's page is to say at this moment.

        Computed from the records and the clock only, so that neither a link nor a
        late cron can make the page say what is not so.

        :return: ``open``, ``declined`` (still time to change one's mind),
            ``accepted``, ``taken``, ``withdrawn`` or ``expired``
        """
        self.ensure_one()
        # sudo: reads the lead, tells only whether it is still to be had
        refusal = self.sudo()._get_refusal(fields.Datetime.now())
        if refusal == "already_yours":
            return "accepted"
        return refusal or self.state

    def _get_seconds_left(self):
        """Return for how long this offer can still be accepted."""
        self.ensure_one()
        left = (self.valid_until - fields.Datetime.now()).total_seconds()
        return max(int(left), 0)

    def _get_reader_context(self, user):
        """Return the language and time zone in which to show this offer.

        Whoever comes by the link of a mail reads as the partner does.
        """
        self.ensure_one()
        is_public = user._is_public()
        partner = self.partner_id
        context = {
            "tz": (not is_public and user.tz)
            or partner.tz
            or self.sudo().lead_id._get_team_tz()  # sudo: only the zone is told
        }
        if is_public and partner.lang:
            context["lang"] = partner.lang
        return context

    def _get_answerer(self, user):
        """Tell by which channel, and as whom, a user answers this offer.

        Staff that preview the page must not answer as the partner by accident:
        they answer as operators, if they may change the lead. Everybody else who
        got this far has the token or belongs to the partner's company.

        :param user: ``res.users`` that was let in to the page
        :return: channel and ``res.partner``
        :raise AccessError: when staff may not change the lead
        """
        self.ensure_one()
        if not self._may_answer(user):
            raise AccessError(self.env._("You may not answer for this partner."))
        if user._is_internal():
            return "operator", user.partner_id
        if (
            not user._is_public()
            and user.commercial_partner_id == self.partner_id.commercial_partner_id
        ):
            return "portal", user.partner_id
        return "mail", self.partner_id

    def _may_answer(self, user):
        """Tell whether a user that sees this offer's page may use its forms."""
        self.ensure_one()
        return (
            not user._is_internal()
            # sudo: find the lead, then check it as the user
            or self.sudo().lead_id.with_user(user).has_access("write")
        )

    def _get_customer_details(self):
        """Return what the partner that has won needs to do the job, and no more.

        :return: dict of plain values; empty as long as the lead is not the partner's
        """
        self.ensure_one()
        if self.state != "accepted":
            return {}
        lead = self.sudo().lead_id  # sudo: partners read no leads, only this dict
        customer = lead.partner_id
        names = [lead.partner_name or customer.commercial_company_name]
        names.append(lead.contact_name or customer.name)
        address = [
            lead.street,
            lead.street2,
            " ".join(filter(None, [lead.zip, lead.city])),
            lead.state_id.name,
            lead.country_id.name,
        ]
        address = list(filter(None, address))
        return {
            "name": ", ".join(dict.fromkeys(filter(None, names))),
            "phone": lead.phone,
            "phone_url": lead.phone and "tel:" + re.sub(r"[^\d+]", "", lead.phone),
            "email": lead.email_from,
            "address": address,
            "map_url": self._get_map_url(address),
            "description": lead.service_description,
            "closure_date": lead.closure_date,
            "closure_state": lead.closure_state,
            "allocated_date": lead.allocated_date,
            "contacted_date": lead.contacted_date,
            "completion_date": lead.completion_date,
        }

    @api.model
    def _get_map_url(self, address):
        """Return where the lines of an address are shown on a map."""
        return address and MAP_URL + quote_plus(", ".join(address))

    def _get_conversation(self):
        """Return the messages the partner that has won may read, oldest first.

        :return: list of dicts with author, date, body and whether it is their own
        """
        self.ensure_one()
        if self.state != "accepted":
            return []
        company = self.partner_id.commercial_partner_id
        # sudo: partners read no leads; the lead tells which messages are theirs
        return [
            {
                "author": message.author_id.name or message.email_from,
                "date": message.date,
                "body": message.body,
                "is_own": message.author_id.commercial_partner_id == company,
            }
            for message in self.sudo().lead_id._get_partner_messages()
        ]
