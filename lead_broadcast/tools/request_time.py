from odoo import fields
from odoo.http import request


def get_received_at():
    """Return when the current request came in: the first time, when it is retried
    after a collision with others. Naive UTC, in whole seconds, as stored."""
    return request.httprequest.environ.setdefault(
        "lead_broadcast.received_at", fields.Datetime.now()
    )
