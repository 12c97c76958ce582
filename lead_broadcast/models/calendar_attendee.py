from odoo import models


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def _send_invitation_emails(self):
        """Invite nobody who is told of the very same appointment as an activity."""
        return super(
            CalendarAttendee, self - self._filter_told()
        )._send_invitation_emails()

    def _filter_told(self):
        """Return those for whom the matrix has a message waiting about an activity of
        their event."""
        activities = self.event_id.activity_ids
        # sudo: whoever invites need not see the outbox
        notices = self.env["lead.broadcast.notice"].sudo()
        waiting = notices.search(
            [
                ("event", "=", "activity"),
                ("activity_id", "in", activities.ids),
                ("state", "=", "pending"),
            ]
        )
        told = {
            (notice.activity_id.calendar_event_id, notice.recipient_id)
            for notice in waiting
        }
        return self.filtered(
            lambda attendee: (attendee.event_id, attendee.partner_id) in told
        )
