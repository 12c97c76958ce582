"""Working time of a ``resource.calendar``, on anybody's clock. Moments are naive UTC.

Core's ``plan_hours`` always counts on the calendar's own clock, and reads up to a
hundred fortnights of a calendar that never opens.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytz

# how far to look for working time, each window after the one before
WINDOWS = (timedelta(days=14), timedelta(days=60), timedelta(days=300))


def add_working_time(
    calendar, hours: float, start: datetime, tz: str | None = None, company=None
) -> datetime:
    """Return when so many hours of work are over; with no hours, when work begins.

    A calendar that never opens stops nobody: then hours are those of the clock.

    :param calendar: ``resource.calendar``, perhaps empty: around the clock
    :param tz: on whose clock the calendar's hours are read, if not on its own
    :param company: ``res.company`` whose public holidays count, if not the calendar's
    """
    if calendar:
        left = timedelta(hours=hours)
        window_start = start
        for window in WINDOWS:
            window_end = window_start + window
            work = _get_work(calendar, window_start, window_end, tz, company)
            for opening, closing in work:
                if left <= closing - opening:
                    return _round(opening + left)
                left -= closing - opening
            window_start = window_end
    return start + timedelta(hours=hours)


def count_working_time(
    calendar, start: datetime, end: datetime, tz: str | None = None, company=None
) -> float:
    """Return how many hours of work lie between two moments.

    :param calendar: as in ``add_working_time``, as are the others
    """
    if not calendar:
        return (end - start).total_seconds() / 3600
    if end <= start:
        return 0.0
    work = _get_work(calendar, start, end, tz, company)
    worked = sum((closing - opening for opening, closing in work), timedelta())
    return worked.total_seconds() / 3600


def _get_work(
    calendar, start: datetime, end: datetime, tz: str | None, company
) -> Iterator[tuple[datetime, datetime]]:
    """Return when there is work, holidays left out: core reads those of all companies
    where the reader may see them."""
    company = company or calendar.company_id or calendar.env.company
    intervals = calendar._work_intervals_batch(
        pytz.utc.localize(start),
        pytz.utc.localize(end),
        tz=pytz.timezone(tz or calendar.tz),
        domain=[
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, company.id]),
        ],
    )
    for opening, closing, _attendance in intervals[False]:
        yield _to_naive(opening), _to_naive(closing)


def _to_naive(moment: datetime) -> datetime:
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def _round(moment: datetime) -> datetime:
    """Core's days end a microsecond before midnight."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
