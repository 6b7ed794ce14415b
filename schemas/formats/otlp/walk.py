"""OTLP's protobuf walked through: which series each data point is of, and what it says.

Bytes that say what a data point means (resource, metric, attributes) are not read but looked up:
the protobuf runtime read them when they came first.
"""

from typing import NamedTuple

import numpy as np

from schemas.formats.otlp.bare import bare, inlined
from schemas.formats.otlp.tables import (
    EMPTY,
    UNKNOWN,
    Known,
    Table,
    is_text,
    text_of,
    triple_of,
)
from schemas.formats.otlp.wire import (
    GAUGE,
    METADATA,
    ONE_LEN,
    SUM,
    THREE_LEN,
    TWO_LEN,
    inside,
    read,
    sum_kind,
)
from schemas.formats.pieces import START
from schemas.formats.words import Bytes, Whole
from schemas.telemetry import Floats, Indices, Ints, Marks

RESOURCE, SCHEMA, SCOPE, BEFORE, BEHIND, LABELS, POINTS = range(7)
"""What texts are for: their use in a message. BEFORE, BEHIND: a metric around its data."""

ROWS, MISSES = 0, 1
READ, STRANGE, UNUSUAL = range(3)
"""What became of a message: read; something in it is unknown; left to the protobuf runtime."""


class Found(NamedTuple):
    """Where what is found goes: data points in order, (n,), n at most; and what is unknown."""

    series: Indices
    message: Indices
    time_ns: Ints
    values: Floats
    quality: Marks
    misses: Table
    """(k, 10): use, then begin and end of resource, before, behind; kind; begin and end of labels.

    For a use other than LABELS, only the last pair, which is the text.
    """
    used: Ints
    """(2,): rows of data points and of misses so far."""


class Part(NamedTuple):
    """A part of a message, and what is around it: the message's number and the resource."""

    at: Whole
    stop: Whole
    message: Whole
    resource: Whole
    resource_at: Whole
    resource_stop: Whole


class Around(NamedTuple):
    """A metric without its data points."""

    metric: Whole
    kind: Whole
    before_at: Whole
    before_stop: Whole
    behind_at: Whole
    behind_stop: Whole


class Key(NamedTuple):
    """What a series is known by: resource, metric, and where its labels are."""

    resource: Whole
    metric: Whole
    at: Whole
    stop: Whole


@inlined
def within(part: Part, at: Whole, stop: Whole) -> Part:
    """Return a part of a part."""
    return Part(at, stop, part.message, part.resource, part.resource_at, part.resource_stop)


@bare
def note(found: Found, use: int, part: Part, around: Around) -> None:
    """Note what is unknown; `part`: the labels, or a text of another use."""
    row = found.used[MISSES]
    found.used[MISSES] += 1
    if row < found.misses.shape[0]:
        found.misses[row, 0] = use
        found.misses[row, 1], found.misses[row, 2] = part.resource_at, part.resource_stop
        found.misses[row, 3], found.misses[row, 4] = around.before_at, around.before_stop
        found.misses[row, 5], found.misses[row, 6] = around.behind_at, around.behind_stop
        found.misses[row, 7] = around.kind
        found.misses[row, 8], found.misses[row, 9] = part.at, part.stop


@bare
def check(known: Known, buffer: Bytes, found: Found, use: int, part: Part) -> None:
    """Note a text that was never seen, and may be wrong."""
    if text_of(known, buffer, part.at, part.stop, use) == UNKNOWN:
        note(found, use, part, Around(0, 0, 0, 0, 0, 0))


@inlined
def series(known: Known, buffer: Bytes, last: Whole, key: Key) -> Whole:
    """Return the number of a series; UNKNOWN: none yet.

    Guessed to be what followed the `last` one in the message before.
    """
    if last >= 0:
        guess = np.int64(known.following[last])
        if (
            guess >= 0
            and known.triples[guess, 0] == key.resource
            and known.triples[guess, 1] == key.metric
            and is_text(known, known.triples[guess, 2], buffer, key.at, key.stop)
        ):
            return guess
    labels = text_of(known, buffer, key.at, key.stop, LABELS)
    number = triple_of(known, key.resource, key.metric, labels)
    if last >= 0 and number >= 0:
        known.following[last] = number
    return number


@inlined
def point(known: Known, buffer: Bytes, found: Found, part: Part, around: Around) -> bool:
    """Read the data point that is `part`. False: it is unusual."""
    own = read(buffer, part.at, part.stop)
    if own.time_ns < 0:
        return False
    row = found.used[ROWS]
    last = np.int64(found.series[row - 1]) if row else np.int64(UNKNOWN)
    key = Key(part.resource, around.metric, own.at, own.stop)
    number = series(known, buffer, last, key)
    if number == UNKNOWN:
        note(found, LABELS, within(part, own.at, own.stop), around)
    found.series[row] = number
    found.message[row] = part.message
    found.time_ns[row] = own.time_ns
    found.values[row] = own.value
    found.quality[row] = own.quality
    found.used[ROWS] = row + 1
    return True


@bare
def points(known: Known, buffer: Bytes, found: Found, part: Part, around: Around) -> bool:
    """Read the data points of a gauge or sum that is `part`. False: one is unusual."""
    at: Whole = part.at
    while at < part.stop:
        if buffer[at] == ONE_LEN:
            begin, at = inside(buffer, at, part.stop)
            if at < 0:
                return False
            if not point(known, buffer, found, within(part, begin, at), around):
                return False
        elif around.kind:
            at += 2
        else:
            return False
    return True


@bare
def metric(known: Known, buffer: Bytes, found: Found, part: Part) -> bool:
    """Read the metric that is `part`. False: it is unusual."""
    at, data = part.at, np.int64(0)
    before, begin, end = part.at, part.at, part.at
    while at < part.stop:
        tag, here = buffer[at], at
        inner, at = inside(buffer, at, part.stop)
        if at < 0:
            return False
        if tag in (GAUGE, SUM):
            if data:
                return False
            data, before, begin, end = np.int64(tag), here, inner, at
        elif tag not in (ONE_LEN, TWO_LEN, THREE_LEN, METADATA):
            return False
    kind = sum_kind(buffer, begin, end) if data == SUM else np.int64(0)
    if not data or kind < 0:
        return False
    first = text_of(known, buffer, part.at, before, BEFORE)
    last = text_of(known, buffer, end, part.stop, BEHIND)
    number = triple_of(known, first, last, -2 - kind)
    around = Around(number, kind, part.at, before, end, part.stop)
    return points(known, buffer, found, within(part, begin, end), around)


@bare
def scope(known: Known, buffer: Bytes, found: Found, part: Part) -> bool:
    """Read the metrics of a scope that is `part`. False: something is unusual."""
    at = part.at
    while at < part.stop:
        tag, here = buffer[at], at
        begin, at = inside(buffer, at, part.stop)
        if at < 0:
            return False
        if tag == TWO_LEN:
            if not metric(known, buffer, found, within(part, begin, at)):
                return False
        elif tag in (ONE_LEN, THREE_LEN):
            check(known, buffer, found, SCOPE, within(part, here, at))
        else:
            return False
    return True


@bare
def resource(known: Known, buffer: Bytes, found: Found, part: Part) -> bool:
    """Read what a resource sent. False: something is unusual."""
    at, begun = part.at, False
    begin, end = part.at, part.at
    number: Whole = np.int64(EMPTY)
    while at < part.stop:
        tag, here = buffer[at], at
        inner, at = inside(buffer, at, part.stop)
        if at < 0:
            return False
        if tag == TWO_LEN:
            begun = True
            if not scope(known, buffer, found, Part(inner, at, part.message, number, begin, end)):
                return False
        elif tag == ONE_LEN and not begun:
            number = text_of(known, buffer, inner, at, RESOURCE)
            begun, begin, end = True, inner, at
        elif tag == THREE_LEN:
            check(known, buffer, found, SCHEMA, within(part, here, at))
        else:
            return False
    return True


@bare
def message(known: Known, buffer: Bytes, found: Found, part: Part) -> bool:
    """Read the message that is `part`. False: something is unusual."""
    at = part.at
    while at < part.stop:
        if buffer[at] != ONE_LEN:
            return False
        begin, at = inside(buffer, at, part.stop)
        if at < 0 or not resource(known, buffer, found, within(part, begin, at)):
            return False
    return True


@bare
def scan(known: Known, buffer: Bytes, found: Found, ends: Ints, done: Indices) -> int:
    """Read the messages that end at `ends` in `buffer`; return how many samples there are.

    `done`, (messages,): READ, STRANGE (see `misses`) or UNUSUAL; samples are only of what is READ.
    """
    at = np.int64(START)
    for i in range(ends.size):
        rows, misses = found.used[ROWS], found.used[MISSES]
        is_usual = message(known, buffer, found, Part(at, ends[i], i, EMPTY, 0, 0))
        if not is_usual:
            found.used[MISSES] = misses
        done[i] = READ if is_usual else UNUSUAL
        if found.used[MISSES] != misses:
            done[i] = STRANGE
        if done[i] != READ:
            found.used[ROWS] = rows
        at = ends[i]
    return int(found.used[ROWS])
