"""What came of a judge's run, read from reports rather than from exit codes alone."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from ..ui import say


@dataclass
class Outcome:
    """Counts of one judge; a skip, a warning or a crash counts as a failure."""

    judge: str
    passed: int = 0
    failed: int = 0
    complaints: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)  # of the tests that failed

    @property
    def ran(self) -> int:
        return self.passed + self.failed

    def fail(self, complaint: str, count: int = 1) -> None:
        self.failed += count
        self.complaints.append(complaint)

    def __add__(self, other):
        return Outcome(
            self.judge,
            self.passed + other.passed,
            self.failed + other.failed,
            self.complaints + other.complaints,
            self.names | other.names,
        )

    def report(self) -> None:
        for complaint in self.complaints:
            say(f"[{self.judge}] {complaint}")
        say(f"{self.judge}: {self.passed} passed, {self.failed} failed")

    def read_junit(self, path: Path) -> None:
        """Count pytest's cases; failures themselves were printed by pytest."""
        for case in ET.parse(path).iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            skip = case.find("skipped")
            if skip is not None:
                self.fail(
                    f"skipped, which counts as failed: {name}: {skip.get('message')}"
                )
            elif case.find("failure") is not None or case.find("error") is not None:
                self.fail(f"failed: {name}")
            else:
                self.passed += 1
                continue
            self.names.add(name)
