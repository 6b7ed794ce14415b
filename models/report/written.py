"""What came of a writer's drafts: how much of what they say stands the check."""

from collections import Counter
from dataclasses import dataclass, field

from models.report.answer import NoDraft
from schemas.report import Report


@dataclass(slots=True)
class Written:
    """What came of all reports so far."""

    drafted: int = 0
    none: Counter[NoDraft] = field(default_factory=Counter)
    """By the template, and why."""
    checked: int = 0
    kept: int = 0
    struck: int = 0
    sentences: int = 0
    sentences_struck: int = 0
    replaced: int = 0
    """By sentences of the template."""
    why: Counter[str] = field(default_factory=Counter)
    """Kinds of claims that nothing supports."""
    lines: list[str] = field(default_factory=list)
    """What was struck."""
    seconds: list[float] = field(default_factory=list)

    @property
    def share_kept(self) -> float:
        """Share of claims that stand; NaN without any."""
        return self.kept / self.checked if self.checked else float("nan")

    def take(self, came: Report | NoDraft, seconds: float) -> None:
        """Add one report, or why there was no draft of it."""
        self.seconds.append(seconds)
        if isinstance(came, NoDraft):
            self.none[came] += 1
            return
        self.drafted += 1
        for name in ("checked", "kept", "struck", "sentences", "sentences_struck", "replaced"):
            setattr(self, name, getattr(self, name) + getattr(came.tally, name))
        for one in came.struck:
            self.why.update(claim.kind.value for claim in one.why)
            said = ", ".join(f"{claim.kind} {claim.text}" for claim in one.why)
            self.lines.append(f"struck ({said}): {one.sentence.text}")
