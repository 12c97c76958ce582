from odoo import api, fields, models
from odoo.exceptions import ValidationError

NO_FEEDBACK = "0"  # the widget's empty value, never stored


class CrmLead(models.Model):
    """How well a partner did the work: noted by staff, weighed when the next leads are
    offered."""

    _inherit = "crm.lead"

    feedback_score = fields.Selection(
        [
            (NO_FEEDBACK, "No feedback"),
            ("1", "Very poor"),
            ("2", "Poor"),
            ("3", "Fair"),
            ("4", "Good"),
            ("5", "Very good"),
        ],
        "Feedback",
        copy=False,
        tracking=True,
        help="How well the partner did the work.",
    )

    _feedback_idx = models.Index(
        "(allocated_partner_id, completion_date) WHERE feedback_score IS NOT NULL"
    )

    @api.constrains("feedback_score")
    def _check_feedback_score(self):
        for lead in self.filtered("feedback_score"):
            if not (lead.completion_date and lead.allocated_partner_id):
                raise ValidationError(
                    self.env._(
                        "%s: feedback is about work that a partner has completed. Note"
                        " it when the work is done.",
                        lead.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_feedback(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_feedback(vals))

    @api.model
    def _clean_feedback(self, vals):
        """What is given to somebody else is yet to be done by them."""
        is_undone = "completion_date" in vals and not vals["completion_date"]
        if is_undone or vals.get("feedback_score") == NO_FEEDBACK:
            return {**vals, "feedback_score": False}
        return vals
