"""The mail server for developers: what it says to whom."""

import smtplib

import pytest

from devtools.environment import Environment

UNTIL_LATER = "451 4.7.1 try again later"


@pytest.fixture(scope="module")
def sink():
    with Environment() as env, env.mail_sink() as running:
        yield running


def send(sink, address):
    with smtplib.SMTP("127.0.0.1", sink.port) as session:
        session.sendmail("us@here.example", address, "Subject: Hello\r\n\r\nHello")


def refusal(sink, address):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(sink, address)
    return refused.value.recipients[address][0]


def test_answers(sink):
    sink.answer(UNTIL_LATER)
    sink.answer("550 5.1.1 no such user", "nobody@there.example")
    assert refusal(sink, "office@there.example") == 451
    assert refusal(sink, "Nobody@there.example") == 550
    sink.answer(None)
    send(sink, "office@there.example")
    assert refusal(sink, "nobody@there.example") == 550
    assert [mail["X-Envelope-To"] for mail in sink.messages()] == [
        "office@there.example"
    ]


def test_hangs_up(sink):
    sink.answer("disconnect", "office@there.example")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink, "office@there.example")


def test_pause(sink):
    port = sink.port
    sink.pause()
    with pytest.raises(ConnectionRefusedError):
        send(sink, "other@there.example")
    sink.start()
    send(sink, "other@there.example")
    assert sink.port == port
