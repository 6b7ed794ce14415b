"""`alltobit mcp`."""

from importlib.util import find_spec
from typing import Annotated

import typer

from streams.cli.running import settings_of
from streams.errors import ConfigError


def run(
    ctx: typer.Context,
    *,
    stdio: Annotated[
        bool,
        typer.Option("--stdio", help="Speak to the parent process, which needs no token."),
    ] = False,
) -> None:
    """Answer language models over the Model Context Protocol.

    Facts alone: incidents, events, the site graph, readings, rules, actions. Nothing is changed;
    actions may be proposed only where `mcp.may_propose` is set. Listens on loopback unless
    `mcp.host` says otherwise, and lets in who has the token that `mcp.token` names. SIGTERM and
    Ctrl-C end it cleanly.
    """
    settings = settings_of(ctx)
    if find_spec("mcp") is None:
        raise ConfigError("mcp", "", "mcp is not installed", "pip install 'alltobit[mcp]'")
    from streams.mcp.process import run_mcp  # noqa: PLC0415 - an extra

    run_mcp(settings, stdio=stdio)
