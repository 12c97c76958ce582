from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

USER = "lead_broadcast.group_user"
HAS_NUMBER = Domain("broadcast_alert_number", "!=", False)
IS_AUTHORIZED = Domain("broadcast_alert_authorized", "=", True)
IS_SUBSCRIBED = Domain("broadcast_alert_subscribed", "=", True)
IS_BLACKLISTED = Domain("broadcast_alert_blacklisted", "=", True)
STATE_DOMAINS = {
    "active": HAS_NUMBER & IS_AUTHORIZED & IS_SUBSCRIBED & ~IS_BLACKLISTED,
    "no_number": ~HAS_NUMBER,
    "not_authorized": HAS_NUMBER & ~IS_AUTHORIZED,
    "unsubscribed": HAS_NUMBER & IS_AUTHORIZED & ~IS_SUBSCRIBED,
    "blacklisted": HAS_NUMBER & IS_AUTHORIZED & IS_SUBSCRIBED & IS_BLACKLISTED,
}


class ResPartner(models.Model):
    """Who of a service partner's people gets alerts by SMS.

    It takes all of it: a number that is known to be one's own, the right granted by
    the company, one's own wish, and no STOP sent to us.
    """

    _inherit = "res.partner"

    broadcast_alert_number = fields.Char(
        "Alert Number",
        groups=USER,
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Mobile number that gets service opportunities by SMS, and may accept"
        " them. People confirm it on their portal by a code; whoever writes it here"
        " vouches for it.",
    )
    broadcast_alert_confirmed_date = fields.Datetime(
        "Number Confirmed on", groups=USER, copy=False, readonly=True
    )
    broadcast_alert_subscribed = fields.Boolean(
        "Wants SMS",
        default=True,
        groups=USER,
        copy=False,
        tracking=True,
        help="The person's own wish.",
    )
    broadcast_alert_authorized = fields.Boolean(
        "May Get SMS",
        groups=USER,
        copy=False,
        tracking=True,
        help="Granted by the owner of the service partner: gets service opportunities"
        " by SMS and may accept them for the company.",
    )
    broadcast_role = fields.Selection(
        [
            ("executive", "Executive"),
            ("manager", "Manager: may authorize others"),
            ("owner", "Owner"),
        ],
        "Role at Partner",
        default="executive",
        groups=USER,
        copy=False,
        tracking=True,
        help="Owners say who gets SMS, and who else may say so.",
    )
    broadcast_alert_blacklisted = fields.Boolean(
        "Wrote STOP",
        compute="_compute_broadcast_alert_blacklisted",
        search="_search_broadcast_alert_blacklisted",
        groups=USER,
        help="The number is on the phone blacklist.",
    )
    broadcast_alert_state = fields.Selection(
        [
            ("active", "Gets SMS"),
            ("no_number", "No number"),
            ("not_authorized", "Not authorized"),
            ("unsubscribed", "Does not want SMS"),
            ("blacklisted", "Wrote STOP"),
        ],
        "SMS Alerts",
        compute="_compute_broadcast_alert_state",
        search="_search_broadcast_alert_state",
        groups=USER,
    )

    # the search for partners asks of each whether anybody gets alerts
    _broadcast_alert_idx = models.Index(
        "(commercial_partner_id) WHERE broadcast_alert_number IS NOT NULL"
        " AND broadcast_alert_authorized"
    )

    broadcast_has_alerts = fields.Boolean(
        related="commercial_partner_id.is_service_partner",
        groups=USER,
        string="Belongs to a Service Partner",
    )
    broadcast_alert_contact_ids = fields.One2many(
        "res.partner",
        "parent_id",
        "People",
        domain=[("type", "=", "contact"), ("is_company", "=", False)],
        groups=USER,
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("broadcast_alert_number")
    def _compute_broadcast_alert_blacklisted(self):
        # sudo: whether a number may be written to is no secret of the blacklist
        stopped = self.env["phone.blacklist"].sudo()
        numbers = set(self.mapped("broadcast_alert_number")) - {False}
        if numbers:
            stopped = stopped.search_fetch([("number", "in", list(numbers))])
        stopped_numbers = set(stopped.mapped("number"))
        for contact in self:
            contact.broadcast_alert_blacklisted = (
                contact.broadcast_alert_number in stopped_numbers
            )

    def _search_broadcast_alert_blacklisted(self, operator, value):
        if operator != "in":
            return NotImplemented
        stopped = SQL(
            "(SELECT number FROM phone_blacklist WHERE active)",
            to_flush=self.env["phone.blacklist"]._fields["active"],
        )
        is_stopped = Domain("broadcast_alert_number", "in", stopped)
        return Domain.OR(is_stopped if flag else ~is_stopped for flag in value)

    @api.depends(
        "broadcast_alert_number",
        "broadcast_alert_authorized",
        "broadcast_alert_subscribed",
        "broadcast_alert_blacklisted",
    )
    def _compute_broadcast_alert_state(self):
        for contact in self:
            if not contact.broadcast_alert_number:
                state = "no_number"
            elif not contact.broadcast_alert_authorized:
                state = "not_authorized"
            elif not contact.broadcast_alert_subscribed:
                state = "unsubscribed"
            elif contact.broadcast_alert_blacklisted:
                state = "blacklisted"
            else:
                state = "active"
            contact.broadcast_alert_state = state

    def _search_broadcast_alert_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(STATE_DOMAINS.get(state, Domain.FALSE) for state in value)

    # ------------------------------------------------------------
    # ALERTS
    # ------------------------------------------------------------

    def _get_alert_contacts(self):
        """Return who gets SMS now for each of these partners.

        :return: ``{partner: contacts}``, with an empty recordset where nobody does
        """
        # sudo: the outbox runs for whoever changed a lead
        contacts = self.sudo().with_context(active_test=True)
        contacts = contacts.search_fetch(
            Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
            & Domain("broadcast_alert_state", "=", "active"),
            ["commercial_partner_id", "broadcast_alert_number"],
        )
        people = contacts.grouped("commercial_partner_id")
        return {
            partner: people.get(partner.commercial_partner_id, contacts.browse())
            for partner in self
        }

    @api.model
    def _find_alert_senders(self, number):
        """Return the contacts whose alert number this is, authorized or not.

        Call as superuser: numbers are not for everybody.

        :param str number: in E.164
        """
        return self.with_context(active_test=True).search(
            [("broadcast_alert_number", "=", number)]
        )

    def _opt_out_of_alerts(self):
        """Send nothing any more to the numbers of these contacts, as they wrote."""
        # sudo: nobody needs a right to be left alone
        blacklist = self.env["phone.blacklist"].sudo()
        numbers = self.sudo().filtered("broadcast_alert_number")
        blacklist._add(
            list(set(numbers.mapped("broadcast_alert_number"))),
            message=self.env._("STOP received by SMS."),
        )
        self.invalidate_model(["broadcast_alert_blacklisted", "broadcast_alert_state"])

    def _opt_in_to_alerts(self):
        """Send SMS again to these contacts, as they wrote."""
        # sudo: as for opting out
        blacklist = self.env["phone.blacklist"].sudo()
        contacts = self.sudo()
        stopped = contacts.filtered("broadcast_alert_blacklisted")
        blacklist._remove(
            list(set(stopped.mapped("broadcast_alert_number"))),
            message=self.env._("START received by SMS."),
        )
        contacts.broadcast_alert_subscribed = True
        self.invalidate_model(["broadcast_alert_blacklisted", "broadcast_alert_state"])
