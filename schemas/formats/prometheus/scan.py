"""Lines of exposition text, compiled: head, value and time of each.

A line that is in any way unusual is left to the general parser (`lines.py`), which answers the same
for all others.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.base import NAME_BYTES
from schemas.formats.numbers import DIGIT_0, LOWER, NONE, ONE, TEN, U
from schemas.formats.pieces import ESCAPE, LETTERS, QUOTE, SMALL_A, START, Table
from schemas.formats.prometheus.body import (
    HASH,
    NEWLINE,
    OPEN,
    body_at,
    ends_token,
    is_gap,
    line_end,
)
from schemas.formats.prometheus.texts import Texts, number, same
from schemas.formats.words import Bytes, Words, compiled, inlined
from schemas.telemetry import Floats, Indices, Ints, Marks

CLOSE, COLON, LINE = U(ord("}")), U(ord(":")), U(ord("_"))
LONGEST = 8_192
"""Bytes of a line, at most."""
READ, UNREAD, WRONG = 0, 1, 2
"""States of a row: the general parser must see the second; the third says nothing."""
OWN_TIME, UNUSUAL = 1, 2
"""Bits of what is true of some line of a message: it has a time; it is left to the general one."""


class Rows(NamedTuple):
    """One row a line that is neither empty nor a comment."""

    name: Indices
    block: Indices
    value: Floats
    quality: Marks
    time_ns: Ints
    state: npt.NDArray[np.int8]
    start: Ints
    """Where the line begins in the buffer."""


class Messages(NamedTuple):
    """What the scanner needs and says of each message, (n,) each; `first` is (n + 1,)."""

    stop: Ints
    """Where it ends in the buffer; a newline stands there."""
    time_ns: Ints
    """Of lines without a time; negative: unknown."""
    unit_ns: Ints
    """Of a time in a line."""
    first: Ints
    """Its first row."""
    flags: npt.NDArray[np.int8]


class Head(NamedTuple):
    """What stands before a line's value. `end` 0: unusual. Negative numbers: there is no room."""

    end: np.uint64
    name: np.int64
    block: np.int64


def rows(most: int) -> Rows:
    """Make room for the lines of a text."""
    return Rows(
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most),
        np.empty(most, np.uint16),
        np.empty(most, np.int64),
        np.empty(most, np.int8),
        np.empty(most, np.int64),
    )


@inlined
def in_name(byte: np.uint64) -> bool:
    """Say whether a byte can stand in a metric's name."""
    is_letter = (byte | LOWER) - SMALL_A < LETTERS or byte in (LINE, COLON)
    return bool(is_letter or byte - DIGIT_0 < TEN)


@compiled
def name_end(buffer: Bytes, at: np.uint64) -> np.uint64:
    """Return the byte after the name at `at`; `at` itself: there is none."""
    if U(buffer[at]) - DIGIT_0 < TEN:
        return at
    while in_name(U(buffer[at])):
        at += ONE
    return at


@compiled
def block_end(buffer: Bytes, at: np.uint64) -> np.uint64:
    """Return the byte after the brace that closes the one at `at`; 0: none in this line."""
    quoted = False
    for _ in range(LONGEST):
        at += ONE
        byte = U(buffer[at])
        if byte == NEWLINE:
            return NONE
        if quoted and byte == ESCAPE:
            at += ONE
            if U(buffer[at]) == NEWLINE:
                return NONE
        elif byte == QUOTE:
            quoted = not quoted
        elif byte == CLOSE and not quoted:
            return at + ONE
    return NONE


@compiled
def head_at(names: Texts, blocks: Texts, buffer: Bytes, at: np.uint64, before: Head) -> Head:
    """Read what stands before the value of the line at `at`."""
    end = name_end(buffer, at)
    name, block = np.int64(0), np.int64(0)
    if end - at <= U(NAME_BYTES):
        name = number(names, buffer, at, end - at)
        if name >= 0:
            names.spans[before.name, 2] = name
    if U(buffer[end]) != OPEN or name < 0 or end - at > U(NAME_BYTES):
        return Head(end if name > 0 and is_gap(U(buffer[end])) else NONE, name, block)
    start, end = end, block_end(buffer, end)
    if end != NONE:
        block = number(blocks, buffer, start, end - start)
        if block >= 0:
            blocks.spans[before.block, 2] = block
    return Head(end, name, block)


@inlined
def guess_name(
    words: Words, spans: Table, buffer: Bytes, at: np.uint64, before: np.int64
) -> np.int64:
    """Guess which name is at `at`: the one before again, or the one that came after it; 0: none.

    What follows the name must be looked at: a longer name begins like this one.
    """
    if before > 0 and same(words, spans[before, 0], spans[before, 1], buffer, at):
        return before
    return guess(words, spans, buffer, at, before)


@inlined
def guess(words: Words, spans: Table, buffer: Bytes, at: np.uint64, before: np.int64) -> np.int64:
    """Guess which text is at `at`: the one that came after the one before; 0: none."""
    one = np.int64(spans[before, 2])
    if one > 0 and same(words, spans[one, 0], spans[one, 1], buffer, at):
        return one
    return np.int64(0)


@compiled
def message_at(
    buffer: Bytes, known: tuple[Texts, Texts], messages: Messages, m: int, rows: Rows
) -> bool:
    """Read the lines of one message; say whether there was room for all names and blocks."""
    names, blocks = known  # taken out here, not once a line: four times as fast
    words, spans, block_words, block_spans = names.words, names.spans, blocks.words, blocks.spans
    to_name, to_block, to_value, to_quality = rows.name, rows.block, rows.value, rows.quality
    to_time, to_state, to_start = rows.time_ns, rows.state, rows.start
    at = U(messages.stop[m - 1]) + ONE if m else U(START)
    stop, unit_ns, message_ns = U(messages.stop[m]), messages.unit_ns[m], messages.time_ns[m]
    n, flags, head = messages.first[m], 0, Head(NONE, np.int64(0), np.int64(0))
    while at < stop:
        byte = U(buffer[at])
        if byte == HASH or ends_token(byte):
            at = line_end(buffer, at) if byte == HASH else at + ONE
            continue
        name = guess_name(words, spans, buffer, at, head.name)
        end, block = at + U(spans[name, 1]), np.int64(0)
        if U(buffer[end]) == OPEN:
            block = guess(block_words, block_spans, buffer, end, head.block)
            end += U(block_spans[block, 1])
        if name > 0 and (block > 0 or is_gap(U(buffer[end]))):
            head = Head(end, name, block)
        else:
            head = head_at(names, blocks, buffer, at, head)
            if head.name < 0 or head.block < 0:
                return False
        end, value, mark, time_ns = body_at(buffer, head.end, unit_ns)
        flags |= OWN_TIME if time_ns >= 0 else 0
        time_ns = time_ns if time_ns >= 0 else message_ns
        to_name[n], to_block[n], to_state[n], to_start[n] = head.name, head.block, READ, at
        to_value[n], to_quality[n], to_time[n] = value, mark, time_ns
        if end == NONE or end - at > U(LONGEST) or time_ns < 0:
            flags |= UNUSUAL
            to_name[n], to_block[n], to_state[n] = 0, 0, UNREAD
            end = line_end(buffer, at)
        at, n = end, n + 1
    messages.flags[m], messages.first[m + 1] = flags, n
    return True


@compiled
def scan(
    buffer: Bytes, known: tuple[Texts, Texts], messages: Messages, begin: int, rows: Rows
) -> int:
    """Read messages from `begin` on into `rows`; returns how far there was room."""
    messages.first[begin] = 0
    for m in range(begin, messages.stop.size):
        if not message_at(buffer, known, messages, m, rows):
            return m
    return messages.stop.size
