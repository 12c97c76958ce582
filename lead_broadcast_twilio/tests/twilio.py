"""A small Twilio on this machine, and requests signed as by the real one."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class TwilioServer:
    """Speaks the JSON of api.twilio.com for sending messages.

    ``answers`` has what it does with a recipient: a code of an error, a pair of
    status and raw body, or ``hang up``. ``messages`` are the requests it got.
    """

    def __init__(self):
        self.answers = {}
        self.messages = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, request):
        """Return status and body, or nothing to hang up."""
        answer = self.answers.get(request["To"])
        if answer == "hang up":
            return None
        if isinstance(answer, tuple):
            return answer
        if answer:
            status = {20003: 401, 20429: 429, 20500: 500}.get(answer, 400)
            error = {"code": answer, "status": status, "message": f"Error {answer}"}
            return status, json.dumps(error)
        sid = f"SM{len(self.messages):032}"
        return 201, json.dumps({"sid": sid, "status": "queued", "error_code": None})

    def _make_handler(twilio):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                message = dict(parse_qsl(self.rfile.read(length).decode()))
                credentials = self.headers["Authorization"].removeprefix("Basic ")
                message["account"] = urlsplit(self.path).path.split("/")[3]
                message["credentials"] = base64.b64decode(credentials).decode()
                twilio.messages.append(message)
                answer = twilio.answer(message)
                if answer is None:
                    self.close_connection = True
                    return
                status, body = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_args):
                pass

        return Handler


def sign(token, url, pairs):
    """Sign as the documentation says: the URL, then the parameters by their names.

    Written anew here: a mistake in the addon's own shall not be repeated.
    """
    text = url + "".join(name + value for name, value in sorted(pairs))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
