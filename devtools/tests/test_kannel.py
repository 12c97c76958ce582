"""A real gateway between a real operator and a web server that stands for Odoo."""

import contextlib
import time

import pytest

from devtools import debian, kannel_programs
from devtools.commands import run
from devtools.environment import Environment
from devtools.kannel import Kannel
from devtools.kannel_config import Settings, configuration
from devtools.ui import DevError

from .gateway import LINES, OFFICE, PHONE, send

HINDI = "नमस्ते, यह एक लंबा संदेश है। " * 4
LATIN = "Café {€}\n" * 40


@pytest.fixture
def gateway(web):
    """A gateway with an operator, and the function that sends through it."""
    env = Environment()
    with env.operator() as operator, env.kannel(operator=operator) as kannel:
        kannel.start(LINES.format(s=kannel.settings, url=web.url))
        yield kannel, operator


def test_outcomes(gateway, web):
    kannel, operator = gateway
    for digit in "1987654":
        send(kannel, web, f"{PHONE[:-1]}{digit}", "Hello")
    states = {
        digit: {report["state"] for report in web.wait_for(f"/report{digit}", count)}
        for digit, count in {"1": 2, "9": 2, "8": 2, "7": 1, "6": 2, "5": 1}.items()
    }
    accepted, delivered, undelivered, rejected = "8", "1", "2", "16"
    assert states == {
        "1": {accepted, delivered},
        "9": {accepted, undelivered},
        "8": {accepted, undelivered},
        "7": {rejected},
        "6": {accepted, delivered},
        "5": {accepted},
    }
    outcomes = {
        message["recipient"][-1]: message["outcome"] for message in operator.messages()
    }
    assert outcomes["8"] == "EXPIRED"
    assert "7" not in outcomes


def test_long_texts_both_ways(gateway, web):
    kannel, operator = gateway
    send(kannel, web, PHONE, HINDI, coding=2, validity=60)
    send(kannel, web, PHONE, LATIN)
    hindi, latin = operator.wait_for(count=2)
    assert (hindi["text"], hindi["coding"]) == (HINDI, "UCS-2")
    assert hindi["validity"]
    assert (latin["text"], latin["coding"]) == (LATIN, "GSM-7")

    assert operator.send(PHONE, OFFICE, HINDI) == 2
    assert operator.send(PHONE, OFFICE, "Hello again, " * 20) == 2
    texts = {values["text"]: values for values in web.wait_for("/in", 2)}
    assert set(texts) == {HINDI, "Hello again, " * 20}
    values = texts[HINDI]
    assert (values["key"], values["from"], values["to"]) == ("1", PHONE, OFFICE)
    assert values["charset"] == "UTF-8"
    assert abs(int(values["time"]) - time.time()) < 60
    assert values["id"] != texts["Hello again, " * 20]["id"]


def test_queue_survives_a_restart(gateway, web):
    kannel, operator = gateway
    operator.set_busy(True)
    for number in range(3):
        send(kannel, web, PHONE, f"Message {number}")
    before = kannel.settings
    kannel.stop()
    assert kannel.status() is None
    operator.send(PHONE, OFFICE, "While you were away")
    operator.set_busy(False)
    kannel.start()
    assert kannel.settings == before
    kept = operator.wait_for(count=3)
    assert {message["text"] for message in kept} == {f"Message {n}" for n in range(3)}
    web.wait_for("/report1", 6)
    [received] = web.wait_for("/in")
    assert received["text"] == "While you were away"
    assert len(operator.messages()) == 3


def test_phones_wait_for_nobody(web):
    """Without an operator it is ready at once: phones may come later."""
    with Environment().kannel() as kannel:
        kannel.start(LINES.format(s=kannel.settings, url=web.url))
        assert kannel.status().findtext("smscs/smsc/status") == "connecting"
        folder, mode = kannel.folder, (kannel.folder / "kannel.conf").stat().st_mode
        assert mode & 0o077 == 0
    assert not folder.exists()


def test_killed_programs_are_replaced(gateway):
    kannel, _operator = gateway
    kannel.smsbox.kill()
    kannel.bearerbox.kill()
    kannel.start()
    assert kannel.is_ready()


def test_everything_is_on_loopback(tmp_path):
    text = configuration(tmp_path, Settings(), "")
    groups = [
        dict(line.split(" = ", 1) for line in group.splitlines() if "=" in line)
        for group in text.split("\n\n")
    ]
    for group in groups:
        for listening in ("admin-port", "smsbox-port", "sendsms-port"):
            if listening in group:
                prefix = listening.removesuffix("-port")
                assert group[f"{prefix}-interface"] == "127.0.0.1"
    [smsc] = [group for group in groups if group.get("group") == "smsc"]
    assert smsc["our-host"] == "127.0.0.1"
    assert Settings().password != Settings().password


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine without Kannel and without a network."""

    def offline(self):
        raise DevError("No Debian mirror can be reached")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kannel_programs, "_installed", lambda: None)
    monkeypatch.setattr(debian.PrivateApt, "_mirror", offline)


def test_without_kannel_it_says_where_to_get_it(nowhere):
    with pytest.raises(DevError, match="cannot be had(?s:.*)No Debian mirror"):
        Kannel()


def test_run_goes_on_without_kannel(nowhere, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "_KANNEL", tmp_path / "kannel")
    with contextlib.ExitStack() as stack:
        assert run._start_sms(stack, Environment(), 8069) is False
    assert "going on without SMS: Kannel" in capsys.readouterr().out
