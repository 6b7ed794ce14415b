"""Plain words that claim something: kinds of things, how it stands, and times without a clock.

A kind or medium has to be that of something cited, or stand in its name or text. That something is
over, done or approved has to be said by what is cited. Times that depend on when one reads are
never supported, nor is that all is well.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from models.report.basis import Basis
from models.report.read import Sentence
from models.report.units import NOUNS
from schemas.cascade import AssetKind, Medium
from schemas.report import ClaimKind

_VAGUE: Final = frozenset({AssetKind.OTHER, AssetKind.PLACE, AssetKind.SENSOR})
_COUNTED: Final = frozenset({"asset", "anomaly", "incident"})
_KINDS: Final = {
    **{word: kind for word, kind in NOUNS.items() if kind not in _VAGUE | _COUNTED},
    **{medium.value: medium.value for medium in Medium if medium is not Medium.OTHER},
}
_KIND: Final = re.compile(
    rf"(?<![\w/-])(?:{'|'.join(sorted(map(re.escape, _KINDS), key=len, reverse=True))})(?![\w/])",
    re.IGNORECASE,
)
_RELATED: Final = {
    "port": frozenset({"switch", "nic", "nvswitch", *Medium}),
    "nic": frozenset({"port"}),
    "node": frozenset({"gpu", "cpu", "nic"}),
    "switch": frozenset({"port"}),
}
"""A word for something that is a part of, or has as a part, what is cited."""
_OVER: Final = re.compile(
    r"\b(?:resolved|recovered|mitigated|fixed|restored|repaired|healthy|back to normal"
    r"|under control|all clear)\b",
    re.IGNORECASE,
)
_DONE: Final = re.compile(
    r"\b(?:merged|approved|refused|rejected|executed|silenced|drained|restarted|rebooted|replaced"
    r"|acknowledged|escalated)\b",
    re.IGNORECASE,
)
_CAME: Final = re.compile(
    r"\b(?:already|(?:has|have|had) (?:now )?been|(?:was|were|is|are|got) (?:now )?(?:reached"
    r"|affected|hit|down))\b",
    re.IGNORECASE,
)
_CALM: Final = re.compile(
    r"\b(?:all|is|are|was|were|been?|looks?|seems?|remains?|stays?|runs?|running|works?|working"
    r"|goes|going) (?:\w+ ){0,2}(?:(?<!as )well|fine|good|ok|okay|safe|nominal|stable|operational"
    r"|normally|calm)\b(?! (?:above|below|over|under|beyond|before|after)\b)"
    r"|\b(?:false alarm|harmless|benign|all good)\b",
    re.IGNORECASE,
)
"""That all is well: no record says so."""
_READER: Final = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|ago|this (?:morning|afternoon|evening)"
    r"|last (?:night|week|month)|earlier this \w+|recently"
    r"|(?:for|within|in|after|lasted|took)(?: several| a few| some| many)? (?:seconds|minutes|hours"
    r"|days|weeks))\b",
    re.IGNORECASE,
)


class Word(NamedTuple):
    """A word that claims something."""

    kind: ClaimKind
    text: str
    by: tuple[str, ...]


def words(said: Sentence, cited: Mapping[str, Basis]) -> Iterator[Word]:
    """Yield the words of a sentence that claim something. `cited`: what may support them."""
    for found in _KIND.finditer(said.text):
        kind = _KINDS[found[0].lower()]
        by = (one for one, basis in cited.items() if _is_of(basis, kind, found[0].lower()))
        yield Word(ClaimKind.NAME, found[0], tuple(by))
    for found in _OVER.finditer(said.text):
        by = (one for one, basis in cited.items() if basis.says(found[0]) or _is_over(basis))
        yield Word(ClaimKind.SENSE, found[0], tuple(by))
    for found in _DONE.finditer(said.text):
        by = (one for one, basis in cited.items() if basis.says(found[0]))
        yield Word(ClaimKind.SENSE, found[0], tuple(by))
    yield from (Word(ClaimKind.SENSE, found[0], ()) for found in _CALM.finditer(said.text))
    yield from (Word(ClaimKind.TIME, found[0], ()) for found in _READER.finditer(said.text))
    if cited and all(basis.awaits for basis in cited.values()):
        for found in _CAME.finditer(said.text):
            is_not = re.search(r"\bnot (?:\w+ )?$", said.text[: found.end()] + " ") is not None
            is_not |= re.match(r"\W*not\b", said.text[found.end() :]) is not None
            yield Word(ClaimKind.SENSE, found[0], tuple(cited) if is_not else ())


def _is_of(basis: Basis, kind: str, word: str) -> bool:
    if basis.kinds & ({kind} | _RELATED.get(kind, frozenset())):
        return True
    return any(word in one.lower() or kind in one.lower() for one in basis.names | basis.quoted)


def _is_over(basis: Basis) -> bool:
    return "resolved" in basis.texts
