from . import sms_api
from .signature import is_signed
