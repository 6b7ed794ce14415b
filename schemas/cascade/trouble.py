"""What is wrong with a site as it was told. A value: what can be kept is kept, the rest is told."""

from enum import StrEnum
from typing import NamedTuple

from schemas.trigger import Severity


class Flaw(StrEnum):
    """What kind of trouble it is."""

    UNKNOWN_ASSET = "unknown_asset"
    """An end of an edge is no asset; the edge is left out."""
    CYCLE = "cycle"
    """Power, or parts within parts, in a circle; the edge that closes it is left out."""
    SELF_EDGE = "self_edge"
    """From an asset to itself; left out."""
    MISFIT = "misfit"
    """The kinds of its ends do not fit the edge (a job linked, or run by a port); left out."""
    TWO_KINDS = "two_kinds"
    """One asset is told to be two things; the first counts."""
    TWO_ASSETS = "two_assets"
    """One alias is told of two assets, or is another's name; the name, or the first, counts."""
    TWO_CAPACITIES = "two_capacities"
    """One edge is told with two capacities; the smaller counts."""
    TWO_PATTERNS = "two_patterns"
    """One job is told to wait in two ways on one asset; the first counts."""
    OF_NO_USE = "of_no_use"
    """A medium, capacity or pattern on an edge of a kind that has none; not looked at."""
    UNREADABLE = "unreadable"
    """A line, row or value that is not what the format says; left out."""
    BOMB = "bomb"
    """A range of more names than are believed; left out."""


class Trouble(NamedTuple):
    """One thing to mend. CRITICAL: something is left out; WARNING: all is there, one is doubted."""

    flaw: Flaw
    severity: Severity
    asset: str = ""
    edge: str = ""
    """As a person writes it: `ups-1 feeds pdu-1`."""
    detail: str = ""
    line: int = 0
    """Of the imported text, from 1; 0: none."""

    def __str__(self) -> str:
        """Say it in one line, the place first."""
        where = f"line {self.line}: " if self.line else ""
        about = ", ".join(one for one in (self.asset, self.edge) if one)
        said = f"{where}{about}: " if about else where
        return f"{said}{self.flaw.replace('_', ' ')}" + (f": {self.detail}" if self.detail else "")


def unreadable(line: int, detail: str) -> Trouble:
    """Say that a line of an imported text is left out."""
    return Trouble(Flaw.UNREADABLE, Severity.CRITICAL, detail=detail, line=line)
