"""Take the pictures of the documentation anew, from the demo data.

Plays the main job on a server of its own and writes what people see to
lead_broadcast/static/description/. Look at them before you commit them.
"""

import subprocess

from ..environment import Environment
from ..ui import DevError


def add_arguments(parser):
    pass


def main(options):
    with Environment() as env:
        # the browser's driver lives in Odoo's environment
        command = [env.odoo.python, "-m", "devtools.screenshots"]
        done = subprocess.run(command, env=env.odoo.environment(), check=False)
    if done.returncode:
        raise DevError("The pictures could not be taken; see above.")
