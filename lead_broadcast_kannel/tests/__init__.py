from . import test_connection
from . import test_gateway
from . import test_kannel
from . import test_offer
from . import test_receive
from . import test_report
from . import test_report_lock
from . import test_send
