from . import portal
from . import offer
from . import alerts
