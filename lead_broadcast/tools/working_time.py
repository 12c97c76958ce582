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
    calendar, hours: float, start: datetime, tz: str | None = None
) -> datetime:
    """Return when so many hours of work are over; with no hours, when work begins.

    A calendar that never opens stops nobody: then hours are those of the clock.

    :param calendar: ``resource.calendar``, perhaps empty: around the clock
    :param tz: on whose clock the calendar's hours are read, if not on its own
    """
    if calendar:
        left = timedelta(hours=hours)
        window_start = start
        for window in WINDOWS:
            window_end = window_start + window
            for opening, closing in _get_work(calendar, window_start, window_end, tz):
                if left <= closing - opening:
                    return _round(opening + left)
                left -= closing - opening
            window_start = window_end
    return start + timedelta(hours=hours)


def count_working_time(
    calendar, start: datetime, end: datetime, tz: str | None = None
) -> float:
    """Return how many hours of work lie between two moments.

    :param calendar: as in ``add_working_time``
    """
    if not calendar:
        return (end - start).total_seconds() / 3600
    if end <= start:
        return 0.0
    work = _get_work(calendar, start, end, tz)
    worked = sum((closing - opening for opening, closing in work), timedelta())
    return worked.total_seconds() / 3600


def _get_work(
    calendar, start: datetime, end: datetime, tz: str | None
) -> Iterator[tuple[datetime, datetime]]:
    """Return when there is work, holidays left out."""
    intervals = calendar._work_intervals_batch(
        pytz.utc.localize(start),
        pytz.utc.localize(end),
        tz=pytz.timezone(tz or calendar.tz),
    )
    for opening, closing, _attendance in intervals[False]:
        yield _to_naive(opening), _to_naive(closing)


def _to_naive(moment: datetime) -> datetime:
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def _round(moment: datetime) -> datetime:
    """Core's days end a microsecond before midnight."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
