from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from ..models.crm_lead_clock import GRACE
from .ladder_common import LadderCase


class ClockCase(LadderCase):
    """The small world with a response policy of three levels: to the back-up, to the
    back-up's back-up, to management, again and again. Office hours are from nine to
    five in Delhi, and eight of them are allowed at each level.

    Asha has the lead; Ravi, who leads her team, is her back-up; Meera is his.
    """

    LATE = GRACE + timedelta(seconds=1)  # from then on the time has run out

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "Asia/Kolkata",
                "company_id": False,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": 9,
                            "hour_to": 17,
                            "day_period": "morning",
                        }
                    )
                    for day in range(5)
                ],
            }
        )
        cls.env.company.resource_calendar_id = cls.calendar
        cls.asha, cls.ravi, cls.meera, cls.head = (
            new_test_user(
                cls.env,
                login=name.lower(),
                name=name,
                email=f"{name.lower()}@office.example",
                groups=f"lead_broadcast.group_{group}",
                tz="Asia/Kolkata",
            )
            for name, group in (
                ("Asha", "user"),
                ("Ravi", "supervisor"),
                ("Meera", "supervisor"),
                ("Kavita", "administrator"),
            )
        )
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Support",
                "user_id": cls.ravi.id,
                "member_ids": [Command.set([cls.asha.id])],
            }
        )
        cls.ravi.broadcast_backup_id = cls.meera
        cls.env.company.broadcast_head_id = cls.head
        cls.policy = cls._create_policy(
            "Service",
            {"name": "Back-up", "action": "backup"},
            {"name": "Supervisor", "action": "backup"},
            {"name": "Management", "action": "management", "repeat": True},
            domain="[('service_id', '!=', False)]",
        )
        cls.back_up, cls.second, cls.management = cls.policy.level_ids

    @classmethod
    def _create_policy(cls, name, *levels, **values):
        """Create a response policy, of dictionaries of its levels."""
        return cls.env["lead.response.policy"].create(
            {
                "name": name,
                "level_ids": [
                    Command.create({"sequence": index, "hours": 8, **level})
                    for index, level in enumerate(levels)
                ],
                **values,
            }
        )

    def _enter(self, user=None, **values):
        """Return a new lead, entered for somebody by the head."""
        lead = self.env["crm.lead"].with_user(self.head)
        return lead.create(
            {
                "name": "Wrong figures",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "service_id": self.service.id,
                "service_place": "Hauz Khas, New Delhi",
                "user_id": (self.asha if user is None else user).id,
                "team_id": self.team.id,
                **values,
            }
        ).sudo()

    def _get_next_moment(self, end):
        leads = self.env["crm.lead"].search([("response_deadline", "!=", False)])
        moments = [moment + self.LATE for moment in leads.mapped("response_deadline")]
        return min([super()._get_next_moment(end), *moments])

    def _do_what_is_due(self):
        result = super()._do_what_is_due()
        Lead = self.env["crm.lead"]
        Lead.search(Lead._get_overdue_domain())._run_out()
        return result

    def _get_history(self, lead):
        """Return who had a lead and what came of it, in order."""
        return [(row.assignee_name, row.result) for row in lead.response_assignment_ids]

    @staticmethod
    def _utc(text):
        return fields.Datetime.to_datetime(text)
