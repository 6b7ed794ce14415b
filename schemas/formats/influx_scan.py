"""Influx line protocol, compiled: its fields in rows, names as ranges of bytes.

`measurement,tag=value field=1.5,other=2i 1700000000000000000`. A byte is escaped when a backslash
stands before it. What is no plain number is told as a range too, to be read another way.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.known import ROOT, UNKNOWN, Texts, is_same, look_up
from schemas.formats.numbers import NONE, ONE, U, read, to_double
from schemas.formats.pieces import ESCAPE, QUOTE, START
from schemas.formats.quick import longer, plain
from schemas.formats.scan import GOOD, MASKS, moment
from schemas.formats.words import Bytes, compiled, inlined, load
from schemas.telemetry import Floats, Indices, Ints, Marks

NEWLINE, RETURN, SPACE, TAB = U(ord("\n")), U(ord("\r")), U(ord(" ")), U(ord("\t"))
COMMA, EQUALS, HASH = U(ord(",")), U(ord("=")), U(ord("#"))
WHOLE, UNSIGNED = U(ord("i")), U(ord("u"))
TRUE, FALSE = U(int.from_bytes(b"true", "little")), U(int.from_bytes(b"false", "little"))
SLOW = 0xFFFF
"""Quality of a value that is to be read another way."""
NO_TIME = -2
NO_FIELDS, BAD_FIELD, BAD_TIME = 1, 2, 3


class Rows(NamedTuple):
    """Room for rows, one a field."""

    message: Indices
    series: Indices
    texts: npt.NDArray[np.int64]
    """(n, 6): where the line's head, the field's key and its value begin and end."""
    time_ns: Ints
    values: Floats
    quality: Marks


class Faults(NamedTuple):
    """What is wrong with each message: how many lines, where the first is, and why."""

    lines: Ints
    place: Ints
    why: Ints


def room(n: int) -> Rows:
    """Make room for n rows."""
    short, long = np.zeros(n, np.int32), np.zeros(n, np.int64)
    texts = np.zeros((n, 6), np.int64)
    return Rows(short, short.copy(), texts, long, np.zeros(n), np.zeros(n, np.uint16))


def faults(n: int) -> Faults:
    """Make room for n messages."""
    return Faults(np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64))


@inlined
def ends_value(byte: np.uint64) -> bool:
    """Say whether a field's value ends before this byte."""
    return byte in (COMMA, SPACE, NEWLINE, RETURN, TAB)


@inlined
def until(buffer: Bytes, at: np.uint64, stop: np.uint64, wanted: np.uint64) -> np.uint64:
    """Return where the byte `wanted` stands next in this line, unescaped; 0: nowhere."""
    while at < stop:
        byte = U(buffer[at])
        if byte == wanted and U(buffer[at - ONE]) != ESCAPE:
            return at
        if byte == NEWLINE:
            return NONE
        at += ONE
    return NONE


@inlined
def token(buffer: Bytes, at: np.uint64, stop: np.uint64) -> np.uint64:
    """Return where the value that begins at `at` ends; 0: never, a quote is missing."""
    if U(buffer[at]) == QUOTE:
        at += ONE
        while at < stop and U(buffer[at]) != QUOTE:
            at += ONE if U(buffer[at]) != ESCAPE else ONE + ONE
        return at + ONE if at < stop else NONE
    while at < stop and not ends_value(U(buffer[at])):
        at += ONE
    return at


@inlined
def boolean(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float]:
    """Read true or false as 1 or 0; the byte after it, 0: it is something else."""
    word = load(buffer, at)
    is_true = word & MASKS[4] == TRUE
    end = at + U(4) if is_true else at + U(5)
    is_word = is_true or word & MASKS[5] == FALSE
    return (end if is_word and ends_value(U(buffer[end])) else NONE), 1.0 if is_true else 0.0


@inlined
def number(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float]:
    """Read a field's number; the byte after it, 0: it is something else."""
    end, value = plain(buffer, at)
    if end == NONE:
        end, value = longer(buffer, at)
    if end != NONE and ends_value(U(buffer[end])):
        return end, value
    decimal = read(buffer, at)
    certain, value = to_double(decimal)
    end = decimal.end
    if end == NONE or not certain:
        return boolean(buffer, at)
    if decimal.whole and U(buffer[end]) in (WHOLE, UNSIGNED):
        end += ONE
    return (end if ends_value(U(buffer[end])) else NONE), value


@inlined
def fields(
    buffer: Bytes, head: tuple[np.uint64, np.uint64], stop: np.uint64, rows: Rows, row: int
) -> tuple[np.uint64, int]:
    """Read the fields of a line into rows from `row` on: the byte after, 0: broken; next row."""
    at = head[1]
    while True:
        key = at + ONE
        equals = until(buffer, key, stop, EQUALS)
        if equals in (NONE, key) or equals + ONE >= stop:
            return NONE, row
        start = equals + ONE
        rows.texts[row, 0], rows.texts[row, 1] = head
        rows.texts[row, 2], rows.texts[row, 3] = key, equals
        at, rows.values[row] = number(buffer, start)
        rows.quality[row] = GOOD
        is_text = U(buffer[start]) == QUOTE
        if at == NONE:
            at = token(buffer, start, stop)
            rows.quality[row] = SLOW
            rows.texts[row, 4], rows.texts[row, 5] = start, at
        if at in (NONE, start):
            return NONE, row
        row += 0 if is_text else 1
        if at >= stop or U(buffer[at]) != COMMA:
            return at, row


@inlined
def time_of(buffer: Bytes, at: np.uint64, stop: np.uint64) -> tuple[np.uint64, int]:
    """Read the time that follows the fields: the byte after; ns, NO_TIME, or -1: it is bad."""
    while at < stop and U(buffer[at]) in (SPACE, TAB, RETURN):
        at += ONE
    if at >= stop or U(buffer[at]) == NEWLINE:
        return at, NO_TIME
    decimal = read(buffer, at)
    if decimal.end == NONE or not decimal.whole or decimal.minus:
        return at, -1
    at = decimal.end
    while at < stop and U(buffer[at]) in (SPACE, TAB, RETURN):
        at += ONE
    is_end = at >= stop or U(buffer[at]) == NEWLINE
    return at, int(moment(decimal)) if is_end else -1


@inlined
def line(
    buffer: Bytes, at: np.uint64, stop: np.uint64, rows: Rows, row: int
) -> tuple[np.uint64, int, int]:
    """Read a line into rows from `row` on: a byte in or after it, next row, what is wrong."""
    space = until(buffer, at, stop, SPACE)
    if space in (NONE, at):
        return at, row, NO_FIELDS
    after, last = fields(buffer, (at, space), stop, rows, row)
    if after == NONE:
        return space, row, BAD_FIELD
    after, time_ns = time_of(buffer, after, stop)
    if time_ns == -1:
        return after, row, BAD_TIME
    for k in range(row, last):
        rows.time_ns[k] = time_ns
    return after, last, 0


@compiled
def scan(buffer: Bytes, ends: Ints, rows: Rows, wrong: Faults) -> int:
    """Read the messages that end at `ends`, a byte between them; how many rows they gave."""
    at, row = U(START), 0
    for i in range(ends.size):
        stop, first = U(ends[i]), row
        begin = at
        while at < stop:
            byte = U(buffer[at])
            if byte in (NEWLINE, RETURN, SPACE, TAB):
                at += ONE
                continue
            fault = 0
            if byte != HASH:
                place = at
                at, row, fault = line(buffer, at, stop, rows, row)
                if fault:
                    if wrong.lines[i] == 0:
                        wrong.place[i], wrong.why[i] = place - begin, fault
                    wrong.lines[i] += 1
            while at < stop and U(buffer[at]) != NEWLINE:
                at += ONE
        rows.message[first:row] = i
        at = stop + ONE
    return row


@compiled
def name_rows(texts: Texts, buffer: Bytes, rows: Rows, count: int) -> None:
    """Find the series of the rows; most likely those that came the last time."""
    head, series = UNKNOWN, UNKNOWN
    for row in range(count):
        begin, end, key, stop = rows.texts[row, :4]
        if row == 0 or begin != rows.texts[row - 1, 0]:
            guess = texts.after[head] if head != UNKNOWN else UNKNOWN
            if guess == UNKNOWN or not is_same(texts, guess, ROOT, buffer, (U(begin), U(end))):
                guess = look_up(texts, ROOT, buffer, U(begin), U(end))
                if head != UNKNOWN:
                    texts.after[head] = guess
            head = guess
        guess = UNKNOWN
        if head != UNKNOWN:
            guess = texts.after[series] if series != UNKNOWN else UNKNOWN
            if guess == UNKNOWN or not is_same(texts, guess, head, buffer, (U(key), U(stop))):
                guess = look_up(texts, head, buffer, U(key), U(stop))
                if series != UNKNOWN:
                    texts.after[series] = guess
        rows.series[row] = series = guess
