"""Machine words for compiled code: what numba has no name for. Little-endian machines only."""

# ruff: noqa: ANN401 - numba's types have no stubs

import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

from schemas.stamp import by_all_sources

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

Whole = int | np.int64
"""A whole number; in compiled code always 64 bits."""

F = TypeVar("F", bound=Callable[..., Any])

by_all_sources()

SLACK = 16
"""Bytes that must follow the last byte of a buffer that `load` reads from."""

if sys.byteorder != "little":
    raise ImportError("alltobit's compiled scanner needs a little-endian machine (x86-64, ARM64)")


def compiled(function: F) -> F:
    """Compile to machine code at the first call, and keep that in the cache beside the source."""
    return cast("F", njit(cache=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile into every caller: for the few lines that run once a number or piece."""
    return cast("F", njit(cache=True, error_model="numpy", forceinline=True)(function))


def _load(_context: Any, buffer: Any, _at: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return types.uint64(buffer, types.uint64), code


def _high(_context: Any, _a: Any, _b: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(arg, wide) for arg in args))
        return builder.trunc(builder.lshr(product, wide(64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), code


def _double(_context: Any, _bits: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), code


def _low_zeros(_context: Any, _word: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.IntType(1)(0))

    return types.uint64(types.uint64), code


def _high_zeros(_context: Any, _word: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.IntType(1)(0))

    return types.uint64(types.uint64), code


load = cast("Callable[[Bytes, np.uint64], np.uint64]", intrinsic(_load))
"""Eight bytes of a buffer from any place, as one word: the first byte is the lowest."""
high = cast("Callable[[np.uint64, np.uint64], np.uint64]", intrinsic(_high))
"""The upper half of the 128-bit product."""
double = cast("Callable[[np.uint64], float]", intrinsic(_double))
"""The float64 that has these bits."""
low_zeros = cast("Callable[[np.uint64], np.uint64]", intrinsic(_low_zeros))
"""How many bits from the lowest are zero; 64 for zero."""
high_zeros = cast("Callable[[np.uint64], np.uint64]", intrinsic(_high_zeros))
"""How many bits from the highest are zero; 64 for zero."""
