from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase
from odoo.tools import SQL

from .alert_common import AlertCase

ACTIONS = ["number", "confirm", "cancel", "subscription"]  # on oneself


class PortalAlertCase(AlertCase, HttpCase):
    """The page *Alerts*, met over HTTP by the people of two partners."""

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _open(self, path="", **options):
        return self.url_open(f"/my/alerts{path}", **options)

    def _post(self, path, files=None, **data):
        """Send one of the page's forms; return the page one gets to see then."""
        data.setdefault("csrf_token", Request.csrf_token(self))
        return self.url_open(f"/my/alerts/{path}", data=data, files=files)

    def _text(self, response):
        """Return what one reads on a page, on one line."""
        [wrap] = html.fromstring(response.text).xpath("//*[@id='wrap']")
        return " ".join(wrap.text_content().split())

    def _read_person(self, response, person):
        """Return what the page says of one of the people, on one line."""
        [item] = html.fromstring(response.text).xpath(f"//*[@id='person_{person.id}']")
        return " ".join(item.text_content().split())

    def _dump(self):
        """Return all that a form could change."""
        self.env.flush_all()
        return [
            self.env.execute_query(
                SQL("SELECT to_jsonb(t) FROM %s t ORDER BY id", SQL.identifier(table))
            )
            for table in (
                "res_partner",
                "lead_broadcast_alert_confirmation",
                "phone_blacklist",
                "sms_sms",
                "mail_message",
            )
        ]
