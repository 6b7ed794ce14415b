"""`alltobit precision`: how often rules and detectors were right, by what people labelled."""

from typing import Annotated

import typer
from rich.table import Table

from models import saved
from models.trigger.precision import LABELS, Feedback
from models.trigger.saved import restored
from schemas.settings import Settings
from streams.changelog import stored
from streams.cli.console import out, write_json
from streams.cli.plain import plain
from streams.cli.running import run_async, settings_of
from streams.connection import reach
from streams.member import counted
from streams.topics import trigger_changelog


def run(
    ctx: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show how often rules and detectors were right, as people say.

    With its 95 % interval; as `trigger` saved it last, which is a few seconds ago.
    """
    found = run_async(feedback(settings_of(ctx)))
    if as_json:
        write_json([_row(found, source) for source in sorted(found.counts)])
    elif found.counts:
        out().print(table(found))
    else:
        out().print("nothing was labelled yet; see `alltobit label`")


async def feedback(settings: Settings) -> Feedback:
    """Return what people said, as it was saved last. Raises what `reach` raises."""
    topic = trigger_changelog(settings)
    await reach(settings.kafka)
    await counted(settings.kafka, [topic])
    found = saved.latest(await stored(settings.kafka, topic, 0))
    return restored(found.manifest, found.chunks).memory.feedback if found else Feedback()


def _row(found: Feedback, source: str) -> dict[str, object]:
    counts, precision = found.counts[source], found.precision(source)
    labels = {one.value: counts.get(one, 0) for one in LABELS}
    return {"of": source, **precision._asdict(), "labels": labels}


def table(found: Feedback) -> Table:
    """Return it for a person."""
    shown = Table("of", "precision", "95 %", *(one.value for one in LABELS), box=None)
    for source in sorted(found.counts):
        share, low, high = found.precision(source)
        counts = (str(found.counts[source].get(one, 0)) for one in LABELS)
        shown.add_row(plain(source), f"{share:.0%}", f"{low:.0%} to {high:.0%}", *counts)
    return shown
