from typing import NamedTuple

from odoo import api, fields, models, tools


class Urgency(NamedTuple):
    """What a rule says, as the cache of the registry may keep it."""

    id: int
    hours_left: float
    validity_percent: int
    wave_percent: int


class LeadBroadcastUrgency(models.Model):
    """A rule that has partners answer sooner, and more of them be asked, when little
    time is left until a lead's closure date."""

    _name = "lead.broadcast.urgency"
    _description = "Urgency Rule"
    _order = "hours_left, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    hours_left = fields.Float(
        required=True,
        default=24.0,
        help="Applies to leads whose closure date ends within so many hours. Of"
        " several rules the one with the fewest hours counts.",
    )
    validity_percent = fields.Integer(
        "Validity (%)",
        required=True,
        default=50,
        help="How much is left of the time that partners have to answer. It never gets"
        " shorter than 15 minutes.",
    )
    wave_percent = fields.Integer(
        "Partners per Round (%)",
        required=True,
        default=150,
        help="How many partners are asked, compared with a lead that can wait.",
    )

    _hours_left_uniq = models.UniqueIndex(
        "(hours_left) WHERE active",
        "There is a rule for this many hours already. Change that one, or archive it.",
    )
    _check_hours_left = models.Constraint(
        "CHECK(hours_left > 0 AND hours_left <= 8760)",
        "The hours left must be more than zero and at most a year.",
    )
    _check_validity_percent = models.Constraint(
        "CHECK(validity_percent > 0 AND validity_percent <= 100)",
        "Urgent offers are valid for 1 to 100 percent of the usual time.",
    )
    _check_wave_percent = models.Constraint(
        "CHECK(wave_percent > 0 AND wave_percent <= 1000)",
        "Urgent leads are offered to 1 to 1000 percent of the usual partners.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_rules(self):
        """Return all rules, those for the least time first. Cached, as every offer of
        every lead asks for them."""
        # sudo: who starts a search need not read the rules
        rules = self.sudo().search([("active", "=", True)])
        return tuple(
            Urgency(rule.id, rule.hours_left, rule.validity_percent, rule.wave_percent)
            for rule in rules
        )
