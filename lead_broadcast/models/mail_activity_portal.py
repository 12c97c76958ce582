from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import is_html_empty


class MailActivity(models.Model):
    """Tasks of a service partner's people, who have access neither to activities nor
    to leads: what they may read of them, and that they can say they are done."""

    _inherit = "mail.activity"

    @api.model
    def _get_partner_task_domain(self, company):
        """Return the domain of the tasks, done ones as well, that people of a company
        have on the leads it has.

        :param company: ``res.partner``, commercial entity
        """
        # sudo: partners read no leads; only tells which ones are the company's
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        own_leads = leads._search(
            [("allocated_partner_id.commercial_partner_id", "=", company.id)]
        )
        return Domain(
            [
                ("active", "in", [True, False]),
                ("res_model", "=", "crm.lead"),
                ("res_id", "in", own_leads),
                ("user_id.commercial_partner_id", "=", company.id),
            ]
        )

    @api.model
    def _get_offer_tasks(self, offer, user):
        """Return the tasks to show on the page of an offer, open ones first.

        :return: as ``_get_portal_values``
        """
        lead = offer.sudo().lead_id  # sudo: partners read no leads, only their tasks
        if lead.allocated_offer_id != offer:
            return []
        domain = self._get_partner_task_domain(offer.partner_id.commercial_partner_id)
        tasks = self.sudo().search(
            domain & Domain("res_id", "=", lead.id), order="active desc, date_deadline"
        )
        return tasks._get_portal_values(user)

    def _get_portal_values(self, user):
        """Return what the company of the assignee may read of its tasks, and no more.

        :param user: ``res.users`` that reads
        :return: list of dicts of plain values, and the offer by which it has the lead
        """
        leads = self.env["crm.lead"].browse(self.mapped("res_id"))
        today = fields.Date.context_today(self)
        return [
            {
                "id": task.id,
                "name": task.display_name,
                "note": not is_html_empty(task.note) and task.note,
                "deadline": task.date_deadline,
                "state": task._get_portal_state(today),
                "date_done": task.date_done,
                "assignee": task.user_id.name,
                "is_own": task.user_id == user,
                "may_finish": task.active
                and task.user_id.commercial_partner_id == user.commercial_partner_id,
                "meeting": task._get_portal_meeting(),
                "offer_sudo": lead.allocated_offer_id,
            }
            for task, lead in zip(self, leads, strict=True)
        ]

    def _get_portal_state(self, today):
        """Return the state on the reader's day; core's is that of the assignee's zone,
        which portal users seldom set."""
        self.ensure_one()
        if not self.active:
            return "done"
        if self.date_deadline == today:
            return "today"
        return "overdue" if self.date_deadline < today else "planned"

    def _get_portal_meeting(self):
        """Return when and where an appointment takes place; nothing for a task."""
        self.ensure_one()
        event = self.calendar_event_id
        return event and {
            "start": event.start,
            "is_all_day": event.allday,
            "location": event.location,
        }

    def _finish_as_partner(self, user, feedback):
        """Mark tasks as done, as one of the people of the assignee's company.

        What is done already stays as it is, however often one presses the button.

        :param user: ``res.users`` that says so
        :param str feedback: plain text, may be empty
        :raise AccessError: when the tasks are not the company's
        """
        # sudo: portal users have no access to activities, only this method
        domain = self._get_partner_task_domain(user.commercial_partner_id)
        tasks = self.sudo().search(domain & Domain("id", "in", self.ids))
        if tasks != self:
            raise AccessError(self.env._("This task is not one of your company's."))
        open_tasks = tasks.filtered("active")
        open_tasks.with_user(user).sudo()._action_done(feedback=feedback)
