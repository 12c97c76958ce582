"""Open an Odoo shell on a database, or run a script from standard input in it.

./dev shell                       the database of ./dev run
./dev shell DB < script.py        ends with env.cr.commit() to keep changes
"""

from ..environment import Environment
from ..ui import DevError
from .run import DATABASE


def add_arguments(parser):
    parser.add_argument("database", nargs="?", default=DATABASE, metavar="DB")


def main(options):
    with Environment() as env:
        if not env.databases.exists(options.database):
            known = ", ".join(env.databases.names()) or "none"
            raise DevError(
                f"There is no database {options.database} (there are: {known}). "
                "./dev run makes the demo database."
            )
        return env.odoo.interact(
            *("-d", options.database, "--no-http", "--log-level=warn"),
            subcommand="shell",
        )
