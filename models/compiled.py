"""Rows and loops for numba: `layout` turns annotations into a numpy dtype, `compiled` compiles.

A class that annotates `float`, `int`, `bool`, one of the sized words below, or another such class,
describes a row; the same class serves mypy as the type of the record.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

import numba
import numpy as np
import numpy.typing as npt

from schemas.stamp import by_all_sources

F = TypeVar("F", bound=Callable[..., Any])

by_all_sources()

Float32 = Annotated[float, np.float32]
Int32 = Annotated[int, np.int32]
Int16 = Annotated[int, np.int16]
Word = Annotated[int, np.uint16]
Byte = Annotated[int, np.uint8]
Floats32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]
Bytes = npt.NDArray[np.uint8]

_FORMAT: dict[Any, type] = {float: np.float64, int: np.int64, bool: np.bool_}


def layout(cls: type) -> np.dtype[np.void]:
    """Return the aligned numpy dtype of the row that `cls` annotates."""
    hints = get_type_hints(cls, include_extras=True)
    return np.dtype([(name, _format(kind)) for name, kind in hints.items()], align=True)


def _format(kind: Any) -> Any:  # noqa: ANN401 - a type or an annotation of one
    if get_origin(kind) is Annotated:
        return get_args(kind)[1]
    return _FORMAT.get(kind) or layout(kind)


def compiled(function: F) -> F:
    """Compile `function` with numba on first use; cached on disk. IEEE 754, no reordering."""
    return cast("F", numba.njit(cache=True, error_model="numpy")(function))


def bare(function: F) -> F:
    """As `compiled`, for what makes no array: where nanoseconds count, counting its users costs.

    The compiler counts references of every array that a function is given, atomically, unless it
    sees that it need not; without numba's runtime there is nothing to count.
    """
    how: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}
    return cast("F", numba.njit(**how)(function))


def inlined(function: F) -> F:
    """As `compiled`, for what each sample runs: its callers take it in, and share what it reads."""
    how: dict[str, Any] = {"cache": True, "error_model": "numpy", "forceinline": True}
    return cast("F", numba.njit(**how)(function))
