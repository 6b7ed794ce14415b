"""Entries of messages against remembered shapes, compiled."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.numbers import EIGHT, NONE, ONE, THREE, U, read
from schemas.formats.pieces import ESCAPE, FIRST, QUOTE, TIME, Arena, Index, Text
from schemas.formats.quick import longer, plain
from schemas.formats.scan import GOOD, MASKS, SEVEN, Output, anything, find, moment
from schemas.formats.words import Bytes, Whole, Words, compiled, inlined, load
from schemas.telemetry import Indices, Ints

OPEN, CLOSE, COMMA = U(ord("{")), U(ord("}")), U(ord(","))
ENDS = (U(ord(",")), U(ord("}")), U(ord("]")), U(ord(" ")))
"""Bytes behind a plain number; behind any other it is looked at again."""
BLANKS = (U(ord(" ")), U(ord("\n")), U(ord("\r")), U(ord("\t")))


class Rows(NamedTuple):
    """Room for entries. Their times, templates and samples are in an `Output`."""

    message: Indices
    edges: npt.NDArray[np.int64]
    """(n, 2): where the entry begins and ends in the buffer."""
    first: Ints
    """Where its samples begin."""
    before: Ints
    """(3,): where the last time that was read begins, its bytes, and what it is in ns."""


def room(n: int) -> Rows:
    """Make room for n entries."""
    edges, first = np.zeros((n, 2), np.int64), np.zeros(n, np.int64)
    return Rows(np.zeros(n, np.int32), edges, first, np.zeros(3, np.int64))


@inlined
def past_blanks(buffer: Bytes, at: np.uint64, stop: np.uint64) -> np.uint64:
    """Return the next byte that is no white space."""
    while at < stop and U(buffer[at]) in BLANKS:
        at += ONE
    return at


@compiled
def end_of(buffer: Bytes, at: np.uint64, stop: np.uint64) -> np.uint64:
    """Return the byte after the object that begins at `at`; 0: it does not end."""
    depth = 0
    quoted = False
    while at < stop:
        byte = U(buffer[at])
        if quoted:
            if byte == ESCAPE:
                at += ONE
            elif byte == QUOTE:
                quoted = False
        elif byte == QUOTE:
            quoted = True
        elif byte == OPEN:
            depth += 1
        elif byte == CLOSE:
            depth -= 1
            if depth == 0:
                return at + ONE
        at += ONE
    return NONE


class Place(NamedTuple):
    """How far a message has been read."""

    at: np.uint64
    row: int
    """Of the next entry."""
    base: int
    """Of its first sample."""
    last: int
    """Template of the entry before."""
    ended: bool
    """Whether the entry before was the last one."""


@inlined
def time_at(buffer: Bytes, at: np.uint64, before: Ints) -> tuple[np.uint64, Whole]:
    """Read a time, most likely the one before again: the byte after it, 0: refused; and ns."""
    start, length = U(before[0]), U(before[1])
    rest = length - EIGHT
    if rest <= EIGHT:
        away = (load(buffer, at) ^ load(buffer, start)) | (
            load(buffer, at + rest) ^ load(buffer, start + rest)
        )
        if away == NONE:
            return at + length, before[2]
    number = read(buffer, at)
    time_ns = moment(number) if number.end != NONE else -1
    if time_ns < 0:
        return NONE, 0
    before[0], before[1], before[2] = at, number.end - at, time_ns
    return number.end, time_ns


@inlined
def value_at(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float, int]:
    """Read a value: the byte after it, 0: refused; value and quality."""
    end, value = plain(buffer, at)
    if end == NONE:
        end, value = longer(buffer, at)
    if end != NONE and U(buffer[end]) in ENDS:
        return end, value, GOOD
    return anything(buffer, at)


@inlined
def is_text(words: Words, word: np.uint64, length: np.uint64, buffer: Bytes, at: np.uint64) -> bool:
    """Say whether the piece at `word` stands at `at`."""
    last = (length - ONE) >> THREE
    for j in range(last):
        if load(buffer, at + (U(j) << THREE)) != words[word + U(j)]:
            return False
    away = load(buffer, at + (last << THREE)) ^ words[word + last]
    return bool(away & MASKS[length & SEVEN] == NONE)


@inlined
def guessed(arena: Arena, run: np.int64, text: Text, out: Output, before: Ints) -> np.uint64:
    """Read one run of an entry: the byte after it, 0: it is another one."""
    buffer, at = text.buffer, text.start
    words, roles, lengths = arena.words, arena.roles, arena.lengths
    values, quality, time_ns = out.values, out.quality, out.time_ns
    word, first = U(arena.runs[run, 0]), arena.runs[run, 1]
    for k in range(first, first + arena.runs[run, 2]):
        role, length, end = roles[k], U(lengths[k]), at
        if role == TIME:
            end, time_ns[text.message] = time_at(buffer, at, before)
        elif role != FIRST:
            end, value, mark = value_at(buffer, at)
            if role >= 0:
                values[text.base + role], quality[text.base + role] = value, mark
        at = end + length
        if end == NONE or at > text.stop or not is_text(words, word, length, buffer, end):
            return NONE
        word += (length + SEVEN) >> THREE
    return at


@compiled
def guess_on(arena: Arena, after: Index, text: Text, last: int, into: tuple[Rows, Output]) -> Place:
    """Read entries of a message as long as each is like the one that came here the last time.

    `text`: the rest of the message, its row and its first sample. `last`: the template before.
    """
    rows, out = into
    buffer, stop, at, row, base = text.buffer, text.stop, text.start, text.message, text.base
    templates, before, firsts = arena.templates, rows.before, rows.first
    while True:
        at = past_blanks(buffer, at, stop)
        template = np.int64(after[last])
        if template < 0 or at >= stop or base + templates[template, 2] > out.values.size:
            return Place(at, row, base, last, False)
        head = Text(buffer, at, stop, row, base)
        end = guessed(arena, templates[template, 0], head, out, before)
        if end != NONE:
            body = Text(buffer, end, stop, row, base)
            end = guessed(arena, templates[template, 1], body, out, before)
        if end == NONE or (end != stop and U(buffer[end]) != COMMA):
            return Place(at, row, base, last, False)
        out.template[row], firsts[row] = template, base
        row += 1
        base += templates[template, 2]
        last = int(template)
        if end == stop:
            return Place(end, row, base, last, True)
        at = end + ONE


@compiled
def search(arena: Arena, after: Index, text: Text, last: int, into: tuple[Rows, Output]) -> Place:
    """Read one entry, like any that is remembered, into a row; at 0: there is none."""
    rows, out = into
    start, row, base = text.start, text.message, text.base
    is_object = start < text.stop and U(text.buffer[start]) == OPEN
    end = end_of(text.buffer, start, text.stop) if is_object else NONE
    if end == NONE:
        return Place(NONE, row, base, last, True)
    out.time_ns[row] = 0
    template = find(arena, Text(text.buffer, start, end, row, base), out)
    after[last] = out.template[row] = template
    rows.edges[row, 0], rows.edges[row, 1], rows.first[row] = start, end, base
    if template >= 0:
        base += arena.templates[template, 2]
        last = int(template)
    at = past_blanks(text.buffer, end, text.stop)
    if at < text.stop:
        return Place(at + ONE if U(text.buffer[at]) == COMMA else NONE, row + 1, base, last, False)
    return Place(at, row + 1, base, last, True)


@compiled
def scan(
    arena: Arena,
    after: Index,
    buffer: Bytes,
    inside: npt.NDArray[np.int64],
    into: tuple[Rows, Output],
) -> tuple[int, int]:
    """Read the entries between the edges `inside`, (messages, 2), of the buffer.

    Returns how many, and how many samples. `after`: the template that came after each the last
    time, -1: unknown; a guess, kept here. A message whose entries cannot be told apart has one
    unknown entry without edges.
    """
    rows, out = into
    here = Place(NONE, 0, 0, 0, False)
    for i in range(len(inside)):
        stop = U(inside[i, 1])
        row, base = here.row, here.base
        here = Place(U(inside[i, 0]), row, base, here.last, stop == NONE)
        while not here.ended and here.at != NONE:
            text = Text(buffer, here.at, stop, here.row, here.base)
            here = guess_on(arena, after, text, here.last, into)
            if not here.ended:
                text = Text(buffer, here.at, stop, here.row, here.base)
                here = search(arena, after, text, here.last, into)
        if here.at == NONE:
            rows.edges[row, 0], rows.edges[row, 1], out.template[row] = 0, 0, -1
            here = Place(NONE, row + 1, base, here.last, False)
        rows.message[row : here.row] = i
    return here.row, here.base
