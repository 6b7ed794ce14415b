"""`alltobit propose`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from schemas.durations import seconds
from schemas.trigger import Proposal
from streams.cli.approver import proposer
from streams.cli.console import write_line
from streams.cli.running import run_async, settings_of
from streams.errors import ConfigError
from streams.proposals import propose, proposed

_LONGEST_S = 604_800.0


def run(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    action: Annotated[str, typer.Argument(help="Name of a configured action.")],
    asset: Annotated[str, typer.Argument(help="What it is to be done about.")],
    *,
    why: Annotated[str, typer.Option(help="Your reason; people read it, and it is recorded.")],
    evidence: Annotated[
        list[str] | None,
        typer.Option(help="Id of an alert, anomaly or incident it rests on, in full; again."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, for the action's templates; again.")
    ] = None,
    point: Annotated[str, typer.Option(help="For the action's templates.")] = "",
    site: Annotated[str, typer.Option(help="Of the asset; empty: that of the settings.")] = "",
    lasts: Annotated[
        str, typer.Option("--for", help="As in 90s, 30m or 2h: nothing comes of it later.")
    ] = "15m",
) -> None:
    """Propose an action: people, or what the settings permit, decide.

    Signed with ALLTOBIT_PROPOSER and ALLTOBIT_PROPOSER_SECRET, or ALLTOBIT_PROPOSER_SECRET_FILE.
    """
    settings = settings_of(ctx)
    said = _said(
        action=action,
        asset=asset,
        why=why,
        evidence=tuple(evidence or ()),
        labels=_labels(label or ()),
        point=point,
        site=site or settings.site.name,
        lasts_s=_seconds(lasts),
    )
    run_async(propose(settings, said))
    write_line(f"proposed: {said.id}; `alltobit actions` shows what comes of it")


def _said(**told: Any) -> Proposal:  # noqa: ANN401 - its fields
    try:
        return proposed(*proposer(), **told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name, value = ".".join(map(str, first["loc"])), str(first["input"])
        raise ConfigError(name, value, first["msg"], "see `alltobit propose --help`") from error


def _labels(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for text, (name, equals, _) in zip(given, pairs, strict=True):
        if not name or not equals:
            raise ConfigError("--label", text, "no label", "write it like port=1")
    return {name: value for name, _, value in pairs}


def _seconds(text: str) -> float:
    try:
        found = seconds(text)
    except ValueError as error:
        raise ConfigError("--for", text, "no duration", "write it like 90s or 2h") from error
    if not 0.0 < found <= _LONGEST_S:
        raise ConfigError("--for", text, "nothing, or longer than a week", "write it like 2h")
    return found
