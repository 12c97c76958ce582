from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime
from odoo.tools.misc import babel_locale_parse, get_lang

from ..tools import shorten
from .lead_broadcast_notification_event import EVENTS

LAST = 1000

# how old something is, in the largest unit that fits
AGE_UNITS = {"day": 86400, "hour": 3600, "minute": 60}


class LeadBroadcastNoticeText(models.AbstractModel):
    """What templates read about a lead, for one reader: of a notice, and of each line
    of a digest.

    Only staff read the lead's own title, and not even they in what is about tasks,
    which may be anybody's: all others know the work by its service and its place.
    """

    _name = "lead.broadcast.notice.text"
    _description = "Text of a Notice"

    # ------------------------------------------------------------
    # WHO READS
    # ------------------------------------------------------------

    @api.model
    def _get_reader(self):
        """Return whom the text is for."""
        raise NotImplementedError

    @api.model
    def _get_event(self):
        """Return why the lead is spoken of."""
        raise NotImplementedError

    def _get_urgency(self):
        """Return the place of the event in a digest, the lowest first; the last one if
        the rule was deleted meanwhile."""
        event = EVENTS.get(self._get_event())
        return event.urgency if event else LAST

    def _get_reason(self):
        """Tell why somebody gets this.

        :return: ``staff``, ``partner`` (of the offer or the lead), ``master`` of that
            partner, or ``customer``: anybody else
        """
        self.ensure_one()
        reader = self._get_reader()
        if not reader.partner_share:
            return "staff"
        company = reader.commercial_partner_id
        partner = self._get_offer().partner_id
        if company == partner.commercial_partner_id:
            return "partner"
        if partner and company == partner.broadcast_master_id.commercial_partner_id:
            return "master"
        return "customer"

    def _get_tz(self):
        """Return the reader's time zone, else that of the lead's team."""
        self.ensure_one()
        return self._get_reader().tz or (
            self.lead_id._get_team_tz() if self.lead_id else "UTC"
        )

    # ------------------------------------------------------------
    # WHAT IT IS ABOUT
    # ------------------------------------------------------------

    def _get_offer(self):
        """Return the offer this is about: of a lead that is given, the one that won."""
        self.ensure_one()
        return self.offer_id or self.lead_id.allocated_offer_id

    def _get_title(self, length=None):
        """Return what the reader knows the work by, cut to so many characters."""
        self.ensure_one()
        lead, offer = self.lead_id, self._get_offer()
        is_staff = not self._get_reader().partner_share
        if is_staff and not (self.activity_id and lead.service_id):
            title = lead.name or ""
        elif offer:
            title = offer._get_title()
        elif is_staff:
            title = lead._get_service_title()
        else:
            title = offer._join_title(lead.service_id.name, False)
        return title if length is None else shorten(title, length)

    def _get_reference(self):
        """Return the lead's number, as people say it on the phone."""
        self.ensure_one()
        return f"L{self.lead_id.id}" if self.lead_id else ""

    def _get_partner_name(self):
        """Return who has the lead, or whose offer it is."""
        self.ensure_one()
        lead = self.lead_id
        return (
            self._get_offer().partner_id.name
            or lead.allocated_user_id.name
            or lead.allocated_team_id.name
            or ""
        )

    def _get_task(self):
        """Return the kind of the task, without what was written about it."""
        self.ensure_one()
        return self.activity_id.activity_type_id.name or self.env._("Task")

    def _get_link(self):
        """Return where the reader sees the lead, or nothing.

        Only the partner's own people get a link that opens without logging in.
        """
        self.ensure_one()
        reason, offer = self._get_reason(), self._get_offer()
        if reason == "staff":
            return self.lead_id._notify_get_action_link("view") if self.lead_id else ""
        if reason == "partner":
            anchor = "tasks" if self.activity_id else None
            return offer.get_base_url() + offer.get_portal_url(anchor=anchor)
        if reason == "master":
            return f"{offer.get_base_url()}/my/partner_leads/{offer.id}#lead-{offer.id}"
        return ""

    # ------------------------------------------------------------
    # HOW LONG, AND WHAT IS MISSING
    # ------------------------------------------------------------

    def _get_since(self):
        """Return since when it waits: the task, or the lead where it is now."""
        self.ensure_one()
        lead = self.lead_id
        return (
            self.activity_id.create_date
            or lead.allocated_date
            or lead.searching_since
            or lead.create_date
            or fields.Datetime.now()
        )

    def _get_age_text(self):
        """Return for how long it waits, in words."""
        seconds = (fields.Datetime.now() - self._get_since()).total_seconds()
        fitting = [unit for unit, size in AGE_UNITS.items() if seconds >= size]
        unit = next(iter(fitting), "minute")
        return self._format_span(unit, max(seconds // AGE_UNITS[unit], 1))

    @api.model
    def _format_span(self, unit, number):
        """Write a number of days, hours or minutes as the reader's language does."""
        return format_timedelta(
            int(number) * AGE_UNITS[unit],
            granularity=unit,
            threshold=float("inf"),  # people count in days, not in weeks
            locale=babel_locale_parse(get_lang(self.env).code),
        )

    def _get_days_over(self):
        """Return how many days the closure date is past; before it they are negative,
        without one they are 0."""
        self.ensure_one()
        closure_date = self.lead_id.closure_date
        if not closure_date:
            return 0
        today = fields.Date.context_today(self.with_context(tz=self._get_tz()))
        return (today - closure_date).days

    def _get_missing(self):
        """Say in a few words what is yet to be done."""
        self.ensure_one()
        event, lead, days = self._get_event(), self.lead_id, self._get_days_over()
        if self.activity_id:
            return self.env._(
                "%(task)s due %(day)s",
                task=self._get_task(),
                day=format_date(
                    self.env, self.activity_id.date_deadline, date_format="d MMM"
                ),
            )
        if event in ("offered", "expiring"):
            return self.env._("to be answered by %s", self._get_end_of_offer())
        if event == "closure_near" and days == 0:
            return self.env._("due today")
        if event == "closure_near" and days < 0:
            return self.env._("due in %s", self._format_span("day", -days))
        if event == "closure_passed" and days > 0:
            span = self._format_span("day", days)
            return self.env._("%s over the closure date", span)
        if not lead.allocated_date or lead.completion_date:
            return ""
        if not lead.first_response_date:
            return self.env._("not attended")
        return self.env._("not completed")

    def _get_end_of_offer(self):
        """Return until when the offer can be accepted, in the reader's zone."""
        return format_datetime(
            self.env, self.offer_id.valid_until, tz=self._get_tz(), dt_format="HH:mm"
        )
