import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# As Kannel 1.4.5 answers.
ACCEPTED = (202, "0: Accepted for delivery")
QUEUED = (202, "3: Queued for later delivery")
FORBIDDEN = (403, "Authorization failed for sendsms")
NOT_ROUTABLE = (403, "Not routable. Do not try again.")
NO_RECEIVER = (400, "Missing receiver(s) number(s), rejected")
BAD_NUMBER = (400, "Number(s) has/have been denied by white- and/or black-lists.")
NO_SENDER = (400, "Sender missing and no global set, rejected")
NOT_FOUND = (404, "Unknown request.")
BUSY = (503, "Temporal failure, try again later.")
FAILED = (500, "Sending failed.")
HANG_UP = (0, "")  # the connection ends without an answer

USERNAME, PASSWORD = "odoo", "change me"


class FakeKannel:
    """smsbox and the status page of bearerbox, as far as they are spoken with.

    ``requests`` are the headers and texts of the messages it took or refused. A number
    in ``answers`` is answered so, ``None`` stands for all numbers.
    """

    def __init__(self):
        self.requests, self.answers = [], {}
        self.status_page = ""
        self.server_name = "Kannel/1.4.5"
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fake._respond(self, *fake._take(dict(self.headers), text))

            def do_GET(self):
                fake._respond(self, 200, fake.status_page)

            def version_string(self):
                return fake.server_name

            def log_message(self, *_args):
                """Keep the log of the tests clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/cgi-bin/sendsms"

    def _take(self, headers, text):
        login = headers.get("X-Kannel-Username"), headers.get("X-Kannel-Password")
        if login != (USERNAME, PASSWORD):
            return FORBIDDEN
        number = headers.get("X-Kannel-To")
        if number:
            self.requests.append((headers, text))
        default = ACCEPTED if number else NO_RECEIVER
        return self.answers.get(number, self.answers.get(None, default))

    def _respond(self, handler, status, text):
        if not status:
            handler.close_connection = True
            return
        body = text.encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(body)))
        if status == 302:
            handler.send_header("Location", self.url)
        handler.end_headers()
        handler.wfile.write(body)

    def clear(self):
        self.requests.clear()
        self.answers.clear()

    def stop(self):
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
