"""What `approve` and `refuse` share: the evidence is shown, then the answer is signed and said."""

import sys

import typer

from schemas.trigger import Verdict
from streams.cli.approver import me
from streams.cli.console import out, write_line
from streams.cli.pending import block, is_open, named
from streams.cli.plain import plain
from streams.cli.running import run_async, settings_of
from streams.decisions import said, say
from streams.errors import ConfigError


def answer(ctx: typer.Context, asked: str, verdict: Verdict, why: str, *, yes: bool) -> None:
    """Show what is asked, and answer it. Raises `ConfigError` where nobody waits for an answer."""
    settings, person = settings_of(ctx), me()
    step = run_async(named(settings, asked))
    for line in block(step.data):
        out().print(plain(line), highlight=False)
    if not is_open(step):
        trouble = f"nobody waits for an answer: {step.data.stage}"
        raise ConfigError("action", asked, trouble, "see `alltobit actions --pending`")
    if not yes and sys.stdin.isatty():
        typer.confirm(f"{verdict} this, as {person.name}?", abort=True)
    on = step.data.evidence_hash
    told = said(*person, verdict, step.data.action, why=why, evidence_hash=on)
    run_async(say(settings, told))
    write_line(f"said: {verdict} {step.data.action}; `alltobit actions` shows whether it counts")
