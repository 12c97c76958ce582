from odoo import api, models
from odoo.exceptions import ValidationError


class MailActivity(models.Model):
    """Tasks and appointments on service leads: who can be given them, and that the
    notification matrix tells of them, in place of core's mail."""

    _inherit = "mail.activity"

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("user_id")
    def _check_assignee_has_lead(self):
        """Portal users get tasks on the leads of their company only: they read what
        the tasks say. Moving tasks to another lead, as merging does, is not checked."""
        # sudo: reads whose the leads are, and tells nothing about them
        outside = self.sudo().filtered("user_id.share")
        for activity, lead in outside._get_service_leads().items():
            if not lead._is_assignee(activity.user_id.partner_id):
                raise ValidationError(
                    self.env._(
                        "%(user)s does not belong to the partner that has %(lead)s."
                        " Choose one of its people, or one of ours.",
                        user=activity.user_id.name,
                        lead=lead.name,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_notify(self):
        """Core asks for this when somebody assigns activities to somebody else."""
        service_leads = self._get_service_leads()
        told = self.filtered(lambda activity: activity in service_leads)
        self.env["lead.broadcast.notification.rule"]._notify(
            "activity", told.filtered("user_id")
        )
        return super(MailActivity, self - told).action_notify()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_service_leads(self):
        """Return the service leads that these activities are on, as superuser.

        :return: ``{activity: crm.lead}``, without activities on anything else
        """
        on_leads = self.filtered(lambda activity: activity.res_model == "crm.lead")
        # sudo: one may be assigned tasks on leads one does not see
        leads = self.env["crm.lead"].sudo().browse(on_leads.mapped("res_id"))
        service_leads = {lead.id: lead for lead in leads._filter_service_leads()}
        return {
            activity: service_leads[activity.res_id]
            for activity in on_leads
            if activity.res_id in service_leads
        }
