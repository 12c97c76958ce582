from odoo import api, models
from odoo.fields import Command


class CalendarEvent(models.Model):
    """Appointments on service leads."""

    _inherit = "calendar.event"

    @api.model_create_multi
    def create(self, vals_list):
        """Appointments that were made in the calendar, and only there linked to a
        service lead, become activities on it, as those made on the lead do."""
        chosen = [
            vals
            for vals in vals_list
            if vals.get("opportunity_id")
            and not (vals.get("res_id") or self.env.context.get("default_res_id"))
        ]
        # sudo: only looks whether these are service leads
        leads = self.env["crm.lead"].sudo()
        leads = leads.browse(vals["opportunity_id"] for vals in chosen)
        service_leads = leads._filter_service_leads()
        for vals, lead in zip(chosen, leads, strict=True):
            if lead in service_leads:
                vals["res_model_id"] = self.env["ir.model"]._get_id("crm.lead")
                vals["res_id"] = lead.id
        return super().create(vals_list)

    def _hand_over(self, company, user):
        """Let the people of a company take part no longer; what they organize, a user
        does from now on.

        :param company: ``res.partner``, commercial entity
        :param user: ``res.users``, may be empty
        """
        # the new organizer is told of the activity, so not of the meeting as well
        for event in self.with_context(skip_attendee_notification=True):
            people = event.partner_ids.filtered(
                lambda partner: partner.commercial_partner_id == company
            )
            values = {"partner_ids": [Command.unlink(person.id) for person in people]}
            if event.user_id.commercial_partner_id == company:
                values["user_id"] = user.id
                values["partner_ids"] += [Command.link(user.partner_id.id)] * len(user)
            if people or "user_id" in values:
                event.write(values)
