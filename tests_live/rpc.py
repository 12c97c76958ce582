"""A logged-in user of a running Odoo, speaking as the web client does."""

import requests

from devtools.processes import PATIENCE


class RemoteError(Exception):
    """What Odoo answered instead of a result; ``name`` is the exception's, in full."""

    def __init__(self, error: dict):
        data = error.get("data", {})
        super().__init__(data.get("message") or error.get("message"))
        self.name = data.get("name", "")


class Client:
    """``client.call("crm.lead", "search_read", [], fields=["name"])``."""

    def __init__(self, url: str, database: str, login: str, password: str):
        self.url = url
        self.session = requests.Session()
        user = self._json(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.uid = user["uid"]

    def call(self, model: str, method: str, *args, **kwargs):
        """Call a public method; RemoteError when it raises.

        One client serves one thread at a time, as its connection does.
        """
        return self._json(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def get(self, path: str, **options):
        """A page as this user sees it (requests.Response)."""
        return self.session.get(self.url + path, timeout=PATIENCE, **options)

    def post(self, path: str, data=None, **options):
        url = self.url + path
        return self.session.post(url, data=data, timeout=PATIENCE, **options)

    def _json(self, path: str, params: dict):
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = self.session.post(self.url + path, json=body, timeout=PATIENCE).json()
        if "error" in answer:
            raise RemoteError(answer["error"])
        return answer.get("result")  # left out when the method returns None
