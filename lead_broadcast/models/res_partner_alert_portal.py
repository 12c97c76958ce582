from odoo import models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list


class ResPartner(models.Model):
    """What people of a service partner do with alerts by themselves, on the portal.

    Partners have no write access: these methods check who may do what, whoever calls
    them.
    """

    _inherit = "res.partner"

    # ------------------------------------------------------------
    # OWN NUMBER
    # ------------------------------------------------------------

    def _request_alert_number(self, number):
        """Send a code to a number this person wants alerts on. The present number
        stays in use until that code is entered.

        :raise ValidationError: when it is no mobile number
        :raise UserError: when no code may be sent to it
        """
        self.ensure_one()
        contact = self.sudo()  # sudo: one's own number
        number = contact._format_alert_number(number)
        if number == contact.broadcast_alert_number:
            raise UserError(
                self.env._("This is the number that you already confirmed.")
            )
        # sudo: whether a number may be written to is no secret of the blacklist
        blacklist = self.env["phone.blacklist"].sudo()
        if blacklist.search_count([("number", "=", number)], limit=1):
            raise UserError(
                self.env._(
                    "STOP was sent to us from this number. Send START from it first."
                )
            )
        contact.env["lead.broadcast.alert.confirmation"]._request(contact, number)

    def _confirm_alert_number(self, code):
        """Take the number into use to which this code was sent.

        :return: what is wrong, in the person's language, or None. Not raised: a guess
            must count, and an exception would roll that back.
        """
        self.ensure_one()
        contact = self.sudo()  # sudo: one's own number
        confirmation = contact._get_pending_confirmation()
        if not confirmation:
            return self.env._("This code is no longer valid. Ask for a new one.")
        if confirmation._check_code(code):
            contact.broadcast_alert_number = confirmation.number
            confirmation._void(contact)
            return None
        if not contact._get_pending_confirmation():
            return self.env._("That was wrong too often. Ask for a new code.")
        return self.env._("This is not the code we sent. Please check it.")

    def _cancel_alert_number(self):
        """Let the present number be, whatever was asked for."""
        # sudo: nobody has access to codes
        self.env["lead.broadcast.alert.confirmation"].sudo()._void(self)

    def _subscribe_to_alerts(self, is_wanted):
        """Note whether this person wants alerts."""
        self.sudo().broadcast_alert_subscribed = is_wanted  # sudo: one's own wish

    def _get_pending_confirmation(self):
        """Return the number of this person that waits for its code, as superuser."""
        self.ensure_one()
        # sudo: nobody has access to codes
        confirmations = self.env["lead.broadcast.alert.confirmation"].sudo()
        return confirmations._find_pending(self)[:1]

    def _get_alert_number_text(self):
        """Return the number as people read it, or False."""
        self.ensure_one()
        number = self.sudo().broadcast_alert_number  # sudo: for whoever shows the page
        return number and self._phone_format(
            number=number, force_format="INTERNATIONAL"
        )

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def _get_alert_people(self):
        """Return all people of these partners that can get alerts, as superuser."""
        people = self.sudo().with_context(active_test=True)
        return people.search(
            Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
            & (
                Domain("is_company", "=", False) & Domain("type", "=", "contact")
                | Domain("broadcast_alert_number", "!=", False)
                | Domain("user_ids", "!=", False)
            ),
            order="name, id",
        )

    def _may_authorize(self, contact):
        """Tell whether this person may grant another one the right to get alerts.

        Owners may for everybody, themselves included; managers for others, but not
        for owners.
        """
        self.ensure_one()
        by, contact = self.sudo(), contact.sudo()  # sudo: roles are for staff only
        if by.commercial_partner_id != contact.commercial_partner_id:
            return False
        if by.broadcast_role == "manager":
            return contact != by and contact.broadcast_role != "owner"
        return by.broadcast_role == "owner"

    def _get_names_of_authorizers(self):
        """Return the names of those who may grant this person the right, as a text."""
        people = self._get_alert_people()
        people = people.filtered(lambda person: person._may_authorize(self))
        return format_list(self.env, people.mapped("name"), "or")

    def _may_set_role(self, contact):
        """Tell whether this person may say what another one may do."""
        return self.sudo().broadcast_role == "owner" and self._may_authorize(contact)

    def _set_alert_right(self, is_granted, by):
        """Grant or withdraw the right to get alerts.

        :param by: ``res.partner`` of the person who does it
        :raise AccessError: when that person may not
        """
        for contact in self:
            if not by._may_authorize(contact):
                raise AccessError(
                    self.env._("You may not say whether this person gets SMS.")
                )
        # sudo: checked above; partners have no write access
        self.sudo().broadcast_alert_authorized = is_granted

    def _set_broadcast_role(self, role, by):
        """Say what people may do.

        :param by: ``res.partner`` of the person who does it
        :raise AccessError: when that person may not
        :raise ValidationError: when there is no such role, or nobody would be left to
            do it
        """
        if role not in dict(self._fields["broadcast_role"].selection):
            raise ValidationError(self.env._("Choose what this person may do."))
        for contact in self:
            if not by._may_set_role(contact):
                raise AccessError(
                    self.env._("You may not say what this person may do.")
                )
        # sudo: checked above; partners have no write access
        self.sudo().broadcast_role = role
