"""How the lines of a message become spans: an asset's lines of one time are one span.

Layouts are remembered by the message's sequence of names and blocks. Lines that mean the same asset
and point at one time though their heads differ stay apart: the first keeps the point's name, each
further one takes the name with every label. Of lines with one head and time the last one holds.
"""

from itertools import pairwise

import numpy as np

from schemas.formats.base import NAME_BYTES, is_name, quoted
from schemas.formats.gpus import Told
from schemas.formats.merge import first_seen
from schemas.formats.prometheus.lines import Wrong
from schemas.formats.prometheus.places import Layout, Places
from schemas.formats.prometheus.scan import READ, Rows
from schemas.telemetry import Indices, Ints, Why

HALF, LOWER_HALF = 32, (1 << 32) - 1
"""Of a number that is two."""
Wrongs = list[tuple[int, Wrong]]
"""Where lines begin that are wrong, and why."""


def arranged(places: Places, names: Indices, blocks: Indices) -> Layout | None:
    """Return the spans of lines that all share a time; None: the slow way must tell."""
    found = places.places(names, blocks)
    facts = places.facts(found)
    sizes = places.names.spans[names, 1] + facts[:, 2]
    if facts[:, 0].min() < 0 or sizes.max() > NAME_BYTES:
        return None
    _, asset = first_seen(np.ascontiguousarray(facts[:, 0]), len(places.assets))
    order = np.argsort(asset, kind="stable").astype(np.int32)
    start = np.flatnonzero(np.diff(asset[order], prepend=-1))
    ids = ((names.astype(np.int64) << HALF) | facts[:, 1])[order]
    edges = [*start.tolist(), order.size]
    shape = [_shape(places, ids[a:b]) for a, b in pairwise(edges)]
    if min(shape) < 0:
        return None
    return Layout(
        order,
        start,
        np.diff(edges),
        facts[order[start], 0],
        np.array(shape, np.int32),
        places.told(found),
    )


def _shape(places: Places, ids: Ints) -> int:
    """Return the number of the shape of lines with these names and insides; -1: two are one."""
    key = ids.tobytes()
    known = places.shape_of.get(key)
    if known is None:
        pairs = zip((ids >> HALF).tolist(), (ids & LOWER_HALF).tolist(), strict=True)
        points = tuple(places.name_texts[name] + places.insides[inside] for name, inside in pairs)
        known = places.shape(points) if len({*points}) == len(points) else -1
        places.shape_of[key] = known
        places.memory_bytes += len(key)
    return known


def grouped(places: Places, rows: Rows, lo: int, hi: int) -> tuple[Layout, Wrongs]:
    """Return the spans of rows from `lo` to `hi`, whatever they are, and which are wrong."""
    found = places.places(rows.name[lo:hi], rows.block[lo:hi])
    facts = places.facts(found)
    heads = list(zip(rows.name[lo:hi].tolist(), rows.block[lo:hi].tolist(), strict=True))
    asset, inside, times = facts[:, 0].tolist(), facts[:, 1].tolist(), rows.time_ns[lo:hi].tolist()
    groups: dict[tuple[int, int], dict[str, int]] = {}
    wrongs: Wrongs = []
    for i in np.flatnonzero(rows.state[lo:hi] == READ).tolist():
        start = int(rows.start[lo + i])
        if asset[i] < 0:
            wrongs.append((start, places.wrongs[int(found[i])]))
            continue
        group = groups.setdefault((asset[i], times[i]), {})
        name, block = heads[i]
        point = places.name_texts[name] + places.insides[inside[i]]
        if heads[group.get(point, i)] != heads[i]:
            point = places.name_texts[name] + places.whole(block)
        if heads[group.get(point, i)] != heads[i] or not is_name(point):
            wrongs.append((start, Wrong(Why.BAD_NAME, f"{quoted(point)}: too long, or not unique")))
        else:
            group[point] = i
    kept = {at: group for at, group in groups.items() if group}
    return _layout(places, kept, places.told(found)), wrongs


def _layout(places: Places, groups: dict[tuple[int, int], dict[str, int]], told: Told) -> Layout:
    length = np.array([len(group) for group in groups.values()], np.int64)
    return Layout(
        np.array([row for group in groups.values() for row in group.values()], np.int32),
        np.concatenate(([0], np.cumsum(length)))[:-1].astype(np.int64),
        length,
        np.array([asset for asset, _ in groups], np.int32),
        np.array([places.shape(tuple(group)) for group in groups.values()], np.int32),
        told,
    )
