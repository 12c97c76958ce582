from . import lead_response_assignee
from . import lead_response_report
