from . import base_partner_merge
from . import lead_broadcast_allocate
from . import lead_broadcast_decline
from . import lead_broadcast_wizard
from . import lead_broadcast_paste_sms
from . import lead_broadcast_planned
from . import lead_broadcast_planned_digest
