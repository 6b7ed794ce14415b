"""`alltobit eval writer`: what of a language model's drafts stands the check."""

from collections.abc import Iterator
from statistics import median
from time import monotonic
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from models.report.fill import BUDGET
from models.report.record import of_incident
from models.report.report import report as checked
from models.report.specimens import specimens
from models.report.written import Written
from schemas.report import Draft, Kind
from schemas.report.model import Model
from schemas.trigger import Secret
from streams.cli.console import progress
from streams.cli.running import run_async, settings_of
from streams.errors import ConfigError
from streams.evaluate import report
from streams.report.writer import mistakes

_SHOWN = 20
_MEND = "give --url and --name, or settings in front: alltobit --config FILE eval writer"


def run(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    *,
    url: Annotated[str, typer.Option(help="Base: http://127.0.0.1:11434/v1.")] = "",
    name: Annotated[str, typer.Option(help="The model, as the server knows it.")] = "",
    key_env: Annotated[str, typer.Option(help="Variable that holds the server's key.")] = "",
    redact: Annotated[bool, typer.Option("--redact", help="Names leave as stand-ins.")] = False,
    kind: Annotated[Kind, typer.Option(help="Of reports.")] = Kind.OPENED,
    seed: report.Seed = 1,
    incidents: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    show: Annotated[bool, typer.Option("--show", help="What was struck, and why.")] = False,
    as_json: report.AsJson = False,
    fail_under: report.FailUnder = None,
) -> None:
    """Let a language model report on incidents, and see what of it stands the check.

    Incidents are drawn by chance. The model is that of the settings (`reporter.model`), or of
    --url. Headline: share of the claims in its drafts that the record supports and that stand in
    the report, in percent.
    """
    if kind in {Kind.SHIFT, Kind.DAILY}:
        raise ConfigError("--kind", kind, "is of no incident", "use opened, handover or postmortem")
    model = _given(url, name, key_env, redact) if url else settings_of(ctx).reporter.model
    for mistake in mistakes(model):
        raise mistake
    if not model.url:
        raise ConfigError("reporter.model.url", "", "no model is named", _MEND)
    written, document = run_async(_tried(model, kind, seed, incidents))
    lines = written.lines[:_SHOWN] if show else []
    report.tell(document, [*lines, *_lines(written, document)], as_json=as_json)
    report.under(document["headline"], fail_under)


def _given(url: str, name: str, key_env: str, redact: bool) -> Model:
    key = Secret(env=key_env) if key_env else None
    try:
        return Model(url=url, name=name, key=key, redact=redact)
    except ValidationError as error:
        trouble = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError("--url", url, "impossible", trouble) from None


async def _tried(
    model: Model, kind: Kind, seed: int, incidents: int
) -> tuple[Written, dict[str, Any]]:
    from streams.report.model import ModelWriter  # noqa: PLC0415 - the extra `model`

    written, writer = Written(), ModelWriter(model)
    try:
        with progress("eval writer", incidents) as done:
            for i, one in enumerate(specimens(seed, incidents), 1):
                record, began = of_incident(one.event, one.anomalies), monotonic()
                came = await writer.ask(record, kind)
                took_s = monotonic() - began
                told = checked(record, kind, came) if isinstance(came, Draft) else came
                written.take(told, took_s)
                done(i)
    finally:
        await writer.close()
    document = _document(written, seed) | {"writer": writer.name, "kind": kind}
    return written, document | {"tokens": writer.took._asdict(), "cost": writer.cost}


def _lines(written: Written, document: dict[str, Any]) -> Iterator[str]:
    yield f"{document['reports']} reports ({document['kind']}) by {document['writer']}"
    if written.none:
        yield f"by template: {', '.join(f'{n} {why}' for why, n in sorted(written.none.items()))}"
    if written.why:
        yield from report.table(
            ["struck for", "claims"], [[why, f"{n:,}"] for why, n in sorted(written.why.items())]
        )
    tokens = document["tokens"]
    yield f"tokens: {tokens['read']:,} of records up to {BUDGET:,}, {tokens['written']:,} written"
    yield f"seconds a report: {report.figure(document['seconds'])}, cost {document['cost']:g}"
    yield (
        f"sentences: {written.sentences:,}, {written.sentences_struck:,} struck, "
        f"{written.replaced:,} of them replaced by the template's"
    )
    yield (
        f"writer: {written.drafted} of {document['reports']} drafted; {written.checked:,} claims "
        f"checked, {written.kept:,} kept ({report.percent(written.share_kept)}), "
        f"{written.struck:,} struck"
    )


def _document(written: Written, seed: int) -> dict[str, Any]:
    counts = ("drafted", "checked", "kept", "struck", "sentences", "sentences_struck", "replaced")
    return {
        "set": "writer",
        "seed": seed,
        "headline": 100.0 * written.share_kept,
        "reports": len(written.seconds),
        **{name: getattr(written, name) for name in counts},
        "none": {why.value: n for why, n in sorted(written.none.items())},
        "why": dict(sorted(written.why.items())),
        "seconds": median(written.seconds),
    }
