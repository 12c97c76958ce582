from odoo import api, fields, models

from ..tools import generate_request_code, is_gsm, measure_sms, shorten, to_gsm

STAFF = "base.group_user"

MAX_SEGMENTS = 2
MIN_ROOM = 20  # characters for the service and the place together
# units that fit into so many segments, each with the header that joins them
CAPACITY = {"GSM-7": 153 * MAX_SEGMENTS, "UCS-2": 67 * MAX_SEGMENTS}


class LeadBroadcastOffer(models.Model):
    """What an offer says in an SMS: little, and with the code that accepts it."""

    _inherit = "lead.broadcast.offer"

    request_code = fields.Char(
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Sent back by SMS, from the number of an authorised person, it accepts"
        " the offer.",
    )
    sms_number = fields.Char(
        "Forward to",
        compute="_compute_sms_number",
        compute_sudo=True,
        groups=STAFF,
        help="The number to which the SMS is forwarded to accept.",
    )
    sms_service = fields.Char(compute="_compute_sms_parts", groups=STAFF)
    sms_place = fields.Char(compute="_compute_sms_parts", groups=STAFF)

    _request_code_uniq = models.UniqueIndex(
        "(request_code)", "This request code is in use."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("lead_id.company_id", "lead_id.user_id")
    def _compute_sms_number(self):
        for offer in self:
            company = offer.lead_id._get_sms_company()
            offer.sms_number = company.broadcast_sms_number

    @api.depends("service_id.name", "place")
    @api.depends_context("lang", "sms_room", "sms_plain")
    def _compute_sms_parts(self):
        """What people have written, in the room that the text leaves."""
        room = self.env.context.get("sms_room")
        for offer in self:
            parts = [
                offer.service_id.name or self.env._("a service"),
                offer.place or self.env._("your area"),
            ]
            if self.env.context.get("sms_plain"):
                parts = [to_gsm(part) for part in parts]
            if room is not None:
                parts = self._fit_sms_parts(parts, room)
            offer.sms_service, offer.sms_place = parts

    @api.model
    def _fit_sms_parts(self, parts, room):
        """Shorten the longer part first, then both alike."""
        half = room // 2
        spare = [max(half - len(part), 0) for part in parts]
        limits = [half + spare[1], half + spare[0]]
        return [shorten(part, limit) for part, limit in zip(parts, limits, strict=True)]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [{**vals, "request_code": generate_request_code()} for vals in vals_list]
        )

    # ------------------------------------------------------------
    # RENDERING
    # ------------------------------------------------------------

    def _render_sms(self, template, lang):
        """Return the texts of an SMS about these offers.

        The service and the place are shortened, and written in plain letters where
        the rest of the text is, so that the text stays within two segments if that
        is possible at all.

        :param template: ``sms.template`` record of this model
        :param str lang: code of the recipients' language
        :return: ``{offer id: text}``
        """
        texts = {}
        for offers in self.grouped(
            lambda offer: (offer.lead_id, offer.service_id)
        ).values():
            bodies = offers._render_sms_body(template, lang)
            if measure_sms(bodies[offers[:1].id]).segments > MAX_SEGMENTS:
                fitting = offers[:1]._get_sms_context(template, lang)
                offers = offers.with_context(**fitting)
                bodies = offers._render_sms_body(template, lang)
            texts.update(bodies)
        return texts

    def _render_sms_body(self, template, lang):
        template = template.with_env(self.env)
        return template._render_field("body", list(self._ids), set_lang=lang)

    def _get_sms_context(self, template, lang):
        """Find how much room this offer's text leaves for the service and the place.

        :return: context for ``_render_sms_body``
        """
        self.ensure_one()

        def render(**context):
            offer = self.with_context(**context)
            [text] = offer._render_sms_body(template, lang).values()
            return text

        fixed = render(sms_room=0)
        plain = is_gsm(fixed)
        size = measure_sms(fixed)
        room = CAPACITY[size.encoding] - size.units
        if room < MIN_ROOM:  # nothing would be left to recognise the offer by
            return {}
        while room:
            text = render(sms_room=room, sms_plain=plain)
            if measure_sms(text).segments <= MAX_SEGMENTS:
                break
            room -= 1  # rarely: characters that count double
        return {"sms_room": room, "sms_plain": plain}
