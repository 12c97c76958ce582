from odoo import fields, models


class ResCompany(models.Model):
    """What a company minds about the search for partners."""

    _inherit = "res.company"

    broadcast_search_alert_hours = fields.Float(
        "Searching Too Long (hours)",
        default=2.0,
        help="Leads that are searching for longer are highlighted on the desk.",
    )
    broadcast_silence_limit = fields.Integer(
        "Silent Offers before a Pause",
        default=5,
        help="A partner that does not answer so many offers in a row is paused until it"
        " wants offers again. 0 means never.",
    )
    broadcast_answer_weight = fields.Integer(
        "Weight of the Answer Rate (%)",
        help="A partner that never answers counts as so much further away. 0 means that"
        " only the distance counts.",
    )
    broadcast_feedback_weight = fields.Integer(
        "Weight of the Feedback (%)",
        help="A partner with the worst feedback counts as so much further away.",
    )
    broadcast_price_review_count = fields.Integer(
        "Declines that Ask for a Price Review",
        default=3,
        help="When so many partners decline a lead for its price, the team leader and"
        " the head review it. 0 means never.",
    )
    broadcast_head_id = fields.Many2one(
        "res.users",
        "Head of Service",
        help="Reviews prices together with the leader of the lead's team.",
    )

    _check_broadcast_search = models.Constraint(
        "CHECK(broadcast_search_alert_hours > 0 AND broadcast_silence_limit >= 0"
        " AND broadcast_price_review_count >= 0)",
        "Search settings: the hours after which a search takes too long must be above"
        " zero, and the numbers of silent offers and of declines cannot be negative.",
    )
    _check_broadcast_weights = models.Constraint(
        "CHECK(broadcast_answer_weight BETWEEN 0 AND 1000"
        " AND broadcast_feedback_weight BETWEEN 0 AND 1000)",
        "The weights of answer rate and feedback must be between 0 and 1000 %.",
    )
