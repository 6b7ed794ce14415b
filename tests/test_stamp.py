"""Machine code on disk is made anew when a source that it was made of has changed."""

from pathlib import Path

from models import gaps
from schemas import stamp


class Locator:
    """As numba's, of one file."""

    def __init__(self, file: Path) -> None:
        self._py_file = str(file)


def test_the_stamp_of_a_function_changes_with_any_source(tmp_path, monkeypatch):
    for top in ("models", "schemas"):
        (tmp_path / top).mkdir()
        (tmp_path / top / "one.py").write_text("1")
    own = tmp_path / "own.py"
    own.write_text("own")
    monkeypatch.setattr(stamp, "_TOPS", [tmp_path / "models", tmp_path / "schemas"])

    def now():
        stamp._sources.cache_clear()  # noqa: SLF001 - sources change once a test, never once a run
        return stamp.stamp(Locator(own))

    stamps = [now()]
    (tmp_path / "schemas" / "one.py").write_text("12")
    stamps.append(now())
    own.write_text("owner")
    stamps.append(now())
    stamp._sources.cache_clear()  # noqa: SLF001 - as above

    assert len(set(stamps)) == 3


def test_numba_asks_for_that_stamp():
    locator = gaps.seconds._cache._impl.locator  # noqa: SLF001 - what numba uses

    assert locator.get_source_stamp() == stamp.stamp(Locator(Path(gaps.__file__)))
