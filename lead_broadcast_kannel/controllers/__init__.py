from . import kannel
