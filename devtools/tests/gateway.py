"""What stands for Odoo beside a real gateway: a web server, and one who sends."""

import http.server
import threading
import urllib.parse
import urllib.request

from devtools.processes import PATIENCE

PHONE, OFFICE = "+919811100001", "+911140001234"
LINES = """\
http-request-retry = 1000
http-queue-delay = 10
mo-recode = true

group = sendsms-user
username = "{s.username}"
password = "{s.password}"
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
assume-plain-text = true
get-url = "{url}/in?key=1&from=%p&to=%P&text=%b&charset=%C&id=%I&time=%T"
"""


class Web(http.server.ThreadingHTTPServer):
    """Keeps what it is asked, as (path, parameters)."""

    def __init__(self):
        self.asked, self.told = [], threading.Condition()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def wait_for(self, path, count=1, seconds=PATIENCE):
        def found():
            return [values for asked, values in self.asked if asked == path]

        with self.told:
            assert self.told.wait_for(lambda: len(found()) >= count, seconds), (
                self.asked
            )
        return found()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _mark, query = self.path.partition("?")
        values = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        with self.server.told:
            self.server.asked.append((path, values))
            self.server.told.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def send(kannel, web, recipient, text, **options):
    values = {
        "username": kannel.settings.username,
        "password": kannel.settings.password,
        "from": OFFICE,
        "to": recipient,
        "text": text,
        "charset": "UTF-8",
        "dlr-mask": 31,
        "dlr-url": f"{web.url}/report{recipient[-1]}?state=%d",
        **options,
    }
    url = f"{kannel.settings.send_url}?{urllib.parse.urlencode(values)}"
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        assert answer.status == 202
