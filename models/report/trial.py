"""How well the check tells lies from truth, and how much shorter a record is than its events."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from models.report.check import Checker, is_struck
from models.report.lies import lies
from models.report.record import of_incident
from models.report.specimens import Specimen
from models.report.template import draft
from models.report.text import Read, read_cause, text
from models.report.truths import truths
from models.tokens import tokens
from schemas.report import Claim, Kind, Record


@dataclass(slots=True)
class Trial:
    """What came of all incidents so far."""

    incidents: int = 0
    anomalies: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """Lies by what they made false."""
    caught: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    """True claims, of the template and in other words."""
    struck: Counter[str] = field(default_factory=Counter)
    """Of these."""
    before: int = 0
    """Tokens of the events as JSON."""
    after: int = 0
    """Tokens of the records as text."""
    most: int = 0
    """Tokens of the longest record."""
    named: int = 0
    """Causes that are read right from text alone."""
    missed: list[str] = field(default_factory=list)
    """Lies that were let through, and true sentences that were struck."""

    @property
    def share_caught(self) -> float:
        """Share of false claims that were struck; NaN without any."""
        return _share(self.caught.total(), self.told.total())

    @property
    def share_struck(self) -> float:
        """Share of true claims that were struck; NaN without any."""
        return _share(self.struck.total(), self.true.total())

    @property
    def shorter(self) -> float:
        """How many times fewer tokens a record has than its events."""
        return self.before / self.after if self.after else float("nan")


def _share(some: int, of: int) -> float:
    return some / of if of else float("nan")


def tried(trial: Trial, one: Specimen, rng: np.random.Generator) -> None:
    """Try one incident, and add what came of it to `trial`."""
    record = of_incident(one.event, one.anomalies)
    _measure(trial, one, record)
    checker, written = Checker(record), draft(record, Kind.HANDOVER)
    for part in written.parts:
        for sentence in part.sentences:
            _true(trial, "template", checker.claims(sentence, part.section), sentence.text)
    for said in truths(record, written, rng):
        claims = checker.claims(said.sentence, said.section)
        _true(trial, "other words", claims, said.sentence.text)
    for lie in lies(record, written, rng):
        trial.told[lie.lie] += 1
        is_caught = is_struck(checker.claims(lie.sentence, lie.section))
        trial.caught[lie.lie] += is_caught
        if not is_caught:
            trial.missed.append(f"let through ({lie.lie}): {lie.sentence.text}")


def _true(trial: Trial, what: str, claims: list[Claim], text: str) -> None:
    trial.true[what] += len(claims)
    if is_struck(claims):
        trial.struck[what] += len(claims)
        why = ", ".join(f"{one.kind} {one.text}" for one in claims if not one.by)
        trial.missed.append(f"struck ({why}): {text}")


def _measure(trial: Trial, one: Specimen, record: Record) -> None:
    said = text(record)
    length = tokens(said)
    trial.incidents += 1
    trial.anomalies += len(one.anomalies)
    trial.before += tokens(one.event.model_dump_json())
    trial.before += sum(tokens(each.model_dump_json()) for each in one.anomalies)
    trial.after += length
    trial.most = max(trial.most, length)
    trial.named += read_cause(said) == _truth(one)


def _truth(one: Specimen) -> Read | None:
    cause = next(iter(one.event.data.causes), None)
    if cause is None:
        return None
    return Read(cause.ends or (cause.asset,), cause.fault, cause.probability)
