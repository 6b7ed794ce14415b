"""Parts of a condition that never hold, or always do: they were hardly meant so.

Found are comparisons that the possible range of a point decides, and limits that exclude each
other, `x > 5 && x < 3`. What is not found may still be so.
"""

from collections.abc import Iterator, Sequence
from math import inf, isnan
from typing import NamedTuple

from models.trigger.condition.program import Op
from models.trigger.condition.term import Finding, Mark, Term
from models.trigger.condition.tree import Kind

_OTHER = {
    Op.EQUAL: Op.UNEQUAL,
    Op.UNEQUAL: Op.EQUAL,
    Op.LESS: Op.AT_LEAST,
    Op.AT_LEAST: Op.LESS,
    Op.MORE: Op.AT_MOST,
    Op.AT_MOST: Op.MORE,
}
"""What holds where the comparison does not."""
_SWAPPED = {
    **{op: op for op in (Op.EQUAL, Op.UNEQUAL)},
    Op.LESS: Op.MORE,
    Op.MORE: Op.LESS,
    Op.AT_MOST: Op.AT_LEAST,
    Op.AT_LEAST: Op.AT_MOST,
}


class Span(NamedTuple):
    """What a number can be; an open end does not belong to it."""

    low: float = -inf
    high: float = inf
    is_low_open: bool = False
    is_high_open: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        is_open = self.is_low_open or self.is_high_open
        return self.low > self.high or (self.low == self.high and is_open)

    def within(self, other: "Span") -> "Span":
        """Return what is in both."""
        low = max((self.low, self.is_low_open), (other.low, other.is_low_open))
        high = min((self.high, not self.is_high_open), (other.high, not other.is_high_open))
        return Span(low[0], high[0], low[1], not high[1])


def unreachable(term: Term) -> Iterator[Finding]:
    """Find, from the outside in, the first parts that are decided beforehand."""
    if term.op is Op.CONSTANT and isnan(term.number):
        yield _finding(term, "is never known")
        return
    answer = decided(term) if term.is_condition else None
    if answer is not None:
        yield _finding(term, "always holds" if answer else "never holds")
        return
    for arg in term.args:
        if arg.node.kind is not Kind.CONSTANT:
            yield from unreachable(arg)


def _finding(term: Term, says: str) -> Finding:
    return Finding(Mark.UNREACHABLE, f"`{term.node}` {says}", term.node.start, term.value)


def decided(term: Term) -> bool | None:
    """Return what a condition always is, where it is known; None: it depends."""
    if term.op is Op.CONSTANT:
        return None if isnan(term.number) else term.number == 1.0
    if term.op is Op.NOT:
        inner = decided(term.args[0])
        return None if inner is None else not inner
    if term.op in {Op.AND, Op.OR}:
        return _joined(term, term.op is Op.OR)
    limit = _limit(term, holds=True)
    return None if limit is None else _of_limit(term)


def _joined(term: Term, decides: bool) -> bool | None:
    """Return what an and is (`decides` is false), or an or (true)."""
    parts = list(_parts(term, term.op))
    answers = {decided(part) for part in parts}
    if decides in answers or _exclude(parts, holds=not decides):
        return decides
    return None if None in answers else not decides


def _parts(term: Term, op: Op) -> Iterator[Term]:
    if term.op is op:
        for arg in term.args:
            yield from _parts(arg, op)
    else:
        yield term


def _exclude(parts: Sequence[Term], holds: bool) -> bool:
    """Say whether the parts cannot all hold, or all fail, together."""
    left: dict[object, Span] = {}
    for part in parts:
        limit = _limit(part, holds=holds)
        if limit is not None:
            of, span = limit
            left[of] = left.get(of, _possible(part)).within(span)
    return any(span.is_empty for span in left.values())


def _of_limit(term: Term) -> bool | None:
    for holds in (True, False):
        limit = _limit(term, holds=holds)
        if limit is not None and _possible(term).within(limit[1]).is_empty:
            return not holds
    return None


def _limit(term: Term, holds: bool) -> tuple[object, Span] | None:
    """Return what a comparison with a constant is of, and the span in which it holds, or fails."""
    if term.op not in _SWAPPED or not any(arg.op is Op.CONSTANT for arg in term.args):
        return None
    op, (number, constant) = term.op, term.args
    if constant.op is not Op.CONSTANT:
        op, number, constant = _SWAPPED[op], constant, number
    span = _span(op if holds else _OTHER[op], constant.number)
    return None if span is None else (_same(number), span)


def _span(op: Op, at: float) -> Span | None:
    if op is Op.EQUAL:
        return Span(at, at)
    if op in {Op.LESS, Op.AT_MOST}:
        return Span(high=at, is_high_open=op is Op.LESS)
    if op in {Op.MORE, Op.AT_LEAST}:
        return Span(low=at, is_low_open=op is Op.MORE)
    return None


def _possible(comparison: Term) -> Span:
    read = next((arg.read for arg in comparison.args if arg.read is not None), None)
    return Span() if read is None else Span(read.low, read.high)


def _same(term: Term) -> object:
    """Return what equal terms share, wherever they stand."""
    number = None if isnan(term.number) else term.number
    return (term.op, number, term.read, term.trait, tuple(_same(arg) for arg in term.args))
