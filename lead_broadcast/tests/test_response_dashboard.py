from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestResponseDashboard(BroadcastCase, HttpCase):
    def test_figures_and_what_they_are_made_of(self):
        """As a supervisor: shares by assignee, source and week; a click opens what is
        behind a figure, and from there the lead."""
        self.user.name, self.other_user.name = "Executive", "Colleague"
        source = self.env["utm.source"].create({"name": "Fair"})
        now = fields.Datetime.now()
        start, due = now - timedelta(days=2), now - timedelta(days=1)
        self.env["lead.response.assignment"].create(
            [
                {
                    "lead_id": self._create_lead(name=name, source_id=source_id).id,
                    "party": "user",
                    "user_id": user.id,
                    "reason": "hand",
                    "start_date": start,
                    "due_date": due,
                    "first_response_date": hours and start + timedelta(hours=hours),
                    "response_hours": hours,
                    "result": "open" if hours else "waiting",
                }
                for name, source_id, user, hours in (
                    ("Answered on time", source.id, self.user, 1),
                    ("Answered late", False, self.user, 5 + 24),
                    ("Not answered", False, self.other_user, False),
                )
            ]
        )
        self.start_tour(
            "/odoo/lead-response-dashboard",
            "lead_broadcast_response_dashboard",
            login="boss",
        )
