"""Items into a record, the most telling first, as long as its text fits a budget of tokens."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from models.report.text import FIELDS, LEGEND, head, left_out, line
from models.tokens import tokens
from schemas.report import LeftOut, Record

BUDGET: Final = 3_000
"""Tokens of a record's text, at most."""
LEAST: Final = 2_400
"""No budget is smaller: names of 249 marks, three of them, have to fit."""
FIRST: Final = {
    "guesses": 1,
    "totals": 40,
    "unknowns": 4,
    "incidents": 200,
    "facts": 6,
    "next": 3,
    "reached": 5,
    "advice": 3,
    "steps": 4,
    "came": 2,
}
"""How many items of each field come before more of any, in this order."""
_RANK: Final = {field: i for i, field in enumerate(FIRST)}

Candidates = Mapping[str, Sequence[Any]]
"""Items of each field of a record, in the order they are told."""
Place = tuple[str, int]


def filled(record: Record, items: Candidates, budget: int) -> Record:
    """Return the record with the items that fit. Raises ValueError below `LEAST`."""
    if budget < LEAST:
        raise ValueError(f"a budget of {budget} tokens is below {LEAST}")
    left = budget - tokens(f"{LEGEND}\n{left_out(99_999, 99_999)}\n")
    if tokens(head(record)) > left // 4:
        record = record.model_copy(update={"summary": ""})
    left -= tokens(head(record))
    kept: set[Place] = set()
    for field, i in _order(items):
        costs = tokens(line(items[field][i])) + 1  # and its line break
        if costs <= left:
            left -= costs
            kept.add((field, i))
    return _made(record, items, kept)


def _order(items: Candidates) -> list[Place]:
    places = [(field, i) for field, some in items.items() for i in range(len(some))]
    return sorted(places, key=lambda at: (at[1] >= FIRST[at[0]], _RANK[at[0]], at[1]))


def _made(record: Record, items: Candidates, kept: set[Place]) -> Record:
    update: dict[str, object] = {}
    lost = {field: len(some) for field, some in items.items()}
    for field, some in items.items():
        told = [one for i, one in enumerate(some) if (field, i) in kept]
        ids = (f"{FIELDS[field]}{i}" for i in range(1, len(told) + 1))
        update[field] = tuple(
            one.model_copy(update={"id": name}) for name, one in zip(ids, told, strict=True)
        )
        lost[field] -= len(told)
    facts = lost.pop("facts", 0)
    update["left_out"] = LeftOut(facts=facts, others=sum(lost.values()))
    return record.model_copy(update=update)
