from datetime import timedelta

from odoo.tests import tagged

from .notification_common import NotificationCase

DAYS = 12
TIMES = (9, 13, 17)
# A lead is given on day 0 at 10:00. Three times a day until it is older than five days,
THREE_DAILY = [
    (day, hour)
    for day in range(6)
    for hour in TIMES
    if (0, 10) < (day, hour) <= (5, 10)
]
# then daily because it is pending; and daily since it is unattended for two days.
DAILY_AFTER_5_DAYS = [(day, 9) for day in range(6, DAYS)]
DAILY_AFTER_2_DAYS = [(day, 9) for day in range(3, DAYS)]

ROWS = {
    # row: (event, channel, times of the recipient's clock)
    "A11": ("allocated", THREE_DAILY),
    "A12": ("pending", DAILY_AFTER_5_DAYS),
    "A13": ("unattended", DAILY_AFTER_2_DAYS),
}
CELLS = [
    # row, lead given to, who gets a mail
    ("A11", "TP", "partner_admin"),
    ("A11", "TP", "master"),
    ("A11", "TP", "team"),
    ("A11", "MTP", "partner_admin"),
    ("A11", "MTP", "team"),
    ("A11", "TST", "team"),
    ("A11", "TTT", "team"),
    ("A12", "TP", "partner_admin"),
    ("A12", "TP", "master"),
    ("A12", "TP", "team"),
    ("A12", "MTP", "partner_admin"),
    ("A12", "MTP", "team"),
    ("A12", "TST", "team"),
    ("A12", "TTT", "team"),
    ("A13", "TP", "partner_admin"),
    ("A13", "MTP", "partner_admin"),
]
# of partners and their masters, whose clocks differ; teams are in Delhi
ZONES = ("Asia/Kolkata", "Europe/Berlin", "America/Santiago")


@tagged("post_install", "-at_install")
class TestNotificationDays(NotificationCase):
    """Twelve days of leads that nobody attends to, in three time zones of which two
    change their clocks, one each way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_team = cls._create_team("TTT", cls.supervisor)
        cls.supervisor.tz = "Asia/Kolkata"

    def _give_all(self):
        """Give a lead to each party at 10:00 of its clock; ``{(tier, tz): lead}``."""
        leads = {
            ("TST", "Asia/Kolkata"): self._give(self.field_team, self._at(0, 10)),
            ("TTT", "Asia/Kolkata"): self._give(self.other_team, self._at(0, 10)),
        }
        for tz in ZONES:
            moment = self._at(0, 10, tz)
            leads["TP", tz] = self._give(self.partner_by_zone[tz], moment)
            leads["MTP", tz] = self._give(self.master_by_zone[tz], moment)
        return leads

    def _get_recipient(self, tier, role, tz):
        if role == "team":
            user = self.supervisor if tier == "TTT" else self.field_user
            return user.partner_id
        is_master = role == "master" or tier == "MTP"
        return (self.master_by_zone if is_master else self.partner_by_zone)[tz]

    def test_every_cell(self):
        leads = self._give_all()
        self._simulate(self._at(0, 0), self._at(DAYS - 1, 23))
        for row, tier, role in CELLS:
            event, slots = ROWS[row]
            for tz in ZONES if role != "team" else ZONES[:1]:
                with self.subTest(row=row, tier=tier, role=role, tz=tz):
                    told = self._get_slots(
                        leads[tier, tz],
                        event,
                        self._get_recipient(tier, role, tz),
                        role=role,
                    )
                    self.assertEqual(told, [self._label(*slot) for slot in slots])

        # nobody else is told, by nothing else
        cells = {(ROWS[row][0], tier, role) for row, tier, role in CELLS}
        lines = self.env["lead.broadcast.notice.line"].search(
            [("lead_id", "in", [lead.id for lead in leads.values()])]
        )
        self.assertEqual(
            {
                (
                    line.rule_id.event,
                    line.lead_id.allocated_tier_id.code,
                    line.rule_id.role,
                )
                for line in lines
            },
            cells,
        )

        # one mail for each slot, whatever it is about
        digests = self.Notice.search([("event", "=", "digest")])
        self.assertEqual(set(digests.mapped("channel")), {"mail"})
        self.assertEqual(set(digests.mapped("state")), {"sent"})
        slots = [(digest.recipient_id, digest.slot) for digest in digests]
        self.assertEqual(len(set(slots)), len(slots))
        self.assertEqual(len(digests.mail_id), len(digests))

        # the clock on the wall counts, also after it was changed
        hours = {
            (digest.recipient_id.tz, digest.due_date.hour + digest.due_date.minute / 60)
            for digest in digests
            if digest.slot.endswith("09:00")
        }
        self.assertEqual(
            hours,
            {
                ("Asia/Kolkata", 3.5),
                ("Europe/Berlin", 8),  # until the 27th
                ("Europe/Berlin", 7),
                ("America/Santiago", 12),  # until the 3rd of April
                ("America/Santiago", 13),
            },
        )

    def test_sms_once(self):
        """A10: the people of the partner that has the lead, once and at once."""
        master = self.master_by_zone["Asia/Kolkata"]
        chief = self.env["res.partner"].create(
            {"name": "Chief of the master", "parent_id": master.id}
        )
        self._give_alerts(chief, "+919810000009")
        people = {"TP": self.owner + self.executive, "MTP": chief}
        for tier, partner in (("TP", self.green_park), ("MTP", master)):
            with self.subTest(tier=tier):
                self.gateway.sent.clear()
                lead = self._give(partner, self._at(0, 10))
                self._pass(self._at(0, 10))
                self._simulate(self._at(0, 10), self._at(3, 23))
                numbers = [number for _company, number, _text in self.gateway.sent]
                self.assertEqual(
                    sorted(numbers),
                    sorted(people[tier].mapped("broadcast_alert_number")),
                )
                for _company, _number, text in self.gateway.sent:
                    self.assertIn(f"Lead L{lead.id} ", text)
                    self.assertIn("is now yours", text)

    def test_no_sms_for_teams(self):
        self._give(self.field_team, self._at(0, 10))
        self._simulate(self._at(0, 10), self._at(1, 23))
        self.assertFalse(self.gateway.sent)

    def test_attended(self):
        """Whoever does something is left in peace, until the lead gets old."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._simulate(self._at(0, 10), self._at(1, 10))
        self.clock.move_to(self._at(1, 10))
        lead._mark_contacted(self.owner)
        self._simulate(self._at(1, 10), self._at(8, 23))
        self.assertEqual(
            self._get_slots(lead, "allocated", self.green_park),
            [self._label(*slot) for slot in ((0, 13), (0, 17), (1, 9))],
        )
        self.assertFalse(self._get_slots(lead, "unattended", self.green_park))
        self.assertEqual(
            self._get_slots(lead, "pending", self.green_park),
            [self._label(day, 9) for day in (6, 7, 8)],
        )

    def test_closed(self):
        """Nothing is sent about a lead that is done, lost or won."""
        leads = [self._give(self.green_park, self._at(0, 10)) for _count in range(3)]
        self._simulate(self._at(0, 10), self._at(0, 14))
        self.clock.move_to(self._at(0, 14))
        leads[0]._mark_completed(self.owner)
        leads[1].action_set_lost()
        leads[2].action_set_won()
        self._simulate(self._at(0, 14), self._at(7, 23))
        for lead in leads:
            lines = self.env["lead.broadcast.notice.line"].search(
                [("lead_id", "=", lead.id)]
            )
            self.assertEqual(set(lines.notice_id.mapped("slot")), {self._label(0, 13)})

    def test_given_to_another(self):
        """The new partner is told from then on, and the old one no more."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._simulate(self._at(0, 10), self._at(1, 10))
        self.clock.move_to(self._at(1, 10))
        lead.with_user(self.user).action_release()
        self._give(self.connaught_place, self._at(1, 12), lead)
        self._simulate(self._at(1, 10), self._at(2, 10))
        self.assertEqual(
            self._get_slots(lead, "allocated", self.green_park),
            [self._label(*slot) for slot in ((0, 13), (0, 17), (1, 9))],
        )
        self.assertEqual(
            self._get_slots(lead, "allocated", self.connaught_place),
            [self._label(*slot) for slot in ((1, 13), (1, 17), (2, 9))],
        )

    def test_closure_date(self):
        """A9: on the day before and the day itself, and every day after it."""
        lead = self._give(self.green_park, self._at(0, 10))
        lead.closure_date = self.START + timedelta(days=7)
        self.clock.move_to(self._at(1, 10))
        lead._mark_contacted(self.owner)
        self._simulate(self._at(4, 0), self._at(10, 23))
        self.assertEqual(
            self._get_slots(lead, "closure_near", self.green_park),
            [self._label(day, 9) for day in (6, 7)],
        )
        for recipient in self.green_park + self.user.partner_id:
            self.assertEqual(
                self._get_slots(lead, "closure_passed", recipient),
                [self._label(day, 9) for day in (8, 9, 10)],
            )
