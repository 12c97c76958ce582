from datetime import date

import phonenumbers

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize, plaintext2html

from odoo.addons.crm.models.crm_stage import AVAILABLE_PRIORITIES

from .crm_lead import CLOSURE_YEARS

MAX_LINE_LENGTH = 255
MAX_TEXT_LENGTH = 50_000

PRIORITIES = {label.lower(): value for value, label in AVAILABLE_PRIORITIES}


class LeadIntakeRequest(models.Model):
    """What programs may tell about a lead, and how it is read. They know names and
    codes, not the numbers of our records."""

    _inherit = "lead.intake.request"

    @api.model
    def _get_readers(self):
        """Return what may be told, and how it is read. What others are read with comes
        first.

        :return: ``{name: (field of the lead, function)}``; the function takes what was
            sent and the values of the lead that were read before, returns what is
            written, and raises a ``ValidationError`` that says what is wrong
        """
        return {
            "name": ("name", self._read_line),
            "contact_name": ("contact_name", self._read_line),
            "company_name": ("partner_name", self._read_line),
            "email": ("email_from", self._read_email),
            "country": ("country_id", self._read_country),
            "state": ("state_id", self._read_state),
            "city": ("city", self._read_line),
            "zip": ("zip", self._read_line),
            "street": ("street", self._read_line),
            "street2": ("street2", self._read_line),
            "phone": ("phone", self._read_phone),
            "service": ("service_id", self._make_finder("lead.broadcast.service")),
            "size": ("size_id", self._make_finder("lead.broadcast.size")),
            "place": ("service_place", self._read_line),
            "latitude": ("service_latitude", self._make_degrees_reader(90)),
            "longitude": ("service_longitude", self._make_degrees_reader(180)),
            "job_description": ("service_description", self._read_text),
            "description": ("description", self._read_html),
            "closure_date": ("closure_date", self._read_closure_date),
            "priority": ("priority", self._read_priority),
            "form": ("intake_form", self._read_line),
            "source": ("source_id", self._make_finder("utm.source")),
            "medium": ("medium_id", self._make_finder("utm.medium")),
            "campaign": ("campaign_id", self._make_finder("utm.campaign")),
            "tags": ("tag_ids", self._read_tags),
        }

    @api.model
    def _prepare_lead(self, values):
        """Return the values of a lead, or say all that is wrong with what was sent."""
        readers = self._get_readers()
        sent = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in values.items()
        }
        problems = [
            self.env._(
                "%(name)s: This is not known. Known are: %(known)s.",
                name=name,
                known=", ".join(readers),
            )
            for name in sent
            if name not in readers
        ]
        vals = {}
        for name, (field, read) in readers.items():
            if sent.get(name) in (None, ""):
                continue
            try:
                vals[field] = read(sent[name], vals)
            except ValidationError as error:
                problems.append(f"{name}: {error}")
        problems += self._find_gaps(sent)
        if problems:
            raise ValidationError("\n".join(problems))
        if "name" not in vals:
            vals["name"] = self.env["crm.lead"].new(vals)._get_service_title()
        return vals

    @api.model
    def _find_gaps(self, sent):
        """Tell what is missing for the rest to make sense."""
        if not (sent.get("name") or sent.get("service")):
            yield self.env._("name: Say what the lead is about, or name a service.")
        if (sent.get("latitude") is None) != (sent.get("longitude") is None):
            yield self.env._("latitude: Send the longitude, too, or neither.")

    # ------------------------------------------------------------
    # TEXTS AND NUMBERS
    # ------------------------------------------------------------

    @api.model
    def _is_text(self, value):
        """Tell whether something can be stored: not all that JSON can say is."""
        if not isinstance(value, str) or "\0" in value:
            return False
        return not any("\ud800" <= letter <= "\udfff" for letter in value)

    def _read_text(self, value, _vals=None, limit=MAX_TEXT_LENGTH):
        if not self._is_text(value):
            raise ValidationError(self.env._("This must be a text."))
        if len(value) > limit:
            raise ValidationError(
                self.env._("This is longer than %s characters.", limit)
            )
        return value

    def _read_line(self, value, _vals=None):
        return " ".join(self._read_text(value, limit=MAX_LINE_LENGTH).split())

    def _read_html(self, value, _vals=None):
        return plaintext2html(self._read_text(value))

    def _read_email(self, value, _vals=None):
        email = self._read_line(value)
        if not email_normalize(email):
            raise ValidationError(self.env._('"%s" is not an email address.', email))
        return email

    def _read_phone(self, value, vals):
        phone = self._read_line(value)
        country = self.env["res.country"].browse(vals.get("country_id"))
        region = (country or self.env.company.country_id).code or None
        try:
            number = phonenumbers.parse(phone, region)
        except phonenumbers.NumberParseException:
            number = None
        if not (number and phonenumbers.is_possible_number(number)):
            raise ValidationError(
                self.env._(
                    '"%s" is not a phone number. Write it with the country code, for'
                    " example +91 98100 12345.",
                    phone,
                )
            )
        return phone

    def _read_date(self, value, _vals=None):
        try:
            return date.fromisoformat(self._read_line(value))
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    '"%s" is not a date. Write year, month and day: 2030-12-31.', value
                )
            ) from error

    def _read_closure_date(self, value, _vals=None):
        day = self._read_date(value)
        if day < fields.Date.context_today(self):
            raise ValidationError(
                self.env._("%s has passed. Send a day to come, or none.", value)
            )
        if day.year not in CLOSURE_YEARS:
            raise ValidationError(
                self.env._("%s is not a date on which work can be done.", value)
            )
        return day

    def _read_priority(self, value, _vals=None):
        word = self._read_line(value).lower()
        if word not in PRIORITIES:
            self._refuse_name(value, PRIORITIES)
        return PRIORITIES[word]

    def _make_degrees_reader(self, limit):
        def read(value, _vals):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (is_number and -limit <= value <= limit):
                raise ValidationError(
                    self.env._("This must be a number from -%(n)s to %(n)s.", n=limit)
                )
            return value

        return read
