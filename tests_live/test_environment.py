"""The ground on which the other live tests stand."""

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
