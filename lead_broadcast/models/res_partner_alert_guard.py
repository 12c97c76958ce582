from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools import get_example_number, is_mobile_number

# What somebody has as one of a company's people ends with leaving it.
LEAVER = {
    "broadcast_role": "executive",
    "broadcast_alert_authorized": False,
    "broadcast_alert_number": False,
    "broadcast_alert_confirmed_date": False,
}


class ResPartner(models.Model):
    """What keeps alert numbers, rights and roles true, whoever writes them."""

    _inherit = "res.partner"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("broadcast_alert_number"):
                known = {key: vals.get(key) for key in ("country_id", "parent_id")}
                vals.update(self.new(known)._prepare_alert_number(vals))
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("broadcast_role", "owner") != "owner":
            self._check_other_owners()
        companies = {}
        if not vals.keys().isdisjoint(("parent_id", "is_company")):
            companies = self._get_companies_of_people()
        if vals.get("broadcast_alert_number"):
            for contact in self:  # numbers are read as in the contact's own country
                own_vals = {**vals, **contact._prepare_alert_number(vals)}
                super(ResPartner, contact).write(own_vals)
        elif "broadcast_alert_number" in vals:
            super().write({**vals, "broadcast_alert_confirmed_date": False})
        else:
            super().write(vals)
        if companies:
            leavers = self._find_leavers(companies)
            # not through this method: the last owner may leave
            super(ResPartner, leavers & self).write(self._prepare_leaver(vals))
            super(ResPartner, leavers - self).write(self._prepare_leaver({}))
        return True

    # ------------------------------------------------------------
    # NUMBERS
    # ------------------------------------------------------------

    def _prepare_alert_number(self, vals):
        """Return a written number as it is stored, and when it became known."""
        self.ensure_one()
        # sudo: whoever may not write the number is refused by the ORM
        contact = self.sudo()
        number = contact._format_alert_number(vals["broadcast_alert_number"])
        values = {"broadcast_alert_number": number}
        if number != contact.broadcast_alert_number:
            values["broadcast_alert_confirmed_date"] = (
                vals.get("broadcast_alert_confirmed_date") or fields.Datetime.now()
            )
        return values

    def _get_alert_country(self):
        """Return the country as in which numbers of this contact are read: its own,
        else that of its company, else ours."""
        self.ensure_one()
        contact = self.sudo()  # sudo: portal users do not read companies
        return (
            contact.country_id
            or contact.parent_id.commercial_partner_id.country_id
            or self.env.company.country_id
        )

    def _format_alert_number(self, number):
        """Return a mobile number in E.164.

        :raise ValidationError: that says how to write it
        """
        country = self._get_alert_country()
        try:
            # without a number core would take that of the contact
            formatted = number and self._phone_format(
                number=number, country=country, raise_exception=True
            )
        except UserError:
            formatted = False
        if formatted and is_mobile_number(formatted):
            return formatted
        example = get_example_number(country.code)
        if not number:
            raise ValidationError(
                self.env._("Write your mobile number, like %s.", example)
            )
        raise ValidationError(
            self.env._(
                "%(number)s is not a mobile number. Write it with the code of its"
                " country, like %(example)s.",
                number=number,
                example=example,
            )
        )

    # ------------------------------------------------------------
    # COMPANIES
    # ------------------------------------------------------------

    def _get_companies_of_people(self):
        """Return these partners and all below them, each with its company."""
        # sudo: rights end, whoever moves the contact
        people = self.sudo().with_context(active_test=False)
        people = people.search([("id", "child_of", self.ids)])
        return {person: person.commercial_partner_id for person in people}

    def _find_leavers(self, companies):
        """Return who of these people has moved and had something in the former company,
        as superuser. No code sent to any of them counts any more.

        :param dict companies: people with the companies they were in
        """
        leavers = self.sudo().browse(
            person.id
            for person, company in companies.items()
            if person.commercial_partner_id != company
        )
        leavers.env["lead.broadcast.alert.confirmation"]._void(leavers)
        return leavers.filtered(
            lambda person: any(person[key] != LEAVER[key] for key in LEAVER)
        )

    @api.model
    def _prepare_leaver(self, vals):
        """Return what a leaver loses, but for what was given in the same moment."""
        given = set(vals)
        if "broadcast_alert_number" in given:
            given.add("broadcast_alert_confirmed_date")
        return {key: value for key, value in LEAVER.items() if key not in given}

    def _check_other_owners(self):
        """Refuse to leave a company without any owner.

        :raise ValidationError: when these are the last owners of a company
        """
        # sudo: whoever may not write the role is refused by the ORM
        owners = self.sudo().filtered(
            lambda contact: contact.active and contact.broadcast_role == "owner"
        )
        if not owners:
            return
        self.flush_model(["active", "broadcast_role", "commercial_partner_id"])
        # Written, not only read: of two owners who demote each other at the same
        # moment the second one fails, tries again, and is refused.
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE res_partner
                   SET broadcast_role = broadcast_role
                 WHERE broadcast_role = 'owner'
                   AND active
                   AND commercial_partner_id IN %s
             RETURNING id, commercial_partner_id
                """,
                tuple(owners.commercial_partner_id.ids),
            )
        )
        remaining = {company for owner, company in rows if owner not in self.ids}
        for owner in owners:
            company = owner.commercial_partner_id
            if company.id not in remaining:
                raise ValidationError(
                    self.env._(
                        "%(owner)s is the last owner of %(company)s. Name another"
                        " owner first.",
                        owner=owner.name,
                        company=company.name,
                    )
                )
