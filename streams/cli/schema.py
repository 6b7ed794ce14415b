"""`alltobit schema`: what we publish, for programs."""

from enum import StrEnum
from typing import Annotated

import typer

from schemas.documents import asyncapi, json_schemas
from streams.cli.console import write_json
from streams.cli.running import settings_of


class Format(StrEnum):
    """Which description."""

    JSON_SCHEMA = "json-schema"
    ASYNCAPI = "asyncapi"


def run(
    ctx: typer.Context,
    *,
    wanted: Annotated[
        Format, typer.Option("--format", help="JSON Schema of the messages, or all topics.")
    ] = Format.ASYNCAPI,
    _as_json: Annotated[bool, typer.Option("--json", help="Print JSON; it always is.")] = False,
) -> None:
    """Print what we publish, for programs.

    As one AsyncAPI 3.0 document of all topics in the settings, or as JSON Schema of every model.
    """
    write_json(json_schemas() if wanted is Format.JSON_SCHEMA else asyncapi(settings_of(ctx)))
