from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import add_working_time, count_working_time, get_known_zone


class LeadResponseLevel(models.Model):
    """A time allowed for the first response, and what happens when it has run out."""

    _name = "lead.response.level"
    _description = "Level of a Response Policy"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one(
        "lead.response.policy", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    hours = fields.Float(
        "Time Allowed", required=True, default=8, help="In hours of working time."
    )
    clock = fields.Selection(
        [
            ("assignee", "The assignee's working hours"),
            ("company", "The company's working hours"),
            ("calendar", "These working hours"),
            ("always", "Around the clock"),
        ],
        "Counted in",
        default="assignee",
        required=True,
        help="The assignee's: those of the person, else the company's; on the clock of"
        " the person or partner.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar", "Working Hours", ondelete="restrict"
    )
    action = fields.Selection(
        [
            ("alert", "Alert"),
            ("backup", "Give it to the back-up"),
            ("user", "Give it to this person"),
            ("master", "Give it to the master partner"),
            ("rebroadcast", "Withdraw and search again"),
            ("management", "Tell management"),
        ],
        "What Happens",
        default="alert",
        required=True,
        help="The back-up of a person is named on the user, else the team's leader; of"
        " a partner's lead it is the team's leader. Where there is no master partner,"
        " or partners cannot be searched for, the back-up gets the lead.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Person",
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    management_ids = fields.Many2many(
        "res.users",
        # as text: else creating users would look for levels, and flush half-made ones
        domain="[('share', '=', False)]",
        help="Who is told at this level. Nobody: the head named in the settings.",
    )
    repeat = fields.Boolean(
        "Again and Again",
        help="Of the last level: it happens again each time the time runs out, until"
        " somebody answers.",
    )

    _check_hours = models.Constraint(
        "CHECK(hours > 0)", "The time allowed must be more than nothing."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("action", "user_id", "clock", "calendar_id")
    def _check_complete(self):
        for level in self:
            if level.action == "user" and not level.user_id:
                raise ValidationError(
                    self.env._(
                        "Choose the person who gets the leads of %s.", level.name
                    )
                )
            if level.clock == "calendar" and not level.calendar_id:
                raise ValidationError(
                    self.env._("Choose the working hours of %s.", level.name)
                )

    @api.constrains("user_id", "action")
    def _check_user(self):
        for level in self.filtered(lambda level: level.action == "user"):
            if not level.user_id.has_group("sales_team.group_sale_salesman"):
                raise ValidationError(
                    self.env._(
                        "%(person)s cannot work on leads. Choose a salesperson for"
                        " %(level)s.",
                        person=level.user_id.name,
                        level=level.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def unlink(self):
        """Clocks that run go on with the level after."""
        rows = self.env[
            "lead.response.assignment"
        ].sudo()  # sudo: only the clock writes
        for row in rows.search(
            [("level_id", "in", self.ids), ("end_date", "=", False)]
        ):
            levels = row.policy_id.level_ids
            after = levels[levels.ids.index(row.level_id.id) + 1 :] - self
            row.level_id = after[:1] or (levels - self)[-1:].filtered("repeat")
        return super().unlink()

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def _get_deadlines(self, holders, start):
        """Return when the time allowed has run out for leads that get it now.

        :param holders: ``{lead: Holder}``
        :param datetime start: naive UTC, as are the deadlines
        :return: ``{lead: moment}``
        """
        self.ensure_one()
        deadlines, known = {}, {}
        for lead, holder in holders.items():
            key = self._get_clock(lead, holder)
            if key not in known:  # once for all on the same clock
                known[key] = add_working_time(key[0], self.hours, start, *key[1:])
            deadlines[lead] = known[key]
        return deadlines

    def _count_hours(self, lead, holder, start, end):
        """Return the hours between two moments, as this level counts them; around the
        clock where the level is gone."""
        calendar, tz, company = self._get_clock(lead, holder)
        return count_working_time(calendar, start, end, tz, company)

    def _get_clock(self, lead, holder):
        """Return whose working hours count, the time zone they are read in, and the
        company whose holidays do.

        :return: ``(resource.calendar, time zone, res.company)``, an empty calendar for
            around the clock
        """
        company = lead.company_id or self.env.company
        own = holder.user.resource_calendar_id or company.resource_calendar_id
        calendar = {
            "assignee": own,
            "company": company.resource_calendar_id,
            "calendar": self.calendar_id,
        }.get(self.clock, own[:0])
        if self.clock == "company":
            return calendar, get_known_zone(calendar.tz), company
        person = holder.user.partner_id or holder.partner
        return calendar, get_known_zone(person.tz, calendar.tz), company

    # ------------------------------------------------------------
    # ACTION
    # ------------------------------------------------------------

    def _get_next_holders(self, holders, moment, past=None):
        """Return who has each lead after this level has taken effect.

        :param holders: ``{lead: Holder}``, whose time has run out
        :param datetime moment: naive UTC
        :param past: ``{lead: res.users}`` who had it before and did not answer either
        :return: ``{lead: Holder}``: the same one where the lead stays, an empty one
            where partners are searched for again
        """
        self.ensure_one()
        if self.action in ("alert", "management"):
            return dict(holders)
        leads = self.env["crm.lead"].union(*holders)
        following = {}
        if self.action == "rebroadcast":
            searching = leads.filtered(lambda lead: lead._can_search_again())
            following = dict.fromkeys(searching, leads._make_holder())
        elif self.action == "master":
            masters = {lead: lead._pick_master(holders[lead]) for lead in leads}
            following = {lead: master for lead, master in masters.items() if master}
        left = leads.filtered(lambda lead: lead not in following)
        if self.action == "user":
            stand_in = self.user_id._get_backup(moment)[self.user_id]
            preferred = dict.fromkeys(left, [self.user_id, stand_in])
            return left._pick_people(preferred, holders, moment, past)
        return {**following, **left._pick_back_ups(holders, moment, past)}

    def _tell_outcome(self, former, following):
        """Say what this level has done, in the language of the environment."""
        self.ensure_one()
        if not following:
            return self.env._("Withdrawn, partners are searched for again.")
        if following != former:
            return self.env._("Given to %s.", following.name)
        if self.action == "management":
            return self.env._("Management is told.")
        if self.action == "alert":
            return self.env._("An alert is sent.")
        return self.env._("There is nobody else to give it to.")
