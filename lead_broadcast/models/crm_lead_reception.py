from odoo import api, models
from odoo.exceptions import AccessError

# what becomes of a lead: of those who work on it, not of those who took it in
OUTCOME_FIELDS = {
    "active",
    "automated_probability",
    "date_closed",
    "lost_reason_id",
    "probability",
    "stage_id",
    "type",
}


class CrmLead(models.Model):
    """What receptionists may do: take enquiries in, and add what they hear later. Which
    leads they see is a matter of record rules."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        # not by the keys: forms send every field of a new record
        if self._is_reception() and not all(
            lead.active and lead.won_status == "pending" for lead in leads
        ):
            self._refuse_reception()
        return leads

    def write(self, vals):
        # core writes on no lead at all when it creates one
        if self and OUTCOME_FIELDS & vals.keys() and self._is_reception():
            self._refuse_reception()
        return super().write(vals)

    # ------------------------------------------------------------
    # CHATTER
    # ------------------------------------------------------------

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Receptionists write on what they took in also after it was answered, as
        customers call again."""
        if message_operation == "create" and self._is_reception():
            return dict.fromkeys(self, "read")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.model
    def _is_reception(self):
        """Tell whether the user takes enquiries in, and no more than that."""
        user = self.env.user
        return (
            not self.env.su
            and user.has_group("lead_broadcast.group_receptionist")
            and not user.has_group("sales_team.group_sale_salesman")
        )

    def _refuse_reception(self):
        raise AccessError(
            self.env._(
                "Receptionists take enquiries in and correct them. Ask the salesperson"
                " to change the stage, or to close or convert the lead."
            )
        )
