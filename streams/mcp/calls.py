"""One question to one tool: checked, answered within bounds, or refused in one line."""

import json
import logging
from collections.abc import Collection, Sequence
from typing import Any, Final

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from mcp_types import Tool as Offered
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.ask.fit import fitted
from schemas.ask.question import Question
from streams import metrics
from streams.cli.plain import plain
from streams.errors import AllToBitError, ConfigError
from streams.mcp import events, incidents, rules, signals
from streams.mcp.desk import Desk, Told, Tool

log = logging.getLogger(__name__)

TOOLS: Final = (*incidents.TOOLS, *events.TOOLS, *signals.TOOLS, *rules.TOOLS)
_LONGEST = 400  # characters of a refusal
_SHOWN = 60


def offered(tools: Sequence[Tool]) -> list[Offered]:
    """Return what clients read of tools: texts of our own, never data."""
    return [
        Offered(
            name=one.name,
            description=one.question.__doc__,
            input_schema=_without(one.question.model_json_schema(), {"title"}),
            output_schema=_without(
                one.answer.model_json_schema(mode="serialization"), {"title", "description"}
            ),
            annotations=ToolAnnotations(
                read_only_hint=one.reads_only,
                destructive_hint=False,
                idempotent_hint=one.reads_only,
                open_world_hint=False,
            ),
        )
        for one in tools
    ]


def _without(schema: Any, words: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema without what whoever reads it pays for and does not need."""
    if isinstance(schema, list):
        return [_without(one, words) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without(one, words)
        for name, one in schema.items()
        if not (name in words and isinstance(one, str))
    }


class Calls:
    """Gives questions to tools."""

    def __init__(self, desk: Desk, tools: Sequence[Tool] = TOOLS) -> None:
        """`tools`: those that are offered."""
        self._desk, self._tools = desk, {one.name: one for one in tools}

    async def call(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        """Answer; whatever goes wrong is one line, and never how the code ran."""
        tool = self._tools.get(name)
        if tool is None:
            mend = f"there are {', '.join(self._tools)}"
            return _refused(str(ConfigError("tool", name[:_SHOWN], "no such tool", mend)))
        try:
            told = await tool.ask(self._desk, _question(tool, arguments))
            result, came = self._result(told), "answered"
        except AllToBitError as error:
            result, came = _refused(str(error)), "refused"
        except Exception:
            log.exception("the tool %s failed", name)
            result, came = _refused(f"{name} failed: the log of alltobit mcp says why"), "failed"
        metrics.MCP_QUESTIONS.labels(name, came).inc()
        return result

    def _result(self, told: Told) -> CallToolResult:
        most = self._desk.settings.mcp.answer_bytes
        answer = fitted(told.answer, most)
        if answer is None or len(told.text.encode()) > most:
            trouble, mend = f"over mcp.answer_bytes={most}", "ask for less at a time"
            raise ConfigError("answer", "too long", trouble, mend)
        document = answer.model_dump_json()
        return CallToolResult(
            content=[TextContent(type="text", text=told.text or document)],
            structured_content=json.loads(document),
        )


def _question(tool: Tool, arguments: dict[str, Any]) -> Question:
    """Read arguments. Raises `ConfigError` that names the first field that is wrong."""
    try:
        return tool.question.model_validate(arguments)
    except ValidationError as error:
        raise _wrong(tool, error.errors(include_url=False)[0]) from None


def _wrong(tool: Tool, first: ErrorDetails) -> ConfigError:
    field, kind = ".".join(map(str, first["loc"])) or "arguments", first["type"]
    names = ", ".join(one.alias or name for name, one in tool.question.model_fields.items())
    said = "" if kind == "missing" else str(first["input"])[:_SHOWN]
    trouble, mend = first["msg"], "give it" if kind == "missing" else "correct it"
    if kind == "extra_forbidden":
        trouble, mend = f"no argument of {tool.name}", f"there are {names or 'none'}"
    return ConfigError(field[:_SHOWN], said, trouble, mend)


def _refused(line: str) -> CallToolResult:
    text = plain(line)
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return CallToolResult(content=[TextContent(type="text", text=cut)], is_error=True)
