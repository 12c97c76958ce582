from . import test_receive
from . import test_send
from . import test_settings
from . import test_status
