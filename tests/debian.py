"""Debian's programs: the installed ones, or ones unpacked into a cache folder.

Nothing is installed and no rights are needed: `apt-get download` and `dpkg -x`.
"""

import fcntl
import os
import subprocess
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple, Self

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "alltobit"
PATIENCE_S = 20  # with a program that is to end


class NotHere(RuntimeError):  # noqa: N818 - it says what is so
    """It is not installed and cannot be fetched."""


class Wanted(NamedTuple):
    """A program: where it comes from, and what shows that all of it is there."""

    name: str
    packages: tuple[str, ...]
    needs: tuple[str, ...]
    """Patterns of files under `/usr`."""

    def is_whole(self, root: Path) -> bool:
        """Say whether all of it is under `root`."""
        return all(any((root / "usr").glob(pattern)) for pattern in self.needs)

    def root(self, installed: Path = Path("/")) -> Path:
        """Return the folder that it is under, fetching it the first time. Raises `NotHere`."""
        cache = CACHE / self.name
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two first runs must not unpack at once
            found = next(filter(self.is_whole, (installed, cache / "root")), None)
            return found or self._fetched(cache)

    def _fetched(self, cache: Path) -> Path:
        with TemporaryDirectory(dir=cache) as own:
            work = Path(own)
            try:
                _unpack(work, self.packages)
            except (OSError, subprocess.CalledProcessError) as error:
                said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1]
                raise self._lacking(f"cannot be fetched: {said}") from error
            if not self.is_whole(work / "root"):
                raise self._lacking(f"{', '.join(self.packages)} lack a part of it")
            rmtree(cache / "root", ignore_errors=True)
            return (work / "root").rename(cache / "root")

    def _lacking(self, why: str) -> NotHere:
        mend = f"install {self.packages[0]}, or run where Debian's archive is reached"
        return NotHere(f"{self.name}: {why}; {mend}")


def _unpack(work: Path, packages: tuple[str, ...]) -> None:
    """Fetch by this machine's package lists; where they are old or lacking, by lists of our own."""
    try:
        _run(work, "apt-get", "download", *packages)
    except subprocess.CalledProcessError:
        _run(work, "apt-get", *_own_lists(work), "update")
        _run(work, "apt-get", *_own_lists(work), "download", *packages)
    for package in work.glob("*.deb"):
        _run(work, "dpkg", "-x", str(package), str(work / "root"))


def _own_lists(work: Path) -> list[str]:
    (work / "lists/partial").mkdir(parents=True, exist_ok=True)
    where = {"Dir::State::Lists": work / "lists", "Dir::Cache": work, "APT::Sandbox::User": ""}
    return [word for name, value in where.items() for word in ("-o", f"{name}={value}")]


def _run(work: Path, *command: str) -> None:
    subprocess.run(command, cwd=work, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words


class Running:
    """A program, from `with` to its end; what it says goes into a file `log` of its folder."""

    def __init__(
        self, folder: Path, command: list[str | Path], environment: dict[str, str] | None = None
    ) -> None:
        self.folder, self.command = folder, command
        self.environment = environment
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "log").read_text(errors="replace")

    def __enter__(self) -> Self:
        with (self.folder / "log").open("ab") as log:
            self.process = self._started(log)
        return self

    def _started(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command
            self.command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=self.environment,
        )

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End it, gently first; return when it has ended."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
