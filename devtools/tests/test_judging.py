"""What counts as passed and as failed."""

from devtools.testing.outcome import Outcome

JUNIT = """<testsuites><testsuite>
<testcase classname="a.T" name="good"/>
<testcase classname="a.T" name="bad"><failure message="no"/></testcase>
<testcase classname="a.T" name="none"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


def test_skipped_counts_as_failed(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(JUNIT)
    outcome = Outcome("x")
    outcome.read_junit(report)
    assert (outcome.passed, outcome.failed) == (1, 2)
    assert outcome.names == {"a.T.bad", "a.T.none"}
    assert any("no browser" in complaint for complaint in outcome.complaints)
