from odoo import fields, models
from odoo.tools import SQL

from ..models.crm_lead_intake import INTAKE_CHANNELS
from ..models.lead_response_assignment import PARTIES, REASONS, RESULTS

ANSWERS = [
    ("on_time", "On time"),
    ("late", "Late"),
    ("overdue", "Overdue"),
    ("missed", "Missed"),
    ("waiting", "To be answered"),
    ("none", "Not counted"),
]


class LeadResponseReport(models.Model):
    """How those who are given leads answer them: one row per time somebody had one.

    What counts as on time is defined here, once. A row counts as soon as its assignee
    has answered or let the time run out. Not counted are those who gave the lead back
    before that, for whatever reason, absence among them.
    """

    _name = "lead.response.report"
    _description = "Response Analysis"
    _auto = False
    _order = "start_date desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    assignee_id = fields.Many2one("lead.response.assignee", readonly=True)
    party = fields.Selection(PARTIES, "Kind of Assignee", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    partner_id = fields.Many2one("res.partner", "Service Partner", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)
    tier_id = fields.Many2one("lead.broadcast.tier", readonly=True)
    policy_id = fields.Many2one("lead.response.policy", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", readonly=True)
    intake_channel = fields.Selection(INTAKE_CHANNELS, "Came in by", readonly=True)
    intake_form = fields.Char("Form", readonly=True)
    service_id = fields.Many2one("lead.broadcast.service", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    state_id = fields.Many2one("res.country.state", readonly=True)
    reason = fields.Selection(REASONS, "Assigned", readonly=True)
    result = fields.Selection(RESULTS, readonly=True)
    response_state = fields.Selection(
        related="lead_id.response_state", string="Lead Now"
    )
    answer = fields.Selection(
        ANSWERS,
        readonly=True,
        help="Overdue: not answered to this moment. Missed: the time ran out, then"
        " somebody else got the lead or it was closed. Not counted: that happened"
        " before the time ran out, for example as the assignee was absent, or no policy"
        " set a time.",
    )
    start_date = fields.Datetime("Assigned on", readonly=True)
    due_date = fields.Datetime("To Be Answered by", readonly=True)
    first_response_date = fields.Datetime("Answered on", readonly=True)
    end_date = fields.Datetime("Until", readonly=True)
    on_time = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Share of those answered on time, of those that count.",
    )
    response_hours = fields.Float(
        "Hours until Answered (Average)",
        readonly=True,
        aggregator="avg",
        help="Of those that were answered, in working time.",
    )
    median_hours = fields.Float(
        "Hours until Answered (Median)",
        readonly=True,
        aggregator="avg",  # groups get the median, see _read_group_select
        help="Half of those that were answered waited no longer, in working time.",
    )
    answered = fields.Integer(readonly=True)
    waiting = fields.Integer(
        "To Be Answered", readonly=True, help="By now, overdue ones included."
    )
    overdue = fields.Integer(readonly=True, help="By now.")
    level = fields.Integer(
        "Level Reached",
        readonly=True,
        aggregator="max",
        help="How many levels had run out, those of earlier assignees included.",
    )
    escalations = fields.Integer(
        readonly=True, help="How many levels ran out with this assignee."
    )
    nbr = fields.Integer("# Assignments", readonly=True)

    _depends = {
        "lead.response.assignment": [
            "lead_id",
            "previous_id",
            "party",
            "partner_id",
            "team_id",
            "user_id",
            "tier_id",
            "reason",
            "policy_id",
            "start_date",
            "end_date",
            "due_date",
            "level",
            "overdue_date",
            "first_response_date",
            "response_hours",
            "result",
        ],
        "crm.lead": [
            "company_id",
            "team_id",
            "source_id",
            "medium_id",
            "intake_channel",
            "intake_form",
            "service_id",
            "country_id",
            "state_id",
        ],
    }

    # ------------------------------------------------------------
    # QUERY
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL("%s %s", self._select(), self._from())

    def _select(self):
        return SQL(
            """
            SELECT assignment.id,
                   assignment.lead_id,
                   lead.company_id,
                   %(assignee)s AS assignee_id,
                   assignment.party,
                   assignment.user_id,
                   assignment.partner_id,
                   COALESCE(assignment.team_id, lead.team_id) AS team_id,
                   assignment.tier_id,
                   assignment.policy_id,
                   lead.source_id,
                   lead.medium_id,
                   lead.intake_channel,
                   lead.intake_form,
                   lead.service_id,
                   lead.country_id,
                   lead.state_id,
                   assignment.reason,
                   assignment.result,
                   status.answer,
                   assignment.start_date,
                   assignment.due_date,
                   assignment.first_response_date,
                   assignment.end_date,
                   CASE WHEN status.answer = 'on_time' THEN 1.0
                        WHEN status.answer IN ('late', 'overdue', 'missed') THEN 0.0
                    END AS on_time,
                   CASE WHEN assignment.first_response_date IS NOT NULL
                        THEN assignment.response_hours
                    END AS response_hours,
                   CASE WHEN assignment.first_response_date IS NOT NULL
                        THEN assignment.response_hours
                    END AS median_hours,
                   (assignment.first_response_date IS NOT NULL)::int AS answered,
                   (status.answer IN ('overdue', 'waiting'))::int AS waiting,
                   (status.answer = 'overdue')::int AS overdue,
                   assignment.level,
                   assignment.level - COALESCE(previous.level, 0) AS escalations,
                   1 AS nbr
            """,
            assignee=self.env["lead.response.assignee"]._get_id_sql(
                partner=SQL("assignment.partner_id"),
                user=SQL("assignment.user_id"),
                team=SQL("assignment.team_id"),
            ),
        )

    def _from(self):
        return SQL(
            """
            FROM lead_response_assignment AS assignment
            JOIN crm_lead AS lead ON lead.id = assignment.lead_id
       LEFT JOIN lead_response_assignment AS previous
              ON previous.id = assignment.previous_id
      CROSS JOIN LATERAL (SELECT %s AS answer) AS status
            """,
            self._get_answer_sql(),
        )

    def _get_answer_sql(self):
        """Return the expression of how the assignee answers.

        The clock notes what is overdue when it comes round; here it is so from the
        first second.
        """
        return SQL(
            """
            CASE WHEN assignment.due_date IS NULL
                 THEN 'none'
                 WHEN assignment.first_response_date <= assignment.due_date
                 THEN 'on_time'
                 WHEN assignment.first_response_date IS NOT NULL
                 THEN 'late'
                 WHEN assignment.overdue_date IS NULL
                      AND COALESCE(assignment.end_date, %(now)s) <= assignment.due_date
                 THEN CASE WHEN assignment.end_date IS NULL
                           THEN 'waiting' ELSE 'none' END
                 WHEN assignment.end_date IS NULL
                 THEN 'overdue'
                 ELSE 'missed'
             END
            """,
            now=fields.Datetime.now(),
        )

    def _read_group_select(self, aggregate_spec, query):
        """The median is none of the ORM's aggregates."""
        if aggregate_spec != "median_hours:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)",
            self._field_to_sql(self._table, "median_hours", query),
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_leads(self):
        """Open the leads of these rows."""
        leads = self.lead_id
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Leads"),
            "res_model": "crm.lead",
            "context": {"active_test": False},  # closed ones are counted, too
        }
        if len(leads) == 1:
            return {**action, "res_id": leads.id, "views": [(False, "form")]}
        return {
            **action,
            "domain": [("id", "in", leads.ids)],
            "views": [(False, "list"), (False, "form")],
        }
