import random
from datetime import timedelta

from odoo import api, fields, models

from .crm_lead_clock import GRACE

SEED = 7
ROW_DATES = (
    "end_date",
    "first_response_date",
    "level_start_date",
    "overdue_date",
    "start_date",
)
# where leads of the past came from, how, by which form, and how often
ENTRIES = [
    ("source_telephone", "hand", False, 5),
    ("source_website", "website", "/contactus", 3),
    ("source_mail", "mail", False, 2),
    ("source_portal", "api", "Shared portal", 2),
]


class LeadBroadcastDemo(models.AbstractModel):
    """People of the demo data take their time to answer, some of them too much."""

    _inherit = "lead.broadcast.demo"

    # ------------------------------------------------------------
    # CALLED BY THE DEMO DATA
    # ------------------------------------------------------------

    @api.model
    def _play_wait(self, lead_id, hours_ago, absent_hours_ago=0):
        """Let a lead wait for its salesperson since some hours ago.

        :param absent_hours_ago: when that person went on leave; 0 for never
        """
        lead = self._browse_leads(lead_id)
        self._backdate(lead, self._hours_ago(hours_ago))
        if absent_hours_ago:
            lead._give_to_back_ups()
            self._backdate(lead, self._hours_ago(absent_hours_ago))

    @api.model
    def _run_clocks(self):
        """Let everything take effect whose time ran out until now."""
        Lead = self.env["crm.lead"]
        for lead in self._browse_leads(Lead.search(Lead._get_overdue_domain()).ids):
            self._run_clock(lead, fields.Datetime.now())

    # ------------------------------------------------------------
    # THE PAST
    # ------------------------------------------------------------

    def _invent_entries(self, vals_list):
        """Throw the dice: how long before they were offered leads of the past came in,
        and from where."""
        rng = random.Random(SEED)
        for vals in vals_list:
            user = self.env["res.users"].browse(vals["user_id"])
            name, channel, form, _often = rng.choices(
                ENTRIES, [often for *_entry, often in ENTRIES]
            )[0]
            source = self.env.ref(f"lead_broadcast.{name}", raise_if_not_found=False)
            vals["create_date"] -= self._invent_delay(rng, user.name)
            vals["intake_channel"] = channel
            vals["intake_form"] = form
            vals["source_id"] = source and source.id

    def _invent_delay(self, rng, name):
        """Return how long somebody takes to answer this time: some are slow."""
        usual_hours = random.Random(name).uniform(2, 26)
        return timedelta(hours=min(rng.expovariate(1 / usual_hours), 96))

    def _play_entries(self, leads, ends):
        """Let leads of the past come in, and wait until they were offered.

        :param ends: the moments of that
        """
        for lead, end in zip(leads, ends, strict=True):
            self._backdate(lead, lead.create_date)
            self._run_clock(lead, end)

    def _play_return(self, lead):
        """Let somebody of us attend to a lead of the past that no partner took."""
        row = lead.response_assignment_id
        if not lead._is_running() or not row:
            return
        now = fields.Datetime.now()
        rng = random.Random(f"{lead.name} {row.start_date:%d}")
        moment = row.start_date + self._invent_delay(rng, row.assignee_name)
        self._run_clock(lead, min(moment, now))
        if moment < now:
            lead._note_response(lead._get_holder()._get_people()[:1])
            lead.first_response_date = moment
            self._backdate(lead, moment)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _run_clock(self, lead, end):
        """Let the levels take effect whose time ran out before a moment."""
        while lead.response_deadline and lead.response_deadline < end:
            moment = lead.response_deadline + GRACE
            lead._run_out()
            # its notices are told apart by their moment
            notices = self.env["lead.broadcast.notice"].search(
                [
                    ("lead_id", "=", lead.id),
                    ("event", "=", "escalated"),
                    ("slot", ">=", str(self.env.cr.now().replace(microsecond=0))),
                ]
            )
            notices.slot = str(moment)
            notices.flush_recordset(["slot"])
            self._backdate(lead, moment)

    def _report(self, lead, by, what, moment):
        self._run_clock(lead, moment)
        return super()._report(lead, by, what, moment)

    def _backdate(self, lead, moment):
        """Move who had the lead back in time, too, and what time they had left."""
        result = super()._backdate(lead, moment)
        just_now = self.env.cr.now().replace(microsecond=0)
        moved = self.env["lead.response.assignment"]
        for name in ROW_DATES:
            rows = lead.response_assignment_ids.filtered(
                lambda row, name=name: row[name] and row[name] >= just_now
            )
            rows[name] = moment
            moved |= rows
        for row in moved:
            level, holder = row.first_level_id, row._get_holder()
            row.due_date = self._get_deadline(lead, level, holder, row.start_date)
            if row.first_response_date:
                row.response_hours = level._count_hours(
                    lead, holder, row.start_date, row.first_response_date
                )
        current = lead.response_assignment_id
        if current in moved and lead.response_deadline:
            lead.response_deadline = self._get_deadline(
                lead,
                lead._get_running_level(),
                current._get_holder(),
                current.level_start_date,
            )
        return result

    def _get_deadline(self, lead, level, holder, start):
        return lead._get_deadlines({lead: level}, {lead: holder}, start).get(lead)
