"""What is typed is understood, and what cannot be done is said in a line."""

import subprocess

import pytest

from devtools import __main__ as cli
from devtools.paths import ROOT


def dev(*arguments):
    return subprocess.run(
        [ROOT / "dev", *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help(command):
    shown = dev(command, "--help")
    assert shown.returncode == 0
    assert f"./dev {command}" in shown.stdout
    assert len(shown.stdout.splitlines()) > 5


def test_no_command_shows_usage():
    shown = dev()
    assert shown.returncode == 2
    assert "usage: ./dev" in shown.stderr


def test_pytest_options_pass_through_untouched():
    module, options = cli._parse(["test", "-k", "accept", "a/b.py", "-x"])
    assert options.rest == ["-k", "accept", "a/b.py", "-x"]
    assert module.TAKES_ALL


def test_other_commands_refuse_what_they_do_not_know(capsys):
    with pytest.raises(SystemExit):
        cli._parse(["run", "--colour"])
    assert "unrecognized arguments: --colour" in capsys.readouterr().err


def test_full_disk_is_a_message(monkeypatch, capsys):
    def full(options):
        raise OSError(28, "No space left on device")

    module, _options = cli._parse(["lint"])
    monkeypatch.setattr(module, "main", full)
    assert cli.main(["lint"]) == 1
    assert "the disk is full" in capsys.readouterr().err
