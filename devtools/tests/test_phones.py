"""Phones: what the gateway's lines mean, and what is typed to play them."""

import json
import time

import pytest

from devtools import __main__ as cli
from devtools import phones
from devtools.environment import Environment
from devtools.fake_smsc import Reader, Sms, compose
from devtools.phones import Phones
from devtools.processes import PATIENCE

from .gateway import LINES, OFFICE, PHONE, send

OFFER = "Printer in Tver (AA22BB33). To accept, forward this to +91 11 4000 1234."
LONG_RUSSIAN = "Новая заявка на ремонт. Чтобы принять её, перешлите. " * 4


def test_plain_text():
    line = f"{OFFICE} {PHONE} text To accept: forward (50 %)\n".encode()
    assert Reader().feed(line) == [Sms(OFFICE, PHONE, "To accept: forward (50 %)")]


def test_pieces_are_put_together():
    reader = Reader()
    line = f"{OFFICE} {PHONE} text Café\n".encode()
    found = [sms for byte in line for sms in reader.feed(bytes([byte]))]
    assert found == [Sms(OFFICE, PHONE, "Café")]


def test_text_with_line_breaks_and_the_next_one():
    data = f"{OFFICE} {PHONE} text One\nand two\n{OFFICE} {PHONE} text Next\n".encode()
    assert [sms.text for sms in Reader().feed(data)] == ["One\nand two", "Next"]


def test_unicode_and_parts_in_any_order():
    def line(kind, body):
        return f"{OFFICE} {PHONE} {kind} ".encode() + body + b"\n"

    def coded(data):
        return "".join(f"%{byte:02X}" for byte in data).encode()

    reader = Reader()
    assert [sms.text for sms in reader.feed(line("ucs-2", b"%04%3F%00+"))] == ["п "]
    data = "Да, 5 штук".encode("utf-16-be")
    second = b"%05%00%03%07%02%02 data " + coded(data[7:])
    first = b"%05%00%03%07%02%01 data " + coded(data[:7])
    assert reader.feed(line("udh", second)) == []
    [sms] = reader.feed(line("udh", first))
    assert sms.text == "Да, 5 штук"


def test_what_phones_send():
    assert compose(Sms(PHONE, OFFICE, "Yes (1)")) == (
        f"{PHONE} {OFFICE} text Yes (1)\n".encode()
    )
    assert compose(Sms(PHONE, OFFICE, "a\nи")).endswith(b" ucs2 %00a%00%0A%048\n")


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Phones on which one message has arrived; nothing runs."""
    monkeypatch.setattr(phones, "FOLDER", tmp_path)
    message = {
        "time": "2026-01-05T12:00:00+00:00",
        **Sms(OFFICE, PHONE, OFFER)._asdict(),
    }
    (tmp_path / "messages.jsonl").write_text(f"{json.dumps(message)}\n")
    return Phones()


def test_list_needs_nothing_that_runs(kept, capsys):
    assert cli.main(["phone"]) == 0
    shown = capsys.readouterr().out
    assert f"{PHONE}  from {OFFICE}" in shown
    assert "    Printer in Tver (AA22BB33)." in shown


def test_number_in_the_text(kept):
    [message] = kept.messages()
    assert message.find_number() == OFFICE
    assert message._replace(text="AA22BB33CC44 1234567").find_number() == ""


@pytest.mark.parametrize(
    "typed", [["forward", "1"], ["send", "--from", "1", "--to", "2", "Hi"], ["--watch"]]
)
def test_without_run_it_says_so(kept, capsys, typed):
    assert cli.main(["phone", *typed]) == 1
    assert "./dev run is not running" in capsys.readouterr().err


@pytest.fixture
def running(web, tmp_path, monkeypatch):
    """Phones, and the gateway they are connected to."""
    monkeypatch.setattr(phones, "FOLDER", tmp_path)
    made = Phones()
    with Environment().kannel() as kannel:
        kannel.start(LINES.format(s=kannel.settings, url=web.url))
        with made.connected_to(kannel):
            yield made, kannel


def wait_for(inbox, count):
    deadline = time.monotonic() + PATIENCE
    while len(inbox.messages()) < count:
        assert time.monotonic() < deadline, inbox.messages()
        time.sleep(0.05)
    return inbox.messages()


def test_there_and_back(running, web, capsys):
    inbox, kannel = running
    send(kannel, web, PHONE, OFFER)
    send(kannel, web, PHONE, LONG_RUSSIAN, coding=2)
    texts = [message.text for message in wait_for(inbox, 2)]
    assert texts == [OFFER, LONG_RUSSIAN]

    assert cli.main(["phone", "forward", "1"]) == 0
    assert f"Sent from {PHONE} to {OFFICE}" in capsys.readouterr().out
    other = "+919811100002"
    assert cli.main(["phone", "forward", "2", "--from", other, "--to", OFFICE]) == 0
    assert cli.main(["phone", "send", "--from", other, "--to", OFFICE, "A", "b"]) == 0
    received = {
        (values["from"], values["to"], values["text"])
        for values in web.wait_for("/in", 3)
    }
    assert received == {
        (PHONE, OFFICE, OFFER),
        (other, OFFICE, LONG_RUSSIAN),
        (other, OFFICE, "A b"),
    }


def test_mistakes_are_told(running, capsys, web):
    for typed, told in (
        (["forward", "9"], "There is no message 9 (there are: none yet)"),
        (["send", "--from", "a b", "--to", OFFICE, "x"], "'a b' is no number"),
        (["send", "--from", PHONE, "--to", OFFICE, " "], "no text to send"),
    ):
        assert cli.main(["phone", *typed]) == 1
        assert told in capsys.readouterr().err
    inbox, kannel = running
    send(kannel, web, PHONE, "Hello")
    wait_for(inbox, 1)
    assert cli.main(["phone", "forward", "1"]) == 1
    assert "names no number" in capsys.readouterr().err


def test_phones_find_the_gateway_again(running, web):
    inbox, kannel = running
    kannel.stop()
    kannel.start()
    send(kannel, web, PHONE, "Back again")
    assert wait_for(inbox, 1)[0].text == "Back again"
