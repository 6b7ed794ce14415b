"""SLURM's `topology.conf` (topology/tree, topology/block): switches, and what hangs on them.

Source: SLURM's manual page topology.conf. Words are in any case, a backslash joins lines, `#`
begins a remark. The manual leaves the unit of LinkSpeed to the site: a number that is a rate of
InfiniBand or Ethernet in Gb/s is taken as one, any other says nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from schemas.cascade.site import AssetKind, EdgeKind
from schemas.sites.gather import Gathering, Imported, lines
from schemas.sites.hostlist import MOST, NoHostlist, TooMany, expanded

PART = "slurm"
_GBIT = 1e9 / 8
_RATES: Final = frozenset({10, 25, 40, 50, 56, 100, 200, 400, 800, 1600})
_REMARK = re.compile(r"(?<!\\)#.*")
_PAIR = re.compile(r"\b(\w+)\s*=\s*(\S+)")
_KNOWN: Final = frozenset({"switchname", "switches", "nodes", "linkspeed", "blockname"})
_ALONE: Final = frozenset({"blocksizes", "clustername", "default", "topologyname"})


def slurm(data: bytes | str, site: str = "site") -> Imported:
    """Read `topology.conf`. A line that is not its own is told, with its number."""
    found = Gathering()
    for line, text in _joined(data):
        words = {key.lower(): value for key, value in _PAIR.findall(text)}
        odd = _PAIR.sub("", text).strip() or words.keys() - _KNOWN - _ALONE
        if odd or not words:
            found.unread(line, text)
        elif "switchname" in words:
            _switches(found, words, line)
        elif "blockname" in words:
            _blocks(found, words, line)
        elif words.keys() - _ALONE:
            found.unread(line, text)
    return found.imported(site, PART)


def _joined(data: bytes | str) -> Iterator[tuple[int, str]]:
    """Yield lines without remarks, joined, under the number of their first; none that is empty."""
    first, pieces = 0, list[str]()
    for line, text in (*lines(data), (0, "")):
        said = _REMARK.sub("", text).strip()
        first = first or line
        pieces.append(said.removesuffix("\\"))
        if said.endswith("\\"):
            continue
        if whole := " ".join(pieces).strip():
            yield first, whole
        first, pieces = 0, []


def _switches(found: Gathering, words: Mapping[str, str], line: int) -> None:
    capacity = _capacity(words.get("linkspeed", ""))
    below = [
        (name, kind)
        for key, kind in (("switches", AssetKind.SWITCH), ("nodes", AssetKind.NODE))
        for name in _names(found, words.get(key), line)
    ]
    switches = _names(found, words["switchname"], line)
    if len(switches) * len(below) > MOST - found.size:
        found.too_many(line, words["switchname"])
        return
    below = [one for one in below if found.asset(*one, line)]
    for switch in switches:
        if found.asset(switch, AssetKind.SWITCH, line):
            for name, _ in below:
                found.link((switch, name), line, None, capacity)


def _blocks(found: Gathering, words: Mapping[str, str], line: int) -> None:
    """Take a block: nodes that NVLink, or one switch, joins; a place to us."""
    block = words["blockname"]
    if found.asset(block, AssetKind.PLACE, line):
        for name in _names(found, words.get("nodes"), line):
            if found.asset(name, AssetKind.NODE, line):
                found.edge(EdgeKind.CONTAINS, block, name, line)


def _names(found: Gathering, hostlist: str | None, line: int) -> list[str]:
    if hostlist is None:
        return []
    try:
        return expanded(hostlist, MOST - found.size)
    except TooMany:
        found.too_many(line, hostlist)
    except NoHostlist:
        found.unread(line, hostlist)
    return []


def _capacity(speed: str) -> float | None:
    return int(speed) * _GBIT if speed.isascii() and speed.isdigit() and _is_rate(speed) else None


def _is_rate(speed: str) -> bool:
    return len(speed) <= 4 and int(speed) in _RATES  # noqa: PLR2004 - digits of the largest
