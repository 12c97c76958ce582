from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from odoo.fields import Domain

# In the order of the matrix. Every label is the selection's, so it is translated.
EVENT_SELECTION = [
    ("offered", "Lead offered"),
    ("expiring", "Offer about to expire"),
    ("won", "Lead won"),
    ("taken", "Taken by another partner"),
    ("withdrawn", "Offer withdrawn"),
    ("silenced", "Offers paused"),
    ("exhausted", "Nobody took it"),
    ("allocated", "Lead allocated"),
    ("pending", "Lead pending"),
    ("unattended", "Lead unattended"),
    ("closure_near", "Closure date near"),
    ("closure_passed", "Closure date passed"),
    ("activity", "Task or appointment assigned"),
    ("activity_pending", "Task or appointment pending"),
    ("assigned", "Lead assigned"),
    ("escalated", "Lead escalated"),
    ("undeliverable", "Partner cannot be reached"),
]
CHANNEL_SELECTION = [("inbox", "In-app"), ("mail", "Email"), ("sms", "SMS")]

OFFER, LEAD, ACTIVITY = "lead.broadcast.offer", "crm.lead", "mail.activity"

IS_OPEN = Domain(
    [
        ("active", "=", True),
        ("won_status", "=", "pending"),
        ("completion_date", "=", False),
    ]
)
IS_UNATTENDED = Domain("first_response_date", "=", False)
IS_ESCALATED = Domain("response_level", ">", 0)
IS_ALLOCATED = Domain("broadcast_state", "=", "allocated")
IS_SEARCHING = Domain("broadcast_state", "=", "searching")
IS_SERVICE = Domain("service_id", "!=", False) | IS_ALLOCATED  # not the rest of CRM
IS_TO_DO = Domain(
    [("res_model", "=", LEAD), ("active", "=", True), ("date_done", "=", False)]
)


class Event(NamedTuple):
    """What a notification rule can be about.

    ``since`` is the field from which thresholds count: backwards from it where
    ``is_before``. ``get_truth`` returns when the event is true, for a moment in naive
    UTC and the day this moment falls on for the recipient. An event that
    ``is_happening`` is told at the moment it happens, the others are noticed when
    somebody looks. The lowest ``urgency`` comes first in a digest.
    """

    model: str
    since: str
    get_truth: Callable[[datetime, datetime], Domain]
    urgency: int
    is_happening: bool = False
    is_before: bool = False
    is_strict: bool = False  # called "more than", or "after", the threshold


def _offer(state):
    return lambda moment, day: Domain("state", "=", state)


def _lead(domain):
    return lambda moment, day: domain


def _running_offer(moment, _day):
    return Domain(
        [
            ("state", "=", "open"),
            ("valid_until", ">", moment),
            ("lead_id.broadcast_state", "!=", "allocated"),
        ]
    )


def _to_do(_moment, _day):
    return IS_TO_DO


EVENTS = {
    "offered": Event(OFFER, "sent_date", _running_offer, 80, is_happening=True),
    "expiring": Event(OFFER, "valid_until", _running_offer, 10, is_before=True),
    "won": Event(OFFER, "answer_date", _offer("accepted"), 90, is_happening=True),
    "taken": Event(OFFER, "sent_date", _offer("lost"), 91, is_happening=True),
    "withdrawn": Event(OFFER, "sent_date", _offer("withdrawn"), 92, is_happening=True),
    "silenced": Event(
        OFFER,
        "silenced_date",
        _lead(Domain("silenced_date", "!=", False)),
        85,
        is_happening=True,
    ),
    "exhausted": Event(
        LEAD,
        "searching_since",
        _lead(IS_OPEN & Domain("broadcast_state", "=", "exhausted")),
        30,
        is_happening=True,
    ),
    "allocated": Event(
        LEAD, "allocated_date", _lead(IS_ALLOCATED), 70, is_happening=True
    ),
    "pending": Event(
        LEAD, "allocated_date", _lead(IS_ALLOCATED & IS_OPEN), 50, is_strict=True
    ),
    "unattended": Event(
        LEAD, "allocated_date", _lead(IS_ALLOCATED & IS_OPEN & IS_UNATTENDED), 40
    ),
    "closure_near": Event(
        LEAD,
        "closure_date",
        lambda moment, day: IS_ALLOCATED & Domain("closure_date", ">=", day.date()),
        60,
        is_before=True,
    ),
    "closure_passed": Event(
        LEAD,
        "closure_date",
        lambda moment, day: IS_ALLOCATED & Domain("closure_date", "<", day.date()),
        35,
        is_strict=True,
    ),
    "activity": Event(ACTIVITY, "create_date", _to_do, 65, is_happening=True),
    "activity_pending": Event(ACTIVITY, "create_date", _to_do, 55),
    "assigned": Event(
        LEAD,
        "assigned_date",
        _lead(IS_OPEN & IS_UNATTENDED & ~IS_SEARCHING),
        45,
        is_happening=True,
    ),
    "escalated": Event(
        LEAD,
        "assigned_date",
        _lead(IS_OPEN & IS_UNATTENDED & IS_ESCALATED),
        20,
        is_happening=True,
    ),
    "undeliverable": Event(LEAD, "create_date", _lead(IS_OPEN), 25, is_happening=True),
}
