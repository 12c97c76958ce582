from . import lead_broadcast_inbound_sms
from . import phone_blacklist
from . import res_company
from . import res_config_settings
from . import sms_sms
from . import sms_tracker
