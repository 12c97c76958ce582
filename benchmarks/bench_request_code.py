"""Reading request codes: what an honest message costs, and what a hostile one does."""

import importlib
import time

from benchmarks.inside import odoo_environment, table

SIZE, TIMES = 100_000, 20  # characters, runs
TARGET = 100  # ms a message
PIECES = {
    "pairs in a row": "AA22",
    "pairs apart": "AA 22 ",
    "look-alikes": "II 0O ",
    "one that grows": "\ufdfa",
    "marks to put in order": "\u0315\u0300",
    "symbols with joiners": "\U0001f600\u200d",
}


def main(env) -> int:
    with env.database() as name, odoo_environment(env, name):
        return measure()


def measure() -> int:
    tools = importlib.import_module("odoo.addons.lead_broadcast.tools")
    honest = (
        "Fwd: You have a new service opportunity on Data Rectification in Hauz Khas"
        f" ({tools.generate_request_code()}). To accept this offer, forward it."
    )
    texts = {"an honest message": honest}
    texts |= {name: (piece * SIZE)[:SIZE] for name, piece in PIECES.items()}
    rows, slowest = [], 0
    for name, text in texts.items():
        start = time.perf_counter()
        for _count in range(TIMES):
            tools.find_request_codes(text)
        taken = (time.perf_counter() - start) * 1000 / TIMES
        slowest = max(slowest, taken)
        rows.append((name, len(text), taken))
    table(("text", "characters", "ms"), rows)
    return int(slowest > TARGET)
