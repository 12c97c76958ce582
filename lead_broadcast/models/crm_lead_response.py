from odoo import fields, models


class CrmLead(models.Model):
    """Whether the party that was given a lead attends to it."""

    _inherit = "crm.lead"

    first_response_date = fields.Datetime(
        "Attended on",
        readonly=True,
        copy=False,
        help="When the partner, team or person first did something about the lead"
        " since it was given it: wrote, changed the stage, finished an activity or"
        " reported.",
    )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _is_assignee(self, partner):
        """Tell whether a person belongs to the party that has this lead.

        :param partner: ``res.partner`` of the person
        """
        self.ensure_one()
        lead = self.sudo()  # sudo: portal users act on leads they cannot read
        if lead.allocated_partner_id:
            company = lead.allocated_partner_id.commercial_partner_id
            return partner.sudo().commercial_partner_id == company
        if lead.allocated_user_id:
            return partner == lead.allocated_user_id.partner_id
        return partner in lead.allocated_team_id.member_ids.partner_id

    def _note_response(self, by):
        """Note that the party that has these leads attends to them, once.

        :param by: ``res.partner`` of the person who did something
        """
        leads = self.sudo().filtered(  # sudo: as in _is_assignee
            lambda lead: (
                lead.allocated_date
                and not lead.first_response_date
                and lead._is_assignee(by)
            )
        )
        leads.write({"first_response_date": fields.Datetime.now()})
