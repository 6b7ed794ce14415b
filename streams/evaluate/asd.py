"""`alltobit eval asd`: the Application Server Dataset (Li et al. 2021, InterFusion, KDD)."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.evaluate.recording import timed
from streams.errors import ConfigError
from streams.evaluate.labelled import Part, command
from streams.evaluate.tables import files

STEP_NS = 300_000_000_000  # five minutes


def read(folder: Path) -> list[Part]:
    """Read every NAME_train, NAME_test and NAME_label of the .npz files. Raises ConfigError."""
    parts = [part for path in files(folder, ".npz") for part in _archive(path)]
    if not parts:
        trouble = "no .npz has NAME_train, NAME_test and NAME_label"
        raise ConfigError("eval asd", folder, trouble, "name the set's folder")
    return parts


def _archive(path: Path) -> Iterator[Part]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = [one.removesuffix("_label") for one in archive.files if one.endswith("_label")]
            for name in sorted(names):
                yield _server(name, *(archive[f"{name}_{part}"] for part in _PARTS))
    except (KeyError, ValueError, OSError) as bad:
        raise ConfigError("eval asd", path, str(bad), "give the set as it is") from bad


_PARTS = ("train", "test", "label")


def _server(name: str, train: np.ndarray, test: np.ndarray, label: np.ndarray) -> Part:
    before = timed(name, train.astype(float), STEP_NS)
    begin_ns = before.times_ns.size * STEP_NS
    return Part(timed(name, test.astype(float), STEP_NS, label > 0, begin_ns), before)


run = command("asd", read, "Score the Application Server Dataset.")
