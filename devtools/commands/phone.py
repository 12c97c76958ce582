"""The phones of the partners' people, as far as ./dev run is concerned.

    ./dev phone                             the SMS that have arrived
    ./dev phone --watch                     and those that arrive from now on
    ./dev phone forward 3                   forward the third to the number it names
    ./dev phone forward 3 --from NUMBER     the same from another phone
    ./dev phone send --from NUMBER --to NUMBER TEXT

Any phone can be played; nothing leaves this machine.
"""

import shutil
import textwrap
import time

from ..phones import Message, Phones
from ..ui import DevError, say

_INDENT = "    "
_WIDEST = 100


def add_arguments(parser):
    parser.add_argument(
        "--watch", action="store_true", help="show what arrives, until Ctrl-C"
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    forward = actions.add_parser("forward", help="forward a message")
    forward.add_argument("number", type=int, metavar="N", help="which one")
    forward.add_argument(
        "--from", dest="sender", metavar="NUMBER", help="(default: who got it)"
    )
    forward.add_argument(
        "--to", dest="recipient", metavar="NUMBER", help="(default: named in the text)"
    )
    send = actions.add_parser("send", help="send a text")
    send.add_argument("--from", dest="sender", metavar="NUMBER", required=True)
    send.add_argument("--to", dest="recipient", metavar="NUMBER", required=True)
    send.add_argument("text", nargs="+", metavar="TEXT")


def main(options):
    phones = Phones()
    if options.action == "forward":
        return _forward(phones, options)
    if options.action == "send":
        return _send(phones, options.sender, options.recipient, " ".join(options.text))
    return _show(phones, options.watch)


def _forward(phones: Phones, options) -> None:
    phones.require_running()
    message = phones.message(options.number)
    recipient = options.recipient or message.find_number()
    if not recipient:
        raise DevError(
            f"Message {message.number} names no number to forward it to;"
            " say where: --to NUMBER."
        )
    _send(phones, options.sender or message.recipient, recipient, message.text)


def _send(phones: Phones, sender: str, recipient: str, text: str) -> None:
    phones.send(sender, recipient, text)
    say(f"Sent from {sender} to {recipient}. An answer comes as an SMS: ./dev phone")


def _show(phones: Phones, watch: bool) -> None:
    messages = phones.messages()
    if watch or not messages:
        phones.require_running()
    for message in messages:
        _print(message)
    if not watch:
        if not messages:
            say("No SMS has arrived yet. Broadcast a lead: ./dev run shows how.")
        return
    say("Waiting for SMS. Stop: Ctrl-C")
    try:
        _watch(phones, len(messages))
    except KeyboardInterrupt:
        say()


def _watch(phones: Phones, seen: int) -> None:
    while True:
        for message in phones.messages()[seen:]:
            _print(message)
            seen += 1
        time.sleep(0.3)


def _print(message: Message) -> None:
    moment = message.time.astimezone().strftime("%d %b %H:%M")
    say(f"{message.number:>3} {moment}  {message.recipient}  from {message.sender}")
    wrapper = textwrap.TextWrapper(
        width=min(shutil.get_terminal_size().columns, _WIDEST),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,  # links stay whole
        break_on_hyphens=False,
    )
    for line in message.text.splitlines():
        say(wrapper.fill(line))
    say()
