from odoo import fields, models

from .lead_broadcast_notification_event import IS_SERVICE


class CrmLead(models.Model):
    """What becomes of tasks and appointments of a partner's people when their company
    loses the lead."""

    _inherit = "crm.lead"

    def _filter_service_leads(self):
        """Return those of these leads that are about the services of partners; all
        others are left to the CRM."""
        return self.exists().filtered_domain(IS_SERVICE)

    def _release_from_partner(self, offer):
        result = super()._release_from_partner(offer)
        self._hand_over_tasks(offer.partner_id.commercial_partner_id)
        return result

    def _hand_over_tasks(self, company):
        """Give what people of a company have to do about this lead to its salesperson,
        and let them take part in its coming appointments no longer.

        :param company: ``res.partner``, commercial entity
        """
        self.ensure_one()
        lead = self.sudo()  # sudo: whoever takes a lead back may not see all of these
        tasks = lead.activity_ids.filtered(
            lambda task: task.user_id.commercial_partner_id == company
        )
        people = ", ".join(tasks.user_id.mapped("name"))
        meetings = lead.calendar_event_ids.filtered(
            lambda meeting: meeting.stop > fields.Datetime.now()
        )
        meetings._hand_over(company, lead.user_id)
        # those of the meetings have followed their organizers
        rest = tasks.filtered(lambda task: task.user_id != lead.user_id)
        rest.write({"user_id": lead.user_id.id})
        if tasks:
            lead._log_hand_over(people)

    def _log_hand_over(self, people):
        lead = self._with_team_lang()
        if lead.user_id:
            body = lead.env._(
                "Open tasks of %(people)s were handed to %(user)s.",
                people=people,
                user=lead.user_id.name,
            )
        else:
            body = lead.env._(
                "Open tasks of %s are unassigned now: the lead has no salesperson.",
                people,
            )
        lead._message_log(body=body)
