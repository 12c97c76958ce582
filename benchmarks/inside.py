"""Odoo in the process of a benchmark: what is measured are its own calls."""

import contextlib
import statistics
import time


@contextlib.contextmanager
def odoo_environment(env, database: str):
    """The ``odoo.api.Environment`` of the superuser; nothing is committed by itself."""
    # they are only there in the Python that runs benchmarks, and take a second
    import odoo  # noqa: PLC0415
    from odoo.modules.registry import Registry  # noqa: PLC0415
    from odoo.tools import config  # noqa: PLC0415

    options = ["-c", str(env.odoo.write_config()), "-d", database]
    config.parse_config([*options, "--log-level=error"], setup_logging=True)
    with Registry(database).cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
    odoo.sql_db.close_all()


def median_ms(call, repeat: int = 5) -> float:
    """The median duration of a call, after one that warms caches up."""
    durations = []
    call()
    for _turn in range(repeat):
        start = time.perf_counter()
        call()
        durations.append(1000 * (time.perf_counter() - start))
    return statistics.median(durations)


def table(head: list, rows: list[list]) -> None:
    """Print rows in columns, names to the left and figures to the right."""
    texts = [head, *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    for row in texts:
        first, *rest = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1])] + [cell.rjust(width) for cell, width in rest]
        print("  ".join(cells))


def _text(cell) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)
