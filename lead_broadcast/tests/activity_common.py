from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .common import BroadcastCase


class ActivityCase(BroadcastCase):
    """A lead that Green Park Services has, where ``portal_user`` works. Saket Services,
    where ``other_portal_user`` works, was offered it, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls._get_offer(cls.green_park)._accept("portal", cls.portal_user.partner_id)
        cls.offer = cls.lead.sudo().allocated_offer_id

    @classmethod
    def _assign(cls, user, lead=None, by=None, **values):
        """Give a user a task, as the salesperson does; return it as superuser."""
        lead = (lead or cls.lead).with_user(by or cls.user)
        values = {"summary": "Call the customer", **values}
        return lead.activity_schedule(
            "mail.mail_activity_data_call", user_id=user.id, **values
        ).sudo()

    @classmethod
    def _meet(cls, organizer, attendees=None, days=3, **values):
        """Make an appointment on the lead, as its button does; return it as
        superuser."""
        meetings = cls.env["calendar.event"].with_user(cls.user)
        meetings = meetings.with_context(default_opportunity_id=cls.lead.id)
        start = fields.Datetime.now() + timedelta(days=days)
        partners = attendees if attendees is not None else organizer.partner_id
        return meetings.create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": organizer.id,
                "partner_ids": [Command.set(partners.ids)],
                **values,
            }
        ).sudo()

    def _get_told(self, activities, event="activity"):
        """Return who has a notice about activities: ``{(person, channel)}``."""
        notices = self.env["lead.broadcast.notice"].search(
            [("event", "=", event), ("activity_id", "in", activities.ids)]
        )
        return {(notice.recipient_id, notice.channel) for notice in notices}

    def _get_messages(self, text):
        """Return core's own messages to people, by a text of their subject."""
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("subject", "ilike", text),
            ]
        )
