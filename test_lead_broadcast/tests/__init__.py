from . import test_import
from . import test_survey
from . import test_website
from . import test_voice
