from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from statistics import mean, median

from odoo.tests import tagged

from .clock_common import ClockCase

LEADS = 24
WEEKS = 4
INDIA = timedelta(hours=5, minutes=30)
ALLOWED = timedelta(hours=8)


@tagged("post_install", "-at_install")
class TestResponseFigures(ClockCase):
    """A month of leads, answered early, late or never: what the report says equals what
    was recounted from the diary alone, row by row, with no help of Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rules = cls.env["lead.broadcast.notification.rule"]
        rules.search([("active", "=", True)]).active = False  # their time is not tested
        cls.people = {
            user.name: user for user in (cls.asha, cls.user, cls.ravi, cls.meera)
        }
        cls.deputy = cls.user.name
        cls.team.member_ids = cls.asha | cls.user
        cls.end = cls.START + timedelta(weeks=WEEKS)

    def test_a_month(self):
        diary = self._write_diary(Random(2027))
        leads = self._live(diary)
        expected = [
            row
            for number, days in enumerate(diary)
            for row in Recount(self, leads[number].id, days).rows
        ]
        self._check_rows(leads, expected)
        self._check_shares(leads, expected)

    # ------------------------------------------------------------
    # THE MONTH
    # ------------------------------------------------------------

    def _write_diary(self, random):
        """Return what happens to each lead, as a list of ``(moment, what)`` each."""
        diary = []
        for _number in range(LEADS):
            moment = self.START + timedelta(minutes=random.randrange(WEEKS * 7 * 1440))
            days = [(moment, "enter")]
            for _step in range(random.randrange(3)):
                moment += timedelta(
                    minutes=random.randrange(1, random.choice([600, 8640]))
                )
                days.append((moment, random.choice(["answer", "answer", "give"])))
            if random.random() < 0.5:
                moment += timedelta(
                    minutes=random.randrange(1, random.choice([600, 8640]))
                )
                days.append((moment, random.choice(["won", "lost"])))
            diary.append([entry for entry in days if entry[0] < self.end])
        return diary

    def _live(self, diary):
        """Let all of it happen, each thing at its moment; return the leads."""
        leads = {}
        for moment, number, what in sorted(
            (moment, number, what)
            for number, days in enumerate(diary)
            for moment, what in days
        ):
            self._pass(seconds=(moment - datetime.now()).total_seconds())
            if what == "enter":
                leads[number] = self._enter()
            else:
                getattr(self, f"_{what}")(leads[number])
        self._pass(seconds=(self.end - datetime.now()).total_seconds())
        return leads

    def _answer(self, lead):
        lead.with_user(lead.user_id).message_post(
            body="We look at it", message_type="comment"
        )

    def _give(self, lead):
        lead.with_user(self.head).user_id = self.user

    def _won(self, lead):
        lead.with_user(self.head).action_set_won()

    def _lost(self, lead):
        lead.with_user(self.head).action_set_lost()

    # ------------------------------------------------------------
    # COMPARE
    # ------------------------------------------------------------

    def _check_rows(self, leads, expected):
        rows = self.env["lead.response.report"].search(
            [("lead_id", "in", [lead.id for lead in leads.values()])],
        )
        found = [
            {
                "lead": row.lead_id.id,
                "person": row.assignee_id.display_name,
                "start": row.start_date,
                "due": row.due_date,
                "answered": row.first_response_date or None,
                "end": row.end_date or None,
                "hours": round(row.response_hours, 3),
                "answer": row.answer,
                "level": row.level,
                "escalations": row.escalations,
                "result": row.result,
            }
            for row in rows
        ]
        found.sort(key=lambda row: (row["lead"], row["start"], row["level"]))
        expected.sort(key=lambda row: (row["lead"], row["start"], row["level"]))
        self.assertEqual(len(found), len(expected))
        for row, own in zip(found, expected, strict=True):
            self.assertEqual(row, {**own, "hours": round(own["hours"], 3)})
        # a month that tests nothing is no proof
        self.assertEqual(
            {row["answer"] for row in expected},
            {"on_time", "late", "overdue", "missed", "waiting", "none"},
        )

    def _check_shares(self, leads, expected):
        """Of each person and week: share on time, median, overdue, escalations."""
        Report = self.env["lead.response.report"].with_context(tz="Asia/Kolkata")
        for groupby, get_key in (
            ("assignee_id", lambda row: row["person"]),
            ("start_date:day", lambda row: (row["start"] + INDIA).date()),
        ):
            found = {}
            for group, *figures in Report._read_group(
                [("lead_id", "in", [lead.id for lead in leads.values()])],
                [groupby],
                [
                    "on_time:avg",
                    "median_hours:avg",
                    "response_hours:avg",
                    "waiting:sum",
                    "overdue:sum",
                    "escalations:sum",
                    "nbr:sum",
                ],
            ):
                key = group.display_name if groupby == "assignee_id" else group.date()
                found[key] = [
                    False if figure is False else round(figure, 3) for figure in figures
                ]
            rows_by_key = defaultdict(list)
            for row in expected:
                rows_by_key[get_key(row)].append(row)
            self.assertEqual(
                found, {key: self._sum_up(rows) for key, rows in rows_by_key.items()}
            )

    def _sum_up(self, rows):
        counted = [
            row["answer"] == "on_time"
            for row in rows
            if row["answer"] in ("on_time", "late", "overdue", "missed")
        ]
        hours = [row["hours"] for row in rows if row["answered"]]
        return [
            round(mean(counted), 3) if counted else False,
            round(median(hours), 3) if hours else False,
            round(mean(hours), 3) if hours else False,
            sum(row["answer"] in ("waiting", "overdue") for row in rows),
            sum(row["answer"] == "overdue" for row in rows),
            sum(row["escalations"] for row in rows),
            len(rows),
        ]


class Recount:
    """What must have come of one lead, by its diary: eight hours of work are allowed at
    each level; the first two go on to the next person, the others do not."""

    def __init__(self, case, lead, days):
        self.case = case
        self.lead = lead
        self.rows = []
        self.deadline = None
        for moment, what in days:
            self._let_time_pass(moment)
            getattr(self, what)(moment)
        self._let_time_pass(case.end)
        for row in self.rows:
            row["answer"] = self._get_answer(row)

    # ------------------------------------------------------------
    # WHAT HAPPENS
    # ------------------------------------------------------------

    def _let_time_pass(self, end):
        """Go on from level to level while nobody answers."""
        while self.deadline and self.deadline + self.case.LATE <= end:
            now = self.deadline + self.case.LATE
            row = self.rows[-1]
            row["level"] += 1
            row["escalations"] += 1
            if row["level"] <= 2:
                successor = "Meera" if row["person"] == "Ravi" else "Ravi"
                self._finish(now, "escalated")
                self._begin(successor, now, row["level"])
            else:
                self.deadline = add_work(now, ALLOWED)

    def _begin(self, person, now, level=0):
        self.deadline = add_work(now, ALLOWED)
        self.rows.append(
            {
                "lead": self.lead,
                "person": person,
                "start": now,
                "due": self.deadline,
                "answered": None,
                "end": None,
                "hours": 0,
                "level": level,
                "escalations": 0,
                "result": "waiting",
            }
        )

    def _finish(self, now, result):
        self.rows[-1].update(end=now, result=result)
        self.deadline = None

    def enter(self, now):
        self._begin("Asha", now)

    def answer(self, now):
        row = self.rows[-1]
        self.deadline = None
        if not row["answered"]:
            hours = count_work(row["start"], now).total_seconds() / 3600
            row.update(answered=now, hours=hours, result="open")

    def give(self, now):
        if self.rows[-1]["person"] != self.case.deputy:
            self._finish(now, "reassigned")
            self._begin(self.case.deputy, now)

    def won(self, now):
        self._finish(now, "won")

    def lost(self, now):
        self._finish(now, "lost")

    def _get_answer(self, row):
        if row["answered"]:
            return "on_time" if row["answered"] <= row["due"] else "late"
        if (row["end"] or self.case.end) > row["due"]:
            return "missed" if row["end"] else "overdue"
        return "none" if row["end"] else "waiting"


# ------------------------------------------------------------
# WORKING TIME, COUNTED BY HAND: NINE TO FIVE ON WEEKDAYS IN DELHI
# ------------------------------------------------------------


def get_days(start):
    """Yield opening and closing hour of each working day from a moment's day on."""
    day = (start + INDIA).replace(hour=0, minute=0, second=0)
    while True:
        if day.weekday() < 5:
            yield day + timedelta(hours=9) - INDIA, day + timedelta(hours=17) - INDIA
        day += timedelta(days=1)


def add_work(start, left):
    for opening, closing in get_days(start):
        begin = max(opening, start)
        if begin < closing:
            if left <= closing - begin:
                return begin + left
            left -= closing - begin


def count_work(start, end):
    worked = timedelta()
    for opening, closing in get_days(start):
        if opening >= end:
            return worked
        worked += max(min(closing, end) - max(opening, start), timedelta())
