from . import portal
from . import offer
