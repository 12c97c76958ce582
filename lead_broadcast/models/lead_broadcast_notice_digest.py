from odoo import models

MAX_LINES = 500

# where people find all their leads
PORTAL_LISTS = {"partner": "/my/service_leads", "master": "/my/partner_leads"}
STAFF_LIST = "/odoo/action-lead_broadcast.crm_lead_action_service"


class LeadBroadcastNoticeLine(models.Model):
    _name = "lead.broadcast.notice.line"
    _inherit = ["lead.broadcast.notice.line", "lead.broadcast.notice.text"]

    def _get_reader(self):
        return self.notice_id.recipient_id

    def _get_event(self):
        return self.rule_id.event


class LeadBroadcastNotice(models.Model):
    """What the template of a digest reads: many leads, each once, grouped by why.

    The same template serves a notice without lines: it is its own only line.
    """

    _name = "lead.broadcast.notice"
    _inherit = ["lead.broadcast.notice", "lead.broadcast.notice.text"]

    def _get_reader(self):
        return self.recipient_id

    def _get_event(self):
        return self.event

    def _get_reason(self):
        """Of a digest, whatever of its lines is closest to the leads."""
        if not self.line_ids:
            return super()._get_reason()
        reasons = {line._get_reason() for line in self.line_ids}
        return next(
            reason
            for reason in ("staff", "partner", "master", "customer")
            if reason in reasons
        )

    def _get_link(self):
        """Of a digest, the list of the reader's leads."""
        if not self.line_ids:
            return super()._get_link()
        reason = self._get_reason()
        path = STAFF_LIST if reason == "staff" else PORTAL_LISTS.get(reason, "")
        return path and self.get_base_url() + path

    def _get_count(self):
        """Return how many leads this is about."""
        self.ensure_one()
        return len((self.line_ids or self).lead_id)

    def _get_digest_groups(self):
        """Return the leads of a digest by why they are in it, the most urgent first.

        A lead with several reasons appears under the most urgent one, with all its
        tasks if that is what it is about.

        :return: list of dicts with ``event``, its ``label``, ``lines``, and how many
            ``more`` there are than one message can hold
        """
        self.ensure_one()
        labels = dict(self._fields["event"]._description_selection(self.env))
        groups, room = [], MAX_LINES
        for event, leads in self._get_lines_by_event().items():
            shown = leads[:room]
            room -= len(shown)
            groups.append(
                {
                    "event": event,
                    "label": labels.get(event, ""),
                    "lines": [self._prepare_digest_line(lines) for lines in shown],
                    "more": len(leads) - len(shown),
                }
            )
        return groups

    def _get_lines_by_event(self):
        """Return ``{event: [lines of one lead, ...]}``, the most urgent and the oldest
        first."""
        lines = (self.line_ids or self).filtered("lead_id")
        lines = lines.sorted(lambda line: (line._get_urgency(), line._get_since()))
        by_event = {}
        for lead_lines in lines.grouped("lead_id").values():
            event = lead_lines[0]._get_event()
            same = lead_lines.grouped(lambda line: line._get_event())
            by_event.setdefault(event, []).append(same[event])
        return by_event

    def _prepare_digest_line(self, lines):
        """Return what a digest says about one lead.

        :param lines: of this lead, all with the same event
        """
        line, *_others = lines  # not lines[0]: that is read apart from all others
        is_own = line._get_reason() == "partner"
        return {
            "title": line._get_title(),
            "link": line._get_link(),
            "reference": line._get_reference(),
            "age": line._get_age_text(),
            "missing": "; ".join(
                filter(None, dict.fromkeys(line._get_missing() for line in lines))
            ),
            "partner": "" if is_own else line._get_partner_name(),
        }
