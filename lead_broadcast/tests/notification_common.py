from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.sql_db import BaseCursor
from odoo.tests import new_test_user

from ..tools import to_utc
from .sms_common import SmsCase

LONG_AGO = datetime(2020, 1, 1)


class NotificationCase(SmsCase):
    """The small world with tiers, in three time zones: a partner each in Delhi, Berlin
    and Santiago, with a master beside it, and a field sales team.

    Time stands still, that of transactions, too, but for ``_simulate``, which lets days
    pass by the engine's own triggers. Days are counted from ``START``; local times are
    those of the recipient.
    """

    START = datetime(2027, 3, 25)  # Berlin's clocks change on the 28th, Chile's on 4/4

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["lead.broadcast.notification.rule"]
        cls.Notice = cls.env["lead.broadcast.notice"]
        cls.Rule.with_context(active_test=False).search([]).effective_date = LONG_AGO
        cls.env["lead.broadcast.schedule"].search([]).effective_date = LONG_AGO
        cls.tiers = {
            code: cls.env.ref(f"lead_broadcast.tier_{code.lower()}")
            for code in ("TP", "MTP", "TST", "TTT")
        }
        cls.partner_by_zone = {
            "Asia/Kolkata": cls.green_park,
            "Europe/Berlin": cls.saket,
            "America/Santiago": cls.lajpat_nagar,
        }
        cls.master_by_zone = {}
        for tz, partner in cls.partner_by_zone.items():
            partner.tz = tz
            cls.master_by_zone[tz] = cls.env["res.partner"].create(
                {
                    **cls._prepare_partner(f"Master {tz}", (28.5, 77.2)),
                    "tz": tz,
                    "broadcast_tier_id": cls.tiers["MTP"].id,
                }
            )
            partner.broadcast_master_id = cls.master_by_zone[tz]
        cls.field_user = new_test_user(
            cls.env,
            login="field",
            groups="sales_team.group_sale_salesman",
            email="field@sales.example",
            tz="Asia/Kolkata",
        )
        cls.field_team = cls._create_team("TST", cls.field_user)
        cls.lead.closure_date = cls.START + timedelta(days=300)

    def setUp(self):
        super().setUp()
        freezer = freeze_time(self.START)
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)
        self.startPatcher(
            patch.object(BaseCursor, "now", lambda cursor: fields.Datetime.now())
        )

    @classmethod
    def _create_team(cls, tier, member):
        return cls.env["crm.team"].create(
            {
                "name": f"Team {tier}",
                "broadcast_tier_id": cls.tiers[tier].id,
                "member_ids": [Command.set(member.ids)],
            }
        )

    @classmethod
    def _at(cls, day, hour, tz="Asia/Kolkata"):
        """Return a moment, in naive UTC, by the clock of a time zone."""
        local = cls.START + timedelta(days=day, hours=hour)
        return to_utc(local, tz)

    @classmethod
    def _label(cls, day, hour):
        return (cls.START + timedelta(days=day, hours=hour)).strftime("%Y-%m-%d %H:%M")

    def _give(self, receiver, moment, lead=None, **values):
        """Give a lead to a partner or a team at a moment."""
        self.clock.move_to(moment)
        lead = lead or self._create_lead(
            team_id=self.field_team.id,
            closure_date=self.START + timedelta(days=300),
            **values,
        )
        if receiver._name == "crm.team":
            lead.with_user(self.user)._allocate_to_team(receiver)
        else:
            lead.with_user(self.user)._allocate(receiver)
        return lead

    def _pass(self, moment):
        """Do what the crons do at a moment."""
        self.clock.move_to(moment)
        self.Rule._plan_slots(moment)
        self.Rule._plan_thresholds(moment)
        self._deliver()

    def _simulate(self, start, end):
        """Let time pass, from one moment the engine asks for to the next."""
        runs = self.env["lead.broadcast.schedule.run"]
        schedules = self.Rule.search([]).schedule_id
        now = start
        while moments := runs._get_next_moments(schedules, now):
            now = min(moments)
            if now > end:
                break
            self._pass(now)

    def _get_slots(self, lead, event, recipient, channel="mail", **rule):
        """Return at which times of the clock somebody was told of a lead, and why."""
        lines = self.env["lead.broadcast.notice.line"].search(
            [
                ("lead_id", "=", lead.id),
                ("rule_id.event", "=", event),
                ("notice_id.recipient_id", "=", recipient.id),
                ("notice_id.channel", "=", channel),
                ("notice_id.state", "=", "sent"),
                *((f"rule_id.{name}", "=", value) for name, value in rule.items()),
            ]
        )
        return sorted(lines.notice_id.mapped("slot"))
