"""Start Odoo with the demo data on 127.0.0.1, a mail server that keeps every mail, and
an SMS gateway with the phones of all partners (./dev phone).

The first start on a fresh machine fetches what is missing (some minutes); later ones
take seconds. A change of the addon's code is installed at the next start; data stays
until --fresh. Ctrl-C stops all that was started.
"""

import contextlib
import fcntl
import os
import shutil
import signal

from .. import addons, kannel, phones, sms_setup
from ..environment import Environment
from ..paths import STATE
from ..processes import Service, free_port, port_is_free
from ..tour import DEMO_LOGINS, PLAIN_LOGINS, SMS_TOUR, TOUR
from ..ui import DevError, say, step

DATABASE = "demo"
_PLAIN = "plain"
_PORT = 8069
_MAILS = STATE / "mail"
_KANNEL = STATE / "kannel"


def add_arguments(parser):
    parser.add_argument("--port", type=int, help=f"of the web page (default: {_PORT})")
    parser.add_argument(
        "--no-demo",
        action="store_true",
        help=f"an empty database of its own ({_PLAIN})",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="forget the database, the mails and the SMS of earlier runs",
    )


def main(options):
    name = _PLAIN if options.no_demo else DATABASE
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    with contextlib.ExitStack() as stack:
        stack.enter_context(_only_one())
        _stop_leftovers()
        port = _choose_port(options.port)
        env = stack.enter_context(_environment(options.fresh))
        _make_database(env, name, demo=not options.no_demo, fresh=options.fresh)
        if options.fresh:
            for folder in (_MAILS, _KANNEL, phones.FOLDER):
                shutil.rmtree(folder, ignore_errors=True)
        sink = stack.enter_context(env.mail_sink(_MAILS))
        has_sms = not options.no_demo and _start_sms(stack, env, port)
        with step("Starting Odoo"):
            server = stack.enter_context(
                env.server(name, port=port, smtp_port=sink.port)
            )
        (STATE / "run.lock").write_text(f"{server.url}\n")
        _introduce(server, options.no_demo, has_sms)
        try:
            server.service.process.wait()
        except KeyboardInterrupt:
            say("\nStopping ...")
            return 0
        raise DevError(f"Odoo ended by itself:\n{server.service.tail()}")


@contextlib.contextmanager
def _only_one():
    """Two in one checkout would share a database; the second is sent to the first."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            where = lock.read().strip() or "an address it will print soon"
            raise DevError(
                f"./dev run already works in this checkout, at {where}."
                " Stop it with Ctrl-C first."
            ) from None
        lock.truncate(0)
        yield


def _stop_leftovers() -> None:
    names = (f"odoo-{DATABASE}", f"odoo-{_PLAIN}", f"smtp-{_MAILS.name}")
    services = [Service(service, STATE / "run") for service in names]
    for service in [*services, phones.Phones().service, *kannel.services(_KANNEL)]:
        if service.stop_leftover():
            say(f"- stopped what a killed earlier run left: {service.name}")


def _choose_port(wanted) -> int:
    """The port asked for, or the usual one, or any when that is taken."""
    if wanted is None:
        if port_is_free(_PORT):
            return _PORT
        port = free_port()
        say(f"- port {_PORT} is in use by another program; taking {port}")
        return port
    if not 1 <= wanted <= 65535:
        raise DevError(f"{wanted} is no port: choose one from 1024 to 65535.")
    if not port_is_free(wanted):
        why = (
            "is in use by another program"
            if wanted > 1023 or not os.getuid()
            else "needs root"
        )
        raise DevError(
            f"Port {wanted} {why}. Choose another: ./dev run --port {free_port()}"
        )
    return wanted


@contextlib.contextmanager
def _environment(fresh: bool):
    """The environment; --fresh also replaces a cluster that does not start any more."""
    env = Environment()
    try:
        env.__enter__()
    except DevError:
        if not fresh:
            raise
        env.cluster.stop()
        env.cluster.destroy()
        env.__enter__()
    try:
        yield env
    finally:
        env.__exit__(None, None, None)


def _make_database(env, name: str, *, demo: bool, fresh: bool) -> None:
    databases = env.databases
    digest = addons.digest()
    if fresh or not databases.exists(name):
        databases.clone(databases.with_addons(demo=demo), name)
        databases.label(name, digest)
    elif databases.labelled(name) != digest:
        with step("Updating the database to the addon's code"):
            try:
                databases.update(name, addons.names())
                databases.pregenerate_assets(name)
            except DevError as error:
                raise DevError(
                    f"{error}\nTo begin with a new database: --fresh"
                ) from None
        databases.label(name, digest)


def _start_sms(stack, env, port: int) -> bool:
    """Start gateway and phones, and tell the database; not having them is no reason to
    stop."""
    try:
        gateway = stack.enter_context(env.kannel(folder=_KANNEL))
        with step("Starting the SMS gateway"):
            odoo_url = f"http://127.0.0.1:{port}"
            lines = sms_setup.connect(env.odoo, DATABASE, gateway.settings, odoo_url)
            gateway.start(lines)
            stack.enter_context(phones.Phones().connected_to(gateway))
    except DevError as error:
        say(f"- going on without SMS: {error}")
        return False
    return True


def _introduce(server, plain: bool, has_sms: bool) -> None:
    say(f"\nOdoo is ready:  {server.url}\n")
    say("Logins (password = login):")
    for login in PLAIN_LOGINS if plain else DEMO_LOGINS:
        say(f"  {login.name:<12}{login.role}")
    if not plain:
        say("\nThe main job, step by step:")
        for number, text in enumerate([*TOUR, *(SMS_TOUR if has_sms else [])], 1):
            say(f"  {number}. {text.format(url=server.url, mails=_shown(_MAILS))}")
    places = [f"Mails: {_shown(_MAILS)}/*.eml", *(["SMS: ./dev phone"] * has_sms)]
    say("\n" + "   ".join([*places, f"Log: {_shown(server.log)}", "Stop: Ctrl-C"]))


def _shown(path) -> str:
    return str(path.relative_to(STATE.parent))
