"""The ground on which the other live tests stand."""

import os
import signal
import socket
import urllib.request


def test_server_with_workers_answers_and_mail_arrives(live_server):
    live = live_server(workers=2)
    with urllib.request.urlopen(f"{live.url}/web/login") as page:
        assert page.status == 200

    admin = live.client()
    mail = admin.call(
        "mail.mail",
        "create",
        {
            "subject": "Hello",
            "body_html": "<p>From a worker</p>",
            "email_from": "odoo@example.com",
            "email_to": "someone@example.com",
        },
    )
    admin.call("mail.mail", "send", [mail])

    [kept] = live.mails(lambda mail: mail["Subject"] == "Hello")
    assert kept["X-Envelope-To"] == "someone@example.com"
    assert "From a worker" in kept.get_body(("html",)).get_content()


def test_refused_recipients_are_known_to_odoo(live_server):
    live = live_server(workers=0)
    admin = live.client()
    mail = admin.call(
        "mail.mail",
        "create",
        {
            "subject": "No",
            "email_from": "a@example.com",
            "email_to": "x@bounce.example",
        },
    )
    admin.call("mail.mail", "send", [mail])
    with live.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT state FROM mail_mail WHERE id = %s", [mail])
        assert cursor.fetchone() == ("exception",)
    assert not live.sink.messages()


def test_running_servers_know_what_a_script_has_changed(live_server):
    live = live_server(workers=0)
    admin = live.client()
    known = admin.call("res.lang", "get_installed")  # asked once, and kept
    assert "hi_IN" not in dict(known)
    live.run_script("env['res.lang']._activate_lang('hi_IN')\nenv.cr.commit()")
    assert "hi_IN" in dict(admin.call("res.lang", "get_installed"))
    admin.call("res.partner", "search_count", [], context={"lang": "hi_IN"})


def test_many_connections_wait_for_busy_workers(live_server):
    live = live_server(workers=2)
    group = live.server.service.process.pid
    os.killpg(group, signal.SIGSTOP)
    try:
        address = ("127.0.0.1", live.server.port)
        waiting = [socket.create_connection(address, timeout=30) for _ in range(60)]
    finally:
        os.killpg(group, signal.SIGCONT)
    for connection in waiting:
        connection.close()
