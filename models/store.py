"""Columns that grow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


class Store:
    """Columns of structured rows that grow by doubling."""

    def __init__(self, dtype: Any, size: int = 0) -> None:  # noqa: ANN401 - any dtype
        self.all = np.zeros(max(size, 16), dtype)
        self.size = size

    @property
    def rows(self) -> npt.NDArray[Any]:
        """The rows in use."""
        return self.all[: self.size]

    def reserve(self, more: int) -> None:
        """Make room for `more` rows behind those in use."""
        need = self.size + more
        if need > len(self.all):
            grown = np.zeros(max(need, 2 * len(self.all)), self.all.dtype)
            grown[: self.size] = self.rows
            self.all = grown

    def add(self, **fields: Any) -> int:  # noqa: ANN401 - a row's fields
        """Append a row; return its index."""
        self.reserve(1)
        row = self.all[self.size]
        for name, value in fields.items():
            row[name] = value
        self.size += 1
        return self.size - 1


def joined(parts: Sequence[npt.NDArray[Any]], dtype: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - any dtype
    """Put rows of one dtype together; numpy's own way compares all its fields each time."""
    whole = np.empty(sum(map(len, parts)), dtype)
    at = 0
    for part in parts:
        whole[at : at + len(part)] = part
        at += len(part)
    return whole
