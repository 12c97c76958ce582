"""100,000 hostile requests against the routes that take SMS: what they cost."""

import time

from benchmarks.hostile import WORLD, Target, attack
from benchmarks.inside import table

REQUESTS, SLOWEST = 100_000, 10.0


def main(env) -> int:
    with env.database() as name:
        what = "Building the world of the attack"
        env.odoo.run_script(name, WORLD.read_text(), what=what)
        with env.server(name, workers=2, crons=0) as server:
            return measure(Target(server, env.dsn(name)))


def measure(target: Target) -> int:
    attack(target, count=500, seed=2)  # warm: what is loaded once is not a leak
    before, memory = target.state(), target.megabytes()
    log = target.count("lead_broadcast_inbound_sms")
    start = time.perf_counter()
    outcome = attack(target, count=REQUESTS)
    seconds = time.perf_counter() - start

    table(["kind", "answers"], outcome.rows())
    durations = sorted(duration for duration, _kind in outcome.seconds)
    table(
        ["what", "figure"],
        [
            ["requests", len(durations)],
            ["requests a second", len(durations) / seconds],
            ["median ms", 1000 * durations[len(durations) // 2]],
            ["slowest of a thousand ms", 1000 * durations[-len(durations) // 1000]],
            ["slowest ms", 1000 * durations[-1]],
            ["memory before MB", memory],
            ["memory after MB", target.megabytes()],
            ["taken, with the right secret", outcome.trusted],
            ["kept in the log", target.count("lead_broadcast_inbound_sms") - log],
        ],
    )
    changed = [
        name for name, digest in target.state().items() if digest != before[name]
    ]
    for status, request in outcome.failed[:20]:
        print(status, request)
    print(f"wrongly answered: {len(outcome.failed)}; changed: {changed}")
    return int(bool(outcome.failed or changed or durations[-1] > SLOWEST))
