from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.sql_db import BaseCursor

from .common import BroadcastCase


class LadderCase(BroadcastCase):
    """The small world with a ladder: one partner, then two, then a person.

    Time stands still, that of transactions, too, until ``_pass`` moves it and does what
    the scheduled actions do then. It is a Monday morning.
    """

    START = datetime(2027, 3, 22, 4, 30)  # 10:00 in Delhi

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ladder = cls.env["lead.broadcast.ladder"]
        cls.Ladder.search([("active", "=", True)]).active = False
        cls.ladder = cls._create_ladder(
            "Small",
            {"name": "One", "audience": "nearest", "wave_size": 1},
            {"name": "Two", "audience": "nearest", "wave_size": 2},
            {"name": "Somebody", "audience": "people", "responsible": "owner"},
        )
        cls.one, cls.two, cls.somebody = cls.ladder.step_ids
        cls.lead.closure_date = cls.START.date() + timedelta(days=300)

    def setUp(self):
        super().setUp()
        freezer = freeze_time(self.START)
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)
        self.startPatcher(
            patch.object(BaseCursor, "now", lambda cursor: fields.Datetime.now())
        )

    @classmethod
    def _create_ladder(cls, name, *steps, **values):
        """Create a ladder, of dictionaries of its steps."""
        return cls.env["lead.broadcast.ladder"].create(
            {
                "name": name,
                "step_ids": [
                    Command.create({"sequence": index, **step})
                    for index, step in enumerate(steps)
                ],
                **values,
            }
        )

    def _start(self, leads=None):
        """Start to search as the leads' salesperson."""
        leads = self.lead if leads is None else leads
        leads.with_user(self.user).action_start_ladder()

    def _pass(self, **delta):
        """Let time pass, from one thing that is due to the next."""
        end = fields.Datetime.now() + timedelta(**delta)
        while (moment := self._get_next_moment(end)) <= end:
            self.clock.move_to(max(moment, fields.Datetime.now()))
            self._do_what_is_due()
        self.clock.move_to(end)

    def _get_next_moment(self, end):
        """Return when the scheduled actions have something to do, if by ``end``."""
        rounds = self.env["lead.broadcast"].search([("state", "=", "open")])
        leads = self.env["crm.lead"].search([("next_action_at", "!=", False)])
        moments = rounds.mapped("valid_until") + leads.mapped("next_action_at")
        return min(moments, default=end + timedelta(seconds=1))

    def _do_what_is_due(self):
        now = fields.Datetime.now()
        self.env["lead.broadcast"].search(
            [("state", "=", "open"), ("valid_until", "<=", now)]
        )._expire()
        Lead = self.env["crm.lead"]
        Lead.search(Lead._get_due_domain())._climb()

    def _get_asked(self, lead=None):
        """Return the partners asked in each round, by the step that was taken."""
        rounds = (lead or self.lead).sudo().broadcast_ids.sorted("sequence")
        return [(each.step_id.name, each.offer_ids.partner_id) for each in rounds]
