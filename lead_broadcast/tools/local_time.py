"""A person's wall clock, and what it shows at a moment of ours (naive UTC)."""

from datetime import datetime, timedelta

import pytz


def get_known_zone(*names: str | bool) -> str:
    """Return the first of these time zones that there is, else UTC.

    Of old records some are gone: zones are renamed, and deleted.
    """
    return next((name for name in names if name in pytz.all_timezones_set), "UTC")


def to_local(moment: datetime, tz: str) -> datetime:
    """Return what the clock in ``tz`` shows at a moment, both naive."""
    return pytz.utc.localize(moment).astimezone(pytz.timezone(tz)).replace(tzinfo=None)


def to_utc(local: datetime, tz: str, later: bool = False) -> datetime:
    """Return the moment at which the clock in ``tz`` shows this, both naive.

    An hour that a clock change skips is taken as if the clock had not been changed
    (2:30 becomes 3:30); of an hour that comes twice it is the first one, or the
    second if ``later``.
    """
    zone = pytz.timezone(tz)
    try:
        aware = zone.localize(local, is_dst=None)
    except pytz.AmbiguousTimeError:
        aware = zone.localize(local, is_dst=not later)
    except pytz.NonExistentTimeError:
        aware = zone.localize(local, is_dst=False)
    return aware.astimezone(pytz.utc).replace(tzinfo=None)


def shift(
    moment: datetime, tz: str, amount: float, unit: str, later: bool = False
) -> datetime:
    """Move a moment by minutes, hours or days (``unit``).

    Days are those of the clock in ``tz``: the same time of another day, however many
    hours a change of the clock puts in between. ``later``: see ``to_utc``.
    """
    if unit == "days":
        return to_utc(to_local(moment, tz) + timedelta(days=amount), tz, later)
    return moment + timedelta(**{unit: amount})
