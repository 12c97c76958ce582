from odoo import api, fields, models

PARTIES = [
    ("partner", "Service partner"),
    ("team", "Team of ours"),
    ("user", "Person of ours"),
    ("nobody", "Nobody yet"),
]
RESULTS = [
    ("waiting", "Waiting for an answer"),
    ("open", "Answered, under way"),
    ("won", "Won"),
    ("completed", "Completed"),
    ("lost", "Lost"),
    ("archived", "Archived"),
    ("escalated", "Given on: time ran out"),
    ("absent", "Given on: absent"),
    ("reassigned", "Given to somebody else"),
    ("offered", "Offered to partners"),
    ("released", "Taken back"),
    ("merged", "Merged into another lead"),
]
REASONS = [
    ("hand", "By hand"),
    ("rule", "By a rule"),
    ("offer", "Accepted an offer"),
    ("escalated", "Time ran out before"),
    ("absent", "Stands in"),
    ("returned", "No partner took it"),
]
# what the clock keeps on leads
MERGED_FIELDS = (
    "first_response_date",
    "response_assignment_id",
    "response_deadline",
    "response_level",
)


class LeadResponseAssignment(models.Model):
    """One time that somebody had a lead: from when to when, how long until the first
    response, whether on time, and what came of it.

    Written by the response clock only; what reports count.
    """

    _name = "lead.response.assignment"
    _description = "Assignment of a Lead"
    _order = "lead_id, id"
    _rec_name = "assignee_name"

    lead_id = fields.Many2one("crm.lead", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="lead_id.company_id")
    previous_id = fields.Many2one(
        "lead.response.assignment",
        "Given on by",
        index="btree_not_null",
        ondelete="set null",
        help="Who had the lead before, if it was given on.",
    )
    party = fields.Selection(PARTIES, required=True)
    partner_id = fields.Many2one(
        "res.partner", "Service Partner", index="btree_not_null", ondelete="set null"
    )
    team_id = fields.Many2one("crm.team", index="btree_not_null", ondelete="set null")
    user_id = fields.Many2one(
        "res.users", "Person", index="btree_not_null", ondelete="set null"
    )
    assignee_name = fields.Char("Assignee", compute="_compute_assignee_name")
    tier_id = fields.Many2one(
        "lead.broadcast.tier", index="btree_not_null", ondelete="set null"
    )
    reason = fields.Selection(REASONS, "Why", required=True)
    assigned_by_id = fields.Many2one("res.users", "By", ondelete="set null")
    policy_id = fields.Many2one(
        "lead.response.policy", index="btree_not_null", ondelete="set null"
    )
    first_level_id = fields.Many2one(
        "lead.response.level",
        ondelete="set null",
        help="The level whose time ran first for this assignee.",
    )
    level_id = fields.Many2one(
        "lead.response.level",
        "Level under Way",
        ondelete="set null",
        help="The level whose time runs; none when nothing is left to happen.",
    )
    last_level_id = fields.Many2one(
        "lead.response.level",
        ondelete="set null",
        help="The level that took effect last.",
    )
    start_date = fields.Datetime("From", required=True, index=True)
    end_date = fields.Datetime("Until")
    due_date = fields.Datetime(
        "To Be Answered by", help="When the first level of this assignee runs out."
    )
    level = fields.Integer(
        "Level Reached", help="How many levels had run out, those before included."
    )
    level_start_date = fields.Datetime(help="From when the time of the level counts.")
    overdue_date = fields.Datetime(
        "Overdue since", help="When the time of this assignee ran out unanswered."
    )
    first_response_date = fields.Datetime("Answered on")
    response_hours = fields.Float(
        "Hours until Answered",
        aggregator="avg",
        help="In working time, counted as the policy says.",
    )
    is_on_time = fields.Boolean("On Time", compute="_compute_is_on_time", store=True)
    result = fields.Selection(RESULTS, required=True, default="waiting")

    _open_uniq = models.UniqueIndex(
        "(lead_id) WHERE end_date IS NULL",
        "A lead is with one assignee at a time.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id", "team_id", "user_id", "party")
    def _compute_assignee_name(self):
        for assignment in self:
            assignment.assignee_name = assignment._get_holder().name or self.env._(
                "Nobody yet"
            )

    @api.depends("first_response_date", "due_date")
    def _compute_is_on_time(self):
        for assignment in self:
            answered, due = assignment.first_response_date, assignment.due_date
            assignment.is_on_time = answered and (not due or answered <= due)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_holder(self):
        """Return whom this row is about."""
        self.ensure_one()
        return self.lead_id._make_holder(
            partner=self.partner_id,
            # of a salesperson's lead the team is only noted
            team=self.team_id if self.party == "team" else None,
            user=self.user_id,
        )

    def _answer(self, moment):
        """Note the first response to these leads, which stops their clocks.

        :param datetime moment: naive UTC
        """
        for assignment in self.filtered(
            lambda row: not (row.first_response_date or row.end_date)
        ):
            level = assignment.first_level_id or assignment.policy_id.level_ids[:1]
            assignment.write(
                {
                    "first_response_date": moment,
                    "response_hours": level._count_hours(
                        assignment.lead_id,
                        assignment._get_holder(),
                        assignment.start_date,
                        moment,
                    ),
                    "result": "open",
                }
            )

    def _end(self, now, reasons):
        """Note that these leads are with somebody else now, or with nobody.

        :param datetime now: naive UTC
        :param reasons: ``{lead: reason}`` of what follows
        """
        by = self.env.user.partner_id
        # who offers a lead to partners, or gives it on, attends to it by that
        own = self.filtered(lambda row: by in row._get_holder()._get_people())
        own.filtered(
            lambda row: reasons[row.lead_id] not in ("escalated", "absent")
        )._answer(now)
        for result, rows in self.grouped(
            lambda row: row._get_result(reasons[row.lead_id])
        ).items():
            rows.write({"end_date": now, "result": result})
        self.flush_recordset(["end_date"])  # the next one begins: see _open_uniq

    def _note_level(self, level, now):
        """Note that a level takes effect, as these assignees have not answered."""
        self.filtered(lambda row: not row.overdue_date).overdue_date = now
        self.last_level_id = level
        for number, rows in self.grouped("level").items():
            rows.level = number + 1

    def _get_past_people(self):
        """Return who had this lead before, and did not answer either."""
        self.ensure_one()
        people, row = self.user_id, self
        while row.reason in ("escalated", "absent") and row.previous_id:
            row = row.previous_id
            people |= row.user_id
        return people

    @api.model
    def _merge(self, head, others, kept):
        """Keep on one lead who had those that are merged into it.

        :param head: the lead that is kept
        :param kept: the one of them whose assignee has the lead from now on
        """
        rows = (head | others).response_assignment_ids
        rows.filtered(
            lambda row: not row.end_date and row != kept.response_assignment_id
        ).write({"end_date": fields.Datetime.now(), "result": "merged"})
        rows.flush_recordset(["end_date"])  # see _open_uniq
        kept._take_answer(rows - kept.response_assignment_id)
        values = {name: kept[name] for name in MERGED_FIELDS}
        others.write(dict.fromkeys(MERGED_FIELDS, False))
        (rows - head.response_assignment_ids).lead_id = head
        head.write(values)

    def _get_result(self, reason):
        """Return what came of this assignment, now that it ends.

        :param str reason: why somebody else has the lead now
        """
        self.ensure_one()
        lead = self.lead_id
        if lead.completion_date:
            return "completed"
        if lead.won_status in ("won", "lost"):
            return lead.won_status
        if not lead.active:
            return "archived"
        if reason in ("escalated", "absent"):
            return reason
        if lead.broadcast_state == "searching":
            return "offered"
        if self.party in ("partner", "team") and not lead.allocated_date:
            return "released"
        return "reassigned"
