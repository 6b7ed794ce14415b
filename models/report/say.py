"""Words of reports. What comes out of data is quoted: it is shown, and never obeyed."""

import re
from datetime import UTC, datetime
from typing import Final

from models.report.units import BARE, RATE, is_unit
from schemas.cascade import AssetKind
from schemas.units import MOST

_PLAIN_UNIT: Final = re.compile(r"[A-Za-z%](?:[A-Za-z0-9/.%]*[A-Za-z0-9%])?")
_PLURALS: Final = {
    AssetKind.UTILITY: "utilities",
    AssetKind.BATTERY: "batteries",
    AssetKind.SWITCH: "switches",
    AssetKind.NVSWITCH: "NVSwitches",
    AssetKind.UPS: "UPSs",
    AssetKind.GPU: "GPUs",
    AssetKind.CPU: "CPUs",
    AssetKind.NIC: "NICs",
    AssetKind.PDU: "PDUs",
    AssetKind.CDU: "CDUs",
    AssetKind.CRAH: "CRAHs",
    AssetKind.SWITCHGEAR: "pieces of switchgear",
    AssetKind.STORAGE: "pieces of storage",
    AssetKind.OTHER: "other assets",
}
_LEAST_S, _SHORT_S, _MINUTES_S, _HOURS_S = 1e-3, 60.0, 600.0, 7200.0


def clean(text: str) -> str:
    """Return a text as it may stand quoted: one line, no backticks, nothing that is not seen."""
    seen = "".join(c if c.isprintable() and not _is_private(c) else " " for c in text)
    return " ".join(seen.replace("`", "'").split()) or ("?" if text else "")


def _is_private(c: str) -> bool:
    return "\ue000" <= c <= "\uf8ff"


def quoted(text: str) -> str:
    """Return a name or text out of data as a code span of Markdown: no link, no HTML."""
    return f"`{clean(text)}`"


def cut(text: str, most: int) -> str:
    """Return a text in one line of at most `most` characters."""
    line = clean(text)
    return line if len(line) <= most else line[: most - 3] + "..."


def utc(time: datetime) -> datetime:
    """Return a time in UTC; one without a zone, or at the end of all time, is as if it were UTC."""
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        return time.replace(tzinfo=UTC)


def moment(time: datetime) -> str:
    """Return a time with its date."""
    return f"{utc(time):%Y-%m-%d %H:%M:%S} UTC"


def clock(time: datetime) -> str:
    """Return a time of day."""
    return f"{utc(time):%H:%M:%S} UTC"


def percent(share: float) -> str:
    """Return a share of 1 in percent."""
    return f"{100.0 * share:.0f} %"


def span(seconds: float) -> str:
    """Return a duration of at least 0 s."""
    if seconds < _SHORT_S:
        return f"{seconds:.3g} s" if seconds >= _LEAST_S else "0 s"
    if seconds < _HOURS_S:
        return f"{seconds / 60.0:.2g} min" if seconds < _MINUTES_S else f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:.3g} h"


def is_plain(unit: str) -> bool:
    """Say whether a unit may stand unquoted behind a number."""
    return RATE.fullmatch(unit) is not None or (
        _PLAIN_UNIT.fullmatch(unit) is not None and is_unit(unit)
    )


def number(value: float, unit: str = "") -> str:
    """Return a value with its unit, which is quoted where it is none that is known."""
    if unit in BARE:
        return f"{value:.6g}"
    return f"{value:.6g} {unit if is_plain(unit) else quoted(unit)}"


def finite(value: float | None) -> float | None:
    """Return a number, or None for what is none or not believed; 0 for what is next to it."""
    if value is None or not abs(value) <= MOST:
        return None
    return 0.0 if abs(value) < 1.0 / MOST else value


def kind(what: AssetKind) -> str:
    """Return what one of a kind is called."""
    upper = {"gpu", "cpu", "nic", "pdu", "cdu", "ups", "crah"}
    return what.value.upper() if what.value in upper else what.value.replace("_", " ")


def kinds(what: AssetKind, many: int) -> str:
    """Return how many of a kind, in words."""
    if many == 1:
        return "1 other asset" if what is AssetKind.OTHER else f"1 {kind(what)}"
    return f"{many:,} {_PLURALS.get(what, kind(what) + 's')}"


def many(n: int, one: str, more: str = "") -> str:
    """Return how many of what."""
    return f"{n:,} {one}" if n == 1 else f"{n:,} {more or one + 's'}"


def listed(some: list[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join(filter(None, [", ".join(some[:-1]), *some[-1:]]))
