from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase
from odoo.tools import SQL

from .common import BroadcastCase

CUSTOMER_SECRETS = ["Asha Traders", "98100", "asha@traders", "Aurobindo", "110016"]
TABLES = [
    "lead_broadcast_offer",
    "lead_broadcast",
    "lead_broadcast_notice",
    "crm_lead",
    "mail_message",
]


class PortalCase(BroadcastCase, HttpCase):
    """One lead offered to three partners, met over HTTP.

    ``offer`` is that of Green Park Services, ``rival`` that of Saket Services. Nobody
    is logged in.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)
        cls.rival = cls._get_offer(cls.saket)

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _open(self, offer=None, token=None, method="GET", **params):
        """Open an offer's page, with its own token unless told otherwise."""
        offer = offer or self.offer
        params["access_token"] = offer.access_token if token is None else token
        return self.url_open(offer.access_url, params=params, method=method)

    def _post(self, action, offer=None, token=None, files=None, **data):
        """Send one of the page's forms; return the page one gets to see then."""
        offer = offer or self.offer
        data.setdefault("csrf_token", Request.csrf_token(self))
        data.setdefault("access_token", offer.access_token if token is None else token)
        return self.url_open(f"{offer.access_url}/{action}", data=data, files=files)

    def _text(self, response):
        """Return what one reads on a page, on one line."""
        [wrap] = html.fromstring(response.text).xpath("//*[@id='wrap']")
        return " ".join(wrap.text_content().split())

    def _dump(self):
        """Return all rows an answer could change."""
        self.env.flush_all()
        dump = {}
        for table in TABLES:
            dump[table] = self.env.execute_query(
                SQL("SELECT to_jsonb(t) FROM %s t ORDER BY id", SQL.identifier(table))
            )
        return dump

    def assertSecret(self, response):
        """Assert that a page names neither the customer nor a rival."""
        for secret in [*CUSTOMER_SECRETS, "Saket Services", "Lajpat Nagar Services"]:
            self.assertNotIn(secret, response.text)
