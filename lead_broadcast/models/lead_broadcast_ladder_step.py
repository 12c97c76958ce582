from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError

from ..tools import add_working_time
from .lead_broadcast import AUDIENCES

STEP_AUDIENCES = ("preferred", "nearest", "wider", "list", "again", "on_the_way")


class LeadBroadcastLadderStep(models.Model):
    """What is tried at one step of a search: who is asked, how, and for how long."""

    _name = "lead.broadcast.ladder.step"
    _description = "Step of a Search Ladder"
    _order = "ladder_id, sequence, id"

    ladder_id = fields.Many2one(
        "lead.broadcast.ladder", required=True, index=True, ondelete="cascade"
    )
    origin_id = fields.Many2one(
        "lead.broadcast.ladder.step",
        "Copy of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The step this one was when leads began to follow it.",
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    audience = fields.Selection(
        [pair for pair in AUDIENCES if pair[0] in STEP_AUDIENCES]
        + [("people", "People of ours")],
        "Who Is Asked",
        required=True,
        default="nearest",
    )
    # whom
    wave_size = fields.Integer(
        "Partners",
        help="How many are asked. 0: as many as the service says of those nearest,"
        " and everybody of lists, of those asked before, and of those on the way.",
    )
    radius_km = fields.Float(
        "Radius (km)",
        help="0: as the service says. Of a wider radius the larger of both counts.",
    )
    beyond_own_radius = fields.Boolean(
        "Beyond Their Own Radius",
        help="Ask also partners that usually work nearer to their place.",
    )
    list_ids = fields.Many2many(
        "lead.broadcast.list",
        "lead_broadcast_ladder_step_list_rel",
        "step_id",
        "list_id",
        string="Lists",
        context={"active_test": False},  # without its only list it would use all
        help="None: all lists that fit the lead, by its size and region.",
    )
    ask_again = fields.Boolean(
        help="Ask also partners that did not answer an earlier offer of the lead.",
    )
    way_km = fields.Float(
        "Detour (km)",
        default=50.0,
        help="How far one end of the partner's job may be from one end of this one.",
    )
    way_days = fields.Integer(
        "Days Around",
        default=2,
        help="How many days before and after the lead's dates the job may lie.",
    )
    way_state_ids = fields.Many2many(
        "res.country.state",
        "lead_broadcast_ladder_step_state_rel",
        "step_id",
        "state_id",
        string="States",
        help="One end of the partner's job must lie in one of these. None: anywhere.",
    )
    way_same_size = fields.Boolean(
        "Same Size", help="The partner's job must be of the same size as this one."
    )
    # how
    by_mail = fields.Boolean("Email", default=True)
    by_sms = fields.Boolean("SMS", default=True)
    by_inbox = fields.Boolean("In-app", default=True)
    validity_hours = fields.Float(
        "Validity (hours)",
        help="How long offers can be accepted, in working hours where there are some;"
        " then the next step is taken. 0: as the service says.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        ondelete="restrict",
        help="When this step may be taken. None: the working hours of the ladder.",
    )
    # people of ours
    responsible = fields.Selection(
        [
            ("owner", "Salesperson of the lead"),
            ("leader", "Leader of the lead's team"),
            ("user", "A certain person"),
        ],
        default="owner",
        required=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Person",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="Gets the activity; also of leads without a salesperson or team leader.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        domain="[('res_model', 'in', [False, 'crm.lead'])]",
        ondelete="restrict",
    )
    activity_note = fields.Text(
        translate=True, help="What the person is to do about a lead nobody took."
    )

    _check_figures = models.Constraint(
        "CHECK(wave_size >= 0 AND radius_km >= 0 AND way_km >= 0 AND way_days >= 0"
        " AND way_days <= 365 AND validity_hours >= 0 AND validity_hours <= 8760)",
        "Figures of a step cannot be negative; the validity is a year at most, as are"
        " the days around the dates of a lead.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("audience", "by_mail", "by_sms", "by_inbox")
    def _check_channels(self):
        for step in self:
            if step.audience != "people" and not step._get_channels():
                raise ValidationError(
                    self.env._(
                        "Step %s asks partners by no channel. Choose at least one.",
                        step.name,
                    )
                )

    @api.constrains("audience", "responsible", "user_id")
    def _check_person(self):
        for step in self:
            if (
                step.audience == "people"
                and step.responsible == "user"
                and not step.user_id
            ):
                raise ValidationError(
                    self.env._("Choose the person who gets the leads of %s.", step.name)
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.ladder_id._forget_snapshot()
        return steps

    def write(self, vals):
        ladders = self.ladder_id
        result = super().write(vals)
        (ladders | self.ladder_id)._forget_snapshot()
        return result

    def unlink(self):
        ladders = self.ladder_id
        result = super().unlink()
        ladders._forget_snapshot()
        return result

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_channels(self):
        """Return the channels by which partners are asked."""
        self.ensure_one()
        return {
            channel for channel in ("inbox", "mail", "sms") if self[f"by_{channel}"]
        }

    def _get_calendar(self):
        """Return the working hours of this step, which may be none."""
        self.ensure_one()
        return self.calendar_id or self.ladder_id.calendar_id

    def _get_opening(self, moment):
        """Return when this step may be taken, at a moment or after it.

        :param datetime moment: naive UTC, as is what is returned
        """
        self.ensure_one()
        return self._add_working_time(0, moment)

    def _add_working_time(self, hours, start):
        """Return when so many hours are over, counted in working time.

        :param float hours: of work; where there are no working hours, of the clock
        :param datetime start: naive UTC, as is what is returned
        """
        return add_working_time(self and self._get_calendar(), hours, start)

    def _get_following(self, lead):
        """Return the step that a lead takes after this one, or no step."""
        self.ensure_one()
        steps = self.ladder_id.step_ids
        after = steps[steps.ids.index(self.id) + 1 :]
        return after._filter_left(lead)[:1]

    def _filter_left(self, lead):
        """Return those of these steps that a lead has not taken yet since its search
        was started, or changed by hand: also not as they were in an earlier copy."""
        taken = lead.broadcast_ids.filtered(
            lambda broadcast: broadcast.ladder_run == lead.ladder_run
        ).step_id
        return self.filtered(
            lambda step: (
                step not in taken
                and not (step.origin_id and step.origin_id in taken.origin_id)
            )
        )

    def _get_responsible(self, leads):
        """Return who takes care of leads that nobody took: whom the step names, if
        that person can see the lead, else who is nearest to it.

        :return: ``{lead: res.users}``, no user where nobody can see it
        """
        self.ensure_one()
        named = {
            "owner": lambda lead: lead.user_id,
            "leader": lambda lead: lead.team_id.user_id,
            "user": lambda lead: self.user_id,
        }
        administrators = self.env.ref("lead_broadcast.group_administrator").all_user_ids
        supervisors = self.env.ref("lead_broadcast.group_supervisor").all_user_ids
        # administrators see everything, and are not near to anything
        bosses = supervisors.filtered(lambda user: user.id != SUPERUSER_ID).sorted(
            lambda user: (user in administrators, user.id)
        )
        candidates = (
            named[self.responsible],
            *named.values(),
            lambda lead: (lead.company_id or self.env.company).broadcast_head_id,
            *(lambda lead, boss=boss: boss for boss in bosses),
        )
        people = dict.fromkeys(leads, self.env["res.users"])
        left = leads
        for get_candidate in candidates:
            if not left:
                break
            for user, group in left.grouped(get_candidate).items():
                readable = group._filter_readable_by(user)
                people.update(dict.fromkeys(readable, user))
                left -= readable
        return people
