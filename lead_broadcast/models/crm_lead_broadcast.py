from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmLead(models.Model):
    """The search: rounds in which partners are offered the work."""

    _inherit = "crm.lead"

    broadcast_ids = fields.One2many(
        "lead.broadcast", "lead_id", copy=False, groups="lead_broadcast.group_user"
    )
    broadcast_count = fields.Integer("Rounds", compute="_compute_broadcast_counts")
    offer_ids = fields.One2many(
        "lead.broadcast.offer",
        "lead_id",
        copy=False,
        groups="lead_broadcast.group_user",
    )
    offer_count = fields.Integer("Offers", compute="_compute_broadcast_counts")
    broadcast_state = fields.Selection(
        [
            ("none", "Not offered"),
            ("searching", "Searching"),
            ("allocated", "Allocated"),
            ("exhausted", "Nobody took it"),
        ],
        "Broadcast Status",
        compute="_compute_broadcast_state",
        group_expand=True,
        store=True,
        index=True,
        copy=False,
    )
    searching_since = fields.Datetime(readonly=True, copy=False)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("broadcast_ids", "offer_ids")
    def _compute_broadcast_counts(self):
        # sudo: a lead's reader may know how often it was offered
        rounds, offers = (
            dict(
                self.env[model]
                .sudo()
                ._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"])
            )
            for model in ("lead.broadcast", "lead.broadcast.offer")
        )
        for lead in self:
            lead.broadcast_count = rounds.get(lead._origin, 0)
            lead.offer_count = offers.get(lead._origin, 0)

    @api.depends(
        "allocated_offer_id",
        "allocated_team_id",
        "broadcast_ids.state",
        "broadcast_ids.end_date",
        "ladder_state",
    )
    def _compute_broadcast_state(self):
        for lead in self:
            states = lead.broadcast_ids.mapped("state")
            ended = lead.broadcast_ids.filtered("end_date").sorted("end_date")
            if lead.allocated_offer_id or lead.allocated_team_id:
                lead.broadcast_state = "allocated"
            elif "open" in states or lead.ladder_state in ("running", "paused"):
                lead.broadcast_state = "searching"
            elif (
                lead.ladder_state in ("handed", "ended")
                or ended[-1:].state == "expired"
            ):
                lead.broadcast_state = "exhausted"
            else:
                lead.broadcast_state = "none"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_broadcast(self):
        """Open the wizard that shows who will be asked, or first the short form
        where a single lead lacks what partners must know."""
        if len(self) == 1 and not (self.service_id and self.service_place):
            return self._get_records_action(
                name=self.env._("Service Lead"),
                target="new",
                views=[
                    (
                        self.env.ref("lead_broadcast.crm_lead_view_form_service").id,
                        "form",
                    )
                ],
            )
        if len(self) == 1:
            self._check_can_broadcast()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_wizard_action"
        )
        action["context"] = {
            "default_lead_ids": self.ids,
            "dialog_size": "extra-large",
            "new_service_lead": self.env.context.get("new_service_lead"),
        }
        return action

    def action_stop_broadcast(self):
        """Stop searching: open offers are withdrawn and the partners told."""
        self._check_may_steer()
        self._end_ladder()
        leads = self.sudo()  # sudo: the right to the lead is enough
        leads.broadcast_ids._cancel()
        # between two rounds none is cancelled, and yet the search is over
        ended = leads.filtered(lambda lead: lead.broadcast_state == "exhausted")
        ended.searching_since = False

    def action_open_broadcasts(self):
        """Open the rounds of these leads."""
        return self._open_of_leads("lead_broadcast.lead_broadcast_action")

    def action_open_offers(self):
        """Open the offers of these leads."""
        return self._open_of_leads("lead_broadcast.lead_broadcast_offer_action")

    def _open_of_leads(self, action_xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(action_xmlid)
        action["domain"] = [("lead_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _broadcast(self, candidates, validity_hours=None, step=None, audience=None):
        """Offer each lead to its selected candidates, in one round per lead.

        :param candidates: ``{lead: [values of lead.broadcast.candidate.mixin, ...]}``
            as from ``lead.broadcast.audience._find``; all are kept as the audit trail
        :param float validity_hours: instead of the step's, or each service's own
        :param step: the step of a ladder that is taken; none by hand
        :param str audience: what partners have in common; as the candidates are if
            unset
        :return: the new ``lead.broadcast`` records
        :raise UserError: when a lead cannot be offered; then nothing is sent
        """
        self._check_can_broadcast()
        now = fields.Datetime.now()
        self._start_searching(now)
        ends = self._get_ends(now, validity_hours, step)
        vals_list = []
        for lead in self:
            lines = candidates[lead]
            selected = [line for line in lines if line["selected"]]
            if not selected:
                raise UserError(self.env._("Nobody is selected for %s.", lead.name))
            vals_list.append(
                {
                    "lead_id": lead.id,
                    "sequence": lead.broadcast_count + 1,
                    "user_id": (step and lead.user_id or self.env.user).id,
                    "audience": audience or lead._get_audience(selected),
                    "step_id": step.id if step else False,
                    "ladder_run": lead.ladder_run if step else 0,
                    "start_date": now,
                    "valid_until": ends[lead],
                    "candidate_ids": [fields.Command.create(line) for line in lines],
                    "offer_ids": [
                        fields.Command.create(
                            {
                                key: line[key]
                                for key in ("partner_id", "distance", "is_located")
                            }
                        )
                        for line in selected
                    ],
                }
            )
        # sudo: users start rounds by this method only, not by writing them
        broadcasts = self.env["lead.broadcast"].sudo().create(vals_list)
        self.env["lead.broadcast.notification.rule"]._notify(
            "offered", broadcasts.offer_ids
        )
        broadcasts._log_story(
            lambda broadcast, env: env._(
                "Round %(round)s: offered to %(partners)s, valid until %(until)s.",
                round=broadcast.sequence,
                partners=", ".join(broadcast.offer_ids.mapped("partner_id.name")),
                until=broadcast._format_valid_until(),
            )
        )
        return broadcasts

    def _start_searching(self, now):
        """Note since when partners are searched for: since the first round after which
        somebody had the lead, or the search was stopped.

        A real UPDATE in any case, as in ``_claim``: two rounds of a lead that start at
        the same moment, or a round and an answer, must collide and one be retried.
        """
        self.flush_recordset(["searching_since", "broadcast_state"])
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead
                   SET searching_since = CASE
                       WHEN broadcast_state IN ('searching', 'exhausted')
                       THEN COALESCE(searching_since, %(now)s)
                       ELSE %(now)s END
                 WHERE id = ANY(%(ids)s)
             RETURNING id
                """,
                now=now,
                ids=self.ids,
            )
        )
        self.invalidate_recordset(["searching_since"], flush=False)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def _check_can_broadcast(self):
        """Refuse leads that cannot be offered, saying what to do."""
        self._check_no_problem(lambda lead: lead._get_broadcast_problem())

    def _get_broadcast_problem(self):
        """Return why this lead cannot be offered and what to do, or False."""
        self.ensure_one()
        if problem := self._get_allocation_problem():
            return problem
        if not self.service_id:
            return self.env._("Choose its service first.")
        now = fields.Datetime.now()
        if self._get_valid_until(now) <= now:
            return self.env._("Its closure date has passed. Set a later one first.")
        return False

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _get_audience(self, selected):
        if any(line["is_preferred"] for line in selected):
            return "preferred"
        located = any(line["is_located"] for line in selected)
        return "nearest" if located else "region"

    def _get_valid_until(self, start, validity_hours=None, step=None):
        """Return when an offer made at ``start`` ends, see ``_get_ends``."""
        self.ensure_one()
        return self._get_ends(start, validity_hours, step)[self]

    def _get_ends(self, start, validity_hours=None, step=None):
        """Return when offers made at ``start`` end: after the validity, sooner where
        the closure date is near, and never after it.

        :param datetime start: naive UTC, as is what is returned
        :param float validity_hours: set by hand; else the step's or the service's,
            which urgency shortens
        :param step: the step of a ladder; its validity is counted in working time
        :return: ``{lead: moment}``
        """
        step = step or self.env["lead.broadcast.ladder.step"]
        ends = {}
        for hours, leads in self.grouped(
            lambda lead: (
                validity_hours
                or lead._get_urgent_hours(
                    step.validity_hours or lead.service_id.validity_hours
                )
            )
        ).items():
            end = step._add_working_time(hours, start)  # once: it reads a calendar
            ends.update(
                (lead, min(end, lead._get_closure_end() or end)) for lead in leads
            )
        return ends
