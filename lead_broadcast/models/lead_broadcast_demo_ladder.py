from datetime import timedelta

from odoo import api, fields, models


class LeadBroadcastDemo(models.AbstractModel):
    """Searches of the demo data that climb a ladder."""

    _inherit = "lead.broadcast.demo"

    @api.model
    def _play_ladder(self, lead_id, rounds, pause=False):
        """Play a search by the ladder of a lead.

        :param rounds: ``[(hours ago, validity in hours, events), ...]``, one for each
            round of the search; events are those of ``_play_round``
        :param bool pause: whether somebody pauses the search then
        """
        lead = self._browse_leads(lead_id)
        lead.with_user(lead.user_id)._start_ladder()
        for hours_ago, validity_hours, events in rounds:
            broadcast = lead._get_open_rounds()
            broadcast.valid_until = fields.Datetime.now() + timedelta(
                hours=validity_hours
            )
            start = self._hours_ago(hours_ago)
            self._play_events(broadcast, start, events)
            if broadcast.state == "open":
                lead.next_action_at = broadcast.valid_until
            else:
                lead._climb()
                self._backdate(lead, broadcast.end_date)
        if pause:
            lead._pause_ladder()
