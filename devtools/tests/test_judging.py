"""What counts as passed and as failed."""

from devtools.testing.outcome import Outcome

JUNIT = """<testsuites><testsuite>
<testcase classname="a.T" name="good"/>
<testcase classname="a.T" name="bad"><failure message="no"/></testcase>
<testcase classname="a.T" name="none"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""

TOTAL = "2026-01-01 10:00:00,000 1 INFO db odoo.tests.result: {} when loading db\n"
SKIP = "2026-01-01 10:00:00,000 1 INFO db odoo.addons.a.tests.t: skipped T.x : why\n"


def test_skipped_counts_as_failed(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(JUNIT)
    outcome = Outcome("x")
    outcome.read_junit(report)
    assert (outcome.passed, outcome.failed) == (1, 2)
    assert outcome.names == {"a.T.bad", "a.T.none"}
    assert any("no browser" in complaint for complaint in outcome.complaints)


def odoo_log(tmp_path, text):
    log = tmp_path / "odoo.log"
    log.write_text(text)
    outcome = Outcome("odoo")
    outcome.read_odoo_log(log)
    return outcome.passed, outcome.failed


def test_odoo_total(tmp_path):
    text = TOTAL.format("1 failed, 2 error(s) of 10 tests")
    assert odoo_log(tmp_path, text) == (7, 3)


def test_odoo_skip_counts_as_failed(tmp_path):
    text = SKIP + TOTAL.format("0 failed, 0 error(s) of 10 tests")
    assert odoo_log(tmp_path, text) == (9, 1)


def test_odoo_that_gives_no_total_has_failed(tmp_path):
    assert odoo_log(tmp_path, "Killed\n") == (0, 1)
