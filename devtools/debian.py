"""Debian packages without touching the system: a private apt fetches, dpkg unpacks.

The mirror is the one this machine uses already; apt checks signatures and sums.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from .paths import built_whole, cache_dir, locked, require_space
from .processes import run
from .ui import DevError, step

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LISTS_ARE_FRESH = 24 * 3600  # seconds


class PrivateApt:
    """apt with lists, cache and sources of its own, knowing this release and sid."""

    def __init__(self):
        for program in ("apt-get", "dpkg-deb"):
            if not shutil.which(program):
                raise DevError(f"This needs a Debian system ({program} is missing).")
        self.folder = cache_dir() / "apt"
        self.config = self.folder / "apt.conf"
        self._ready = False

    def _environment(self) -> dict:
        return {**os.environ, "APT_CONFIG": str(self.config), "LC_ALL": "C.UTF-8"}

    def _apt(self, *args, what, cwd=None):
        return run(
            ["apt-get", "-q", *args], what=what, cwd=cwd, env=self._environment()
        )

    @property
    def release(self) -> str:
        self._prepare()
        return (self.folder / "release").read_text().strip()

    def _prepare(self) -> None:
        """Write the private configuration and bring its lists up to date."""
        if self._ready:
            return
        stamp = self.folder / "updated"
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > _LISTS_ARE_FRESH:
            with step("Reading Debian's package lists"):
                self._configure()
                self._update()
                stamp.touch()
        self._ready = True

    def _configure(self) -> None:
        for sub in ("lists/partial", "own-lists/partial", "cache/archives/partial"):
            (self.folder / sub).mkdir(parents=True, exist_ok=True)
        mirror, release = self._mirror()
        (self.folder / "release").write_text(release + "\n")
        signed = f"[signed-by={_KEYRING}] " if _KEYRING.exists() else ""
        (self.folder / "sources.list").write_text(
            f"deb {signed}{mirror} {release} main\ndeb {signed}{mirror} sid main\n"
        )
        self.config.write_text(
            f"""Dir::State::Lists "{self.folder}/lists";
Dir::State::Status "/var/lib/dpkg/status";
Dir::Cache "{self.folder}/cache";
Dir::Etc::SourceList "{self.folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Default-Release "{release}";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
"""
        )

    def _mirror(self) -> tuple[str, str]:
        """The address and release of Debian itself among this machine's own sources."""
        own_lists = [f"-oDir::State::Lists={self.folder}/own-lists"]
        own_lists += [f"-oDir::Cache={self.folder}/cache", "-oAPT::Sandbox::User="]
        for options in ([], own_lists):
            if options:  # a machine that never ran apt-get update knows no targets yet
                subprocess.run(
                    ["apt-get", *options, "-qq", "update"],
                    capture_output=True,
                    check=False,
                )
            found = subprocess.run(
                [
                    "apt-get",
                    *options,
                    "indextargets",
                    "--format",
                    "$(REPO_URI) $(CODENAME)",
                ]
                + [
                    "Created-By: Packages",
                    "Origin: Debian",
                    "Label: Debian",
                    "Component: main",
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            for line in found.stdout.splitlines():
                mirror, release = line.split()
                if "-" not in release:  # bookworm, but not bookworm-updates
                    return mirror, release
        raise DevError(
            "No Debian mirror can be reached through this machine's apt sources "
            "(is there a network, and is this Debian?)."
        )

    def _update(self) -> None:
        try:
            self._apt("-oAPT::Update::Error-Mode=any", "update", what="apt-get update")
        except DevError as error:
            raise DevError(
                f"Debian's package lists cannot be fetched.\n{error}"
            ) from None

    def version(self, package: str, release: str) -> str:
        self._prepare()
        shown = run(
            ["apt-cache", "show", f"{package}/{release}"],
            what=f"looking up {package} in Debian {release}",
            env=self._environment(),
        )
        return next(
            line.split(": ", 1)[1]
            for line in shown.stdout.splitlines()
            if line.startswith("Version: ")
        )

    def missing_with(self, package: str) -> list[str]:
        """The package and all that it needs and this machine has not (a dry run)."""
        self._prepare()
        plan = self._apt(
            "-s",
            "--no-install-recommends",
            "install",
            package,
            what=f"planning {package}",
        )
        return [
            line.split()[1]
            for line in plan.stdout.splitlines()
            if line.startswith("Inst ")
        ]

    def unpack(self, packages: list[str], target: Path, megabytes: int) -> None:
        """Fetch packages and unpack them; ``target`` appears only when it is whole."""
        self._prepare()
        require_space(target.parent, megabytes)
        with (
            locked(target.with_name(f"{target.name}.lock")),
            built_whole(target) as part,
        ):
            debs = part / "debs"
            debs.mkdir()
            try:
                self._apt(
                    "download", *packages, what="Downloading from Debian", cwd=debs
                )
            except DevError:
                self._update()  # the mirror may have moved on since the lists were read
                self._apt(
                    "download", *packages, what="Downloading from Debian", cwd=debs
                )
            for deb in sorted(debs.glob("*.deb")):
                run(["dpkg-deb", "-x", deb, part], what=f"Unpacking {deb.name}")
            shutil.rmtree(debs)


def library_path(tree: Path) -> str:
    """LD_LIBRARY_PATH for programs that run from an unpacked tree.

    With the folders in which some libraries keep private ones (pulseaudio does).
    """
    roots = [*tree.glob("usr/lib/*-linux-gnu*"), *tree.glob("lib/*-linux-gnu*")]
    private = {path.parent for root in roots for path in root.glob("*/lib*.so*")}
    return ":".join(str(folder) for folder in [*roots, *sorted(private)])
