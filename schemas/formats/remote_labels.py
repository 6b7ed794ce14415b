"""The labels of a remote-write series: protobuf text to what it means. Once a series."""

from schemas.formats.base import quoted
from schemas.formats.remote_scan import COUNT, TOTAL
from schemas.formats.series import Meaning, labelled

_LABELS, _NAME, _VALUE = 0x0A, 0x0A, 0x12
_SUFFIX = {COUNT: "_count", TOTAL: "_sum"}


def meaning_of(text: bytes, kind: int) -> Meaning | str:
    """Return what labels mean, or what is wrong with them. `text`: fields of a TimeSeries."""
    try:
        labels = dict(_label(label) for key, label in _fields(text) if key == _LABELS)
    except UnicodeDecodeError as error:
        return f"a label is no UTF-8: {error.reason} (byte {error.start})"
    except ValueError as error:
        return str(error)
    name = labels.get("__name__", "")
    meaning = labelled(name + _SUFFIX.get(kind, ""), labels) if name else None
    return meaning or f"__name__: {quoted(name)}, {len(labels)} labels"


def _label(text: bytes) -> tuple[str, str]:
    parts = dict(_fields(text))
    return parts.get(_NAME, b"").decode(), parts.get(_VALUE, b"").decode()


def _fields(text: bytes) -> list[tuple[int, bytes]]:
    """Return the keys and contents of all fields that have a length. Raises ValueError."""
    found, at = [], 0
    while at < len(text):
        key, at = _varint(text, at)
        kind = key & 7
        if kind == 0:
            _, at = _varint(text, at)
        elif kind in _FIXED:
            at += _FIXED[kind]
        elif kind == _LEN:
            length, at = _varint(text, at)
            found.append((key, text[at : at + length]))
            at += length
        else:
            raise ValueError("a label has a field that proto3 cannot write")
        if at > len(text):
            raise ValueError("a label is cut off")
    return found


_LEN = 2
_FIXED = {1: 8, 5: 4}


def _varint(text: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(text):
            break
        byte = text[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
            return value, at
    raise ValueError("a label is cut off")
