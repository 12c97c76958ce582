from . import lead_broadcast_kannel_gateway
from . import lead_broadcast_kannel_gateway_health
from . import lead_broadcast_kannel_gateway_receive
from . import lead_broadcast_inbound_sms
from . import sms_sms
from . import res_company
from . import res_config_settings
