"""``./dev``: one command line, a module of devtools.commands for each command."""

import argparse
import errno
import importlib
import sys

from .ui import DevError

COMMANDS = {
    "run": "start Odoo with demo data, a mail server and a tour of the main job",
    "test": "run every test, or the ones named",
    "lint": "check style and the Odoo community's rules",
    "bench": "run the benchmarks",
    "phone": "the phones of partners: read, forward and send SMS",
    "shell": "an Odoo shell on a database",
    "core-tests": "run core's own tests with and without our addons, and compare",
    "screenshots": "take the pictures of the documentation anew",
    "lock": "write the exact versions of the Python requirements anew",
}


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="./dev", description="What a developer does here."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {}
    for name, summary in COMMANDS.items():
        module = importlib.import_module(
            f".commands.{name.replace('-', '_')}", __package__
        )
        modules[name] = module
        command = commands.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    arguments = sys.argv[1:] if arguments is None else arguments
    module = modules.get(arguments[0]) if arguments else None
    rest = []
    if getattr(module, "TAKES_ALL", False) and not {"-h", "--help"} & set(arguments):
        arguments, rest = arguments[:1], arguments[1:]
    options = parser.parse_args(arguments)
    options.rest = rest
    return modules[options.command], options


def main(arguments=None) -> int:
    if sys.version_info < (3, 11):
        print("dev: Python 3.11 or later is needed.", file=sys.stderr)
        return 1
    module, options = _parse(arguments)
    try:
        return module.main(options) or 0
    except DevError as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndev: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        if error.errno == errno.ENOSPC:
            print(
                "dev: the disk is full. Free some space and run again.", file=sys.stderr
            )
            return 1
        if error.errno in (errno.EACCES, errno.EROFS):
            print(f"dev: {error}: is this folder yours to write?", file=sys.stderr)
            return 1
        raise


if __name__ == "__main__":
    sys.exit(main())
