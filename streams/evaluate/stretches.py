"""Recordings of which we know, row by row, whether they are healthy, anomalous, or neither."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.evaluate.recording import Bools, Recording
from models.replay import Reading
from streams.errors import ConfigError
from streams.evaluate import asd, ms, nab, skab, smd, tep
from streams.evaluate.labelled import Part
from streams.evaluate.tables import header, tables
from streams.replay_files import is_data


class Stretch(NamedTuple):
    """One recording."""

    of: str
    """The set it belongs to."""
    recording: Recording
    healthy: Bools
    """(n,) rows that somebody called healthy."""

    @property
    def unlabelled(self) -> Bools:
        """Return the rows of which nobody said anything, (n,)."""
        return ~(self.healthy | self.recording.labels)

    def days(self, rows: Bools) -> float:
        """Return how many signal-days these rows, (n,), are."""
        one = self.recording
        share = float(rows.sum()) / max(rows.size, 1)
        return one.days * int(one.values.shape[1]) * share


class Known(NamedTuple):
    """A set that can be recognised."""

    is_there: Callable[[Path], bool]
    read: Callable[[Path], Iterable[Stretch]]


def stretches(folder: Path) -> list[Stretch]:
    """Read the set in a folder, or in each folder in it. Raises ConfigError."""
    found = [*_of(folder)]
    if not found and folder.is_dir():
        inside = sorted(one for one in folder.iterdir() if one.is_dir())
        found = [stretch for one in inside for stretch in _of(one) or _others(one)]
    found = found or [*_others(folder)]
    if not found:
        raise ConfigError("eval quiet", folder, "holds no recordings", "name a folder of sets")
    return found


def _of(folder: Path) -> list[Stretch]:
    """Read the known set in a folder; nothing where there is none."""
    known = next((one for one in SETS.values() if one.is_there(folder)), None)
    return [*known.read(folder)] if known else []


def _others(folder: Path) -> Iterator[Stretch]:
    """Read a folder's tables that belong to no known set: nobody said anything of them."""
    for path in sorted(one for one in folder.rglob("*") if is_data(one)):
        for one in tables(path, Reading()).values():
            yield Stretch(folder.name, one, np.zeros(one.times_ns.size, np.bool_))


def _corpus(folder: Path) -> Iterator[Stretch]:
    for one in nab.corpus(folder):
        yield Stretch("nab", one.recording, ~one.recording.labels)


def _parts(of: str, parts: Iterable[Part]) -> Iterator[Stretch]:
    """Let each recording follow what was before, of which nobody said anything."""
    for part in parts:
        one = part.recording
        if part.before is None:
            yield Stretch(of, one, ~one.labels)
            continue
        both = _joined(part.before, one)
        labelled = np.arange(both.times_ns.size) >= part.before.times_ns.size
        yield Stretch(of, both, labelled & ~both.labels)


def _joined(before: Recording, after: Recording) -> Recording:
    return Recording(
        after.name,
        np.concatenate([before.times_ns, after.times_ns]),
        np.concatenate([before.values, after.values]),
        np.concatenate([before.labels, after.labels]),
    )


def _process(folder: Path) -> Iterator[Stretch]:
    """Read runs, healthy before their fault, and d00, which its authors call fault-free."""
    parts = tep.read(folder)
    yield from (Stretch("tep", one.recording, ~one.recording.labels) for one in parts)
    before = parts[0].before
    if before is not None:
        yield Stretch("tep", before, ~before.labels)


def _has_column(folder: Path, label: str) -> bool:
    some = (path for pattern in ("*.csv", "*/*.csv") for path in folder.glob(pattern))
    return any(label in header(path) for path in some)


def _free(folder: Path) -> Iterator[Stretch]:
    """Read the runs of SKAB, and the one that its authors call free of anomalies."""
    yield from _parts("skab", skab.read(folder))
    for path in sorted(folder.rglob("anomaly-free.csv")):
        for one in tables(path, Reading()).values():
            yield Stretch("skab", one, ~one.labels)


SETS = {
    "nab": Known(nab.is_there, _corpus),
    "smd": Known(lambda at: (at / "test_label").is_dir(), lambda at: _parts("smd", smd.read(at))),
    "asd": Known(lambda at: any(at.glob("*.npz")), lambda at: _parts("asd", asd.read(at))),
    "tep": Known(lambda at: any(at.glob("d*_te.dat*")), _process),
    "ms": Known(lambda at: _has_column(at, "Label"), lambda at: _parts("ms", ms.read(at))),
    "skab": Known(lambda at: _has_column(at, "anomaly"), _free),
}
"""Sets by name, in the order in which they are looked for."""
