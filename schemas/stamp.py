"""Machine code on disk holds only while no source has changed.

numba looks at the file of a function alone; what it calls is compiled into it, and may stand in
another file.
"""

from functools import cache
from pathlib import Path
from typing import Any

from numba.core import caching

_TOPS = [Path(__file__).parents[1] / name for name in ("models", "schemas")]


@cache
def _sources() -> tuple[float, int]:
    found = [one.stat() for top in _TOPS for one in top.rglob("*.py")]
    return max(one.st_mtime for one in found), sum(one.st_size for one in found)


def stamp(locator: Any) -> tuple[float, int]:  # noqa: ANN401 - numba has no types
    """Return what changes with the file of a function, and with any that it may call."""
    own, (latest, size) = Path(locator._py_file).stat(), _sources()  # noqa: SLF001
    return max(own.st_mtime, latest), own.st_size + size


def by_all_sources() -> None:
    """Let numba's cache look at all of them. Called by each module that declares compilers."""
    mixin: Any = caching._SourceFileBackedLocatorMixin  # noqa: SLF001 - there is no other way
    mixin.get_source_stamp = stamp
