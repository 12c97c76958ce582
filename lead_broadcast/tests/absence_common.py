from datetime import timedelta

from odoo import fields

from .clock_common import ClockCase


class AbsenceCase(ClockCase):
    """The clock's world, in which people go away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Backup = cls.env["lead.response.backup"]

    @classmethod
    def _be_absent(cls, users, start=None, **duration):
        """Have people take time off, from now on by default."""
        start = start or fields.Datetime.now()
        resources = cls.env["resource.resource"].create(
            [{"name": user.name, "user_id": user.id} for user in users]
        )
        return cls.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Away",
                    "resource_id": resource.id,
                    "date_from": start,
                    "date_to": start + timedelta(**duration),
                }
                for resource in resources
            ]
        )
