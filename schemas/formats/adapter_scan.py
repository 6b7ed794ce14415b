"""One message of prometheus-kafka-adapter, compiled: find time and value, know the rest."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.known import ROOT, UNKNOWN, Texts, look_up
from schemas.formats.numbers import BYTE, DIGIT_0, EIGHT, NONE, ONE, TEN, U
from schemas.formats.pieces import QUOTE, START
from schemas.formats.quick import plain
from schemas.formats.scan import GOOD, INFINITE, MASKS, MISSING, anything
from schemas.formats.words import Bytes, Whole, compiled, inlined, load
from schemas.telemetry import Floats, Indices, Ints, Marks
from schemas.times import END_NS

TIME = U(int.from_bytes(b'"timesta', "little"))
TIME_REST = U(int.from_bytes(b'mp":"', "little"))
TIME_KEY, REST = U(13), U(5)
VALUE = U(int.from_bytes(b'"value":', "little"))
VALUE_KEY = U(9)
TIME_BYTES = U(20)
"""Of `2024-01-31T23:59:59Z`."""
T, Z, DASH, COLON = U(ord("T")), U(ord("Z")), U(ord("-")), U(ord(":"))
MONTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
FEBRUARY = 2
DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60
DAY_0 = 719_468
"""Of 1970-01-01, from the first of March of year 0."""
NS = 1_000_000_000


class Rows(NamedTuple):
    """What was found, a row a message. n messages."""

    series: Indices
    """Number of the text around time and value, or UNKNOWN: read it another way."""
    places: npt.NDArray[np.int64]
    """(n, 4): where time begins and ends, where value does, in the message; 0: not found."""
    time_ns: Ints
    values: Floats
    quality: Marks


def empty(n: int) -> Rows:
    """Make room for n messages."""
    long = np.zeros(n, np.int64)
    places = np.zeros((n, 4), np.int64)
    return Rows(np.zeros(n, np.int32), places, long, np.zeros(n), np.zeros(n, np.uint16))


@compiled
def number(buffer: Bytes, at: Whole, digits: int) -> Whole:
    """Read some digits; negative: they are none."""
    value: Whole = 0
    for k in range(digits):
        digit = U(buffer[at + k]) - DIGIT_0
        if digit >= TEN:
            return -1_000_000
        value = value * 10 + np.int64(digit)
    return value


@compiled
def is_leap(year: Whole) -> bool:
    """Say whether a year has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@compiled
def second_of(year: Whole, month: Whole, day: Whole) -> Whole:
    """Return the first second of a day since 1970; -1: there is no such day."""
    if not 1 <= month <= 12 or year < 1970:  # noqa: PLR2004 - months
        return -1
    if day < 1 or day > MONTHS[month] + (month == FEBRUARY and is_leap(year)):
        return -1
    late = month > FEBRUARY
    of_march = (153 * (month - 3 if late else month + 9) + 2) // 5 + day - 1
    years = year if late else year - 1
    days = years * 365 + years // 4 - years // 100 + years // 400 + of_march - DAY_0
    return days * DAY_S


@compiled
def moment(buffer: Bytes, start: np.uint64) -> Whole:
    """Read `2024-01-31T23:59:59Z` as ns since 1970; -1: it is something else."""
    at = np.int64(start)
    if (
        U(buffer[at + 4]) != DASH
        or U(buffer[at + 7]) != DASH
        or U(buffer[at + 10]) != T
        or U(buffer[at + 13]) != COLON
        or U(buffer[at + 16]) != COLON
        or U(buffer[at + 19]) != Z
    ):
        return -1
    first = second_of(number(buffer, at, 4), number(buffer, at + 5, 2), number(buffer, at + 8, 2))
    hour, minute = number(buffer, at + 11, 2), number(buffer, at + 14, 2)
    second = number(buffer, at + 17, 2)
    if first < 0 or not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):  # noqa: PLR2004
        return -1
    ns = (first + hour * HOUR_S + minute * MINUTE_S + second) * NS
    return ns if ns < END_NS else -1


@inlined
def rest_of_key(buffer: Bytes, at: np.uint64) -> bool:
    """Say whether the key that begins like `timestamp` at `at` is that."""
    return bool(load(buffer, at + EIGHT) & MASKS[REST] == TIME_REST)


@compiled
def find(buffer: Bytes, start: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return where the text of the first `timestamp` and the first `value` begins; 0: none."""
    time = value = NONE
    at = start
    while at < stop:
        word = load(buffer, at)
        if word & BYTE == QUOTE:
            if word == VALUE and value == NONE and U(buffer[at + EIGHT]) == QUOTE:
                value = at + VALUE_KEY
            elif word == TIME and time == NONE and rest_of_key(buffer, at):
                time = at + TIME_KEY
            if NONE not in (time, value):
                break
        at += ONE
    return time, value


@compiled
def read(
    texts: Texts, buffer: Bytes, edges: tuple[np.uint64, np.uint64], i: int, rows: Rows
) -> int:
    """Read one message into row `i`; its series, or UNKNOWN."""
    start, stop = edges
    time, value = find(buffer, start, stop)
    if NONE in (time, value) or time + TIME_BYTES >= stop:
        return UNKNOWN
    if U(buffer[time + TIME_BYTES]) != QUOTE:
        return UNKNOWN
    rows.time_ns[i] = moment(buffer, time)
    end, rows.values[i] = plain(buffer, value)
    rows.quality[i] = GOOD
    if end == NONE or U(buffer[end]) != QUOTE:
        end, rows.values[i], rows.quality[i] = anything(buffer, value)
        if rows.quality[i] in (MISSING, INFINITE):  # `null`, `Infinity`: as a text, no number
            return UNKNOWN
    if rows.time_ns[i] < 0 or end == NONE or end >= stop or U(buffer[end]) != QUOTE:
        return UNKNOWN
    place = rows.places[i]
    place[0], place[1] = time - start, time - start + TIME_BYTES
    place[2], place[3] = value - start, end - start
    is_time_first = time < value
    first_end = time if is_time_first else value
    next_start = time + TIME_BYTES if is_time_first else end
    next_end = value if is_time_first else time
    last_start = end if is_time_first else time + TIME_BYTES
    series = look_up(texts, ROOT, buffer, start, first_end)
    if series != UNKNOWN:
        series = look_up(texts, series, buffer, next_start, next_end)
    return look_up(texts, series, buffer, last_start, stop) if series != UNKNOWN else UNKNOWN


@compiled
def scan(texts: Texts, buffer: Bytes, ends: Ints, rows: Rows) -> None:
    """Read the messages that end at `ends` in `buffer`, each into a row."""
    start = U(START)
    for i in range(ends.size):
        stop = U(ends[i])
        rows.series[i] = read(texts, buffer, (start, stop), i, rows)
        start = stop
