#!/usr/bin/env python3
"""Hand a lead over to Odoo; whatever happens on the way, there will be one.

export ODOO_URL=https://odoo.example.com ODOO_API_KEY=0123456789abcdef
submit_lead.py ORDER-4711 '{"name": "Move to Delhi", "phone": "+91 98100 12345"}'
"""

import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TRIES = 5


def submit(key, values):
    """Return what Odoo says about the lead; the key names it in your own system."""
    request = Request(
        os.environ["ODOO_URL"] + "/json/2/lead.intake.request/submit",
        data=json.dumps({"key": key, "values": values}).encode(),
        headers={
            "Authorization": f"bearer {os.environ['ODOO_API_KEY']}",
            "Content-Type": "application/json",
            # where one server has several databases
            "X-Odoo-Database": os.environ.get("ODOO_DATABASE", ""),
        },
    )
    for delay in range(TRIES):
        time.sleep(delay)
        try:
            with urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code < 500:  # refused: the same again would be refused again
                sys.exit(json.load(error)["message"])
            problem = error
        except OSError as error:  # perhaps there is a lead now: ask with the same key
            problem = error
    sys.exit(f"Odoo did not answer, send the same once more later: {problem}")


if __name__ == "__main__":
    json.dump(submit(sys.argv[1], json.loads(sys.argv[2])), sys.stdout)
