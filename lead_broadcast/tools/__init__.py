from .local_time import get_known_zone, shift, to_local, to_utc
from .mail_failure import (
    find_smtp_error,
    get_diagnosis,
    get_reply,
    is_bounce,
    is_temporary,
)
from .mobile_number import get_example_number, is_mobile_number
from .place import EARTH_RADIUS_KM, get_chord, get_place
from .privacy import mask_contact_data
from .request_code import (
    find_request_codes,
    generate_request_code,
    is_request_code,
)
from .request_time import get_received_at
from .sms_text import is_gsm, measure_sms, shorten, to_gsm
from .working_time import add_working_time, count_working_time
