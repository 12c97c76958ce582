from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import escape_psql

MAX_NAMES_SHOWN = 20


class LeadIntakeRequest(models.Model):
    """The records that programs tell by their names and codes."""

    _inherit = "lead.intake.request"

    def _read_country(self, value, _vals=None):
        code = self._read_line(value)
        country = self.env["res.country"].search([("code", "=", code.upper())])
        if country.code != code.upper():  # a search cuts off what is too long
            raise ValidationError(
                self.env._(
                    '"%s" is no country. Send the code of two letters, such as IN.',
                    code,
                )
            )
        return country.id

    def _read_state(self, value, vals):
        code = self._read_line(value)
        country = self.env["res.country"].browse(vals.get("country_id"))
        if not country:
            raise ValidationError(self.env._("This needs its country to be known."))
        state = country.state_ids.filtered(lambda state: state.code == code.upper())
        if not state:
            raise ValidationError(
                self.env._(
                    '"%(code)s" is no state of %(country)s. Send its code.',
                    code=code,
                    country=country.name,
                )
            )
        return state.id

    def _read_tags(self, value, _vals=None):
        if not isinstance(value, list):
            raise ValidationError(self.env._("This must be a list of names."))
        return [Command.set([self._find("crm.tag", name) for name in value])]

    def _make_finder(self, model_name):
        return lambda value, _vals: self._find(model_name, value)

    def _find(self, model_name, value):
        """Return the id of the record that is called so, in capitals or not.

        Nothing is created: whoever mistypes a source would find its leads under no rule
        and in no figures.
        """
        name = self._read_line(value)
        model = self.env[model_name]
        domain = []
        if "company_id" in model._fields:
            domain += model._check_company_domain(self.env.company)
        record = model.search([*domain, ("name", "=ilike", escape_psql(name))], limit=1)
        if not record:
            known = model.search(domain, limit=MAX_NAMES_SHOWN + 1).mapped("name")
            self._refuse_name(name, known)
        return record.id

    def _refuse_name(self, name, known):
        if 0 < len(known) <= MAX_NAMES_SHOWN:
            raise ValidationError(
                self.env._(
                    'There is no "%(name)s". There are: %(known)s.',
                    name=name,
                    known=", ".join(known),
                )
            )
        raise ValidationError(self.env._('There is no "%s".', name))
