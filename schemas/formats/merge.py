"""Spans in one form, whoever decoded them: tables of names in the order of first use."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np

from schemas.formats.words import compiled
from schemas.telemetry import Indices, Ints, Spans

T = TypeVar("T", bound=Hashable)


@compiled
def first_seen(ids: Indices, size: int) -> tuple[Indices, Indices]:
    """Renumber `ids`, all below `size`, by first appearance: the old ids; each one's new one."""
    number = np.full(size, -1, np.int32)
    order = np.empty(ids.size, np.int32)
    numbers = np.empty(ids.size, np.int32)
    found = 0
    for i in range(ids.size):
        if number[ids[i]] < 0:
            number[ids[i]] = found
            order[found] = ids[i]
            found += 1
        numbers[i] = number[ids[i]]
    return order[:found].copy(), numbers


def named(table: Sequence[T], ids: Indices) -> tuple[list[T], Indices]:
    """Keep of `table` what `ids` name, in the order of first use, and number it so."""
    order, numbers = first_seen(ids, len(table))
    return [table[i] for i in order.tolist()], numbers


def merged(one: Spans, other: Spans) -> Spans:
    """Put the spans of two decoders of one batch in the order of the messages."""
    assets, asset = _together(one.assets, one.asset, other.assets, other.asset)
    shapes, shape = _together(one.shapes, one.shape, other.shapes, other.shape)
    message = np.concatenate((one.message, other.message))
    order = np.argsort(message, kind="stable")
    start, index = _moved(np.concatenate((np.diff(one.start), np.diff(other.start))), order)
    assets, asset = named(assets, asset[order])
    shapes, shape = named(shapes, shape[order])
    time_ns = np.concatenate((one.time_ns, other.time_ns))[order]
    values = np.concatenate((one.values, other.values))[index]
    quality = np.concatenate((one.quality, other.quality))[index]
    return Spans(assets, shapes, message[order], asset, shape, time_ns, start, values, quality)


def _together(
    table: Sequence[T], ids: Indices, more: Sequence[T], more_ids: Indices
) -> tuple[list[T], Indices]:
    """Join two tables; equal entries become one."""
    places: dict[T, int] = {}
    for entry in (*table, *more):
        places.setdefault(entry, len(places))
    new = np.array([places[entry] for entry in (*table, *more)], dtype=np.int32)
    return list(places), np.concatenate((new[ids], new[more_ids + len(table)]))


def _moved(lengths: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Return where spans start once in `order`, and which sample each place takes."""
    begin = np.concatenate(([0], np.cumsum(lengths)))[:-1]
    start = np.concatenate(([0], np.cumsum(lengths[order]))).astype(np.int64)
    return start, np.repeat(begin[order] - start[:-1], lengths[order]) + np.arange(start[-1])
