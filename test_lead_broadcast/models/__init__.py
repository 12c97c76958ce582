from . import lead_broadcast_notice
from . import lead_broadcast_notification_rule
