from . import portal
from . import offer
from . import alerts
from . import notices
from . import master
from . import activity
