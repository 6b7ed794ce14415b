"""`alltobit eval smd`: the Server Machine Dataset (Su et al. 2019, OmniAnomaly, KDD)."""

from pathlib import Path

from models.evaluate.recording import timed
from streams.errors import ConfigError
from streams.evaluate.labelled import Part, command
from streams.evaluate.tables import files, numbers

STEP_NS = 60_000_000_000  # a minute


def read(folder: Path) -> list[Part]:
    """Read `train/`, `test/` and `test_label/`, a file a machine in each. Raises ConfigError."""
    labels = [one for one in files(folder, ".txt") if one.parent.name == "test_label"]
    if not labels:
        mend = "name the folder of train, test and test_label"
        raise ConfigError("eval smd", folder, "holds no test_label/*.txt", mend)
    return [_machine(one) for one in labels]


def _machine(label: Path) -> Part:
    top, name = label.parent.parent, label.name
    before = timed(label.stem, numbers(top / "train" / name, ","), STEP_NS)
    test, marks = numbers(top / "test" / name, ","), numbers(label, ",")[:, 0] > 0.0
    if len(test) != marks.size:
        trouble = f"has {len(test)} rows under {marks.size} labels"
        raise ConfigError("eval smd", top / "test" / name, trouble, "give the set as it is")
    begin_ns = before.times_ns.size * STEP_NS
    return Part(timed(label.stem, test, STEP_NS, marks, begin_ns), before)


run = command("smd", read, "Score the Server Machine Dataset.")
