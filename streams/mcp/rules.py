"""Rules: those in force, and those that whoever asks would like to try. None is put in force."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from fnmatch import fnmatchcase
from typing import Final

from models.ask.events import LINE, firing
from models.ask.fit import limited
from models.names import Config
from models.report.say import cut
from models.trigger.condition.tree import ConditionError
from models.trigger.trial.report import Told as Outcome
from models.trigger.trial.report import headline
from models.trigger.trial.tried import Trial
from models.words import moment
from schemas.ask import question as asks
from schemas.ask import rules as told
from schemas.settings import Settings
from streams import made
from streams.cli import backtest_data as recorded
from streams.configuration import Judged, beside
from streams.configuration_doubts import Seen, doubted
from streams.configuration_files import read_text
from streams.errors import ConfigError
from streams.mcp.desk import Desk, Reading, Told, Tool, window_of

_MOST_RULES: Final = 20
_FIRINGS: Final = 10
"""Of a rule, that are told one by one."""
_A_DAY: Final = 24.0
"""A rule that fires more often is told."""
_LINES: Final = 50


async def list_rules(desk: Desk, asked: asks.ListRules) -> Told:
    """List them."""
    fires = await asyncio.to_thread(firing, desk.picture.alerts.all())
    rows = tuple(
        told.RuleLine(
            name=one.name,
            rule=one.model_dump_json(by_alias=True, exclude_defaults=True),
            firing=fires.get(one.name, 0),
        )
        for one in desk.settings.rules
        if fnmatchcase(one.name, asked.name)
    )
    return Told(limited(told.RulesTold(rules=rows), asked.limit))


async def check_rules(desk: Desk, asked: asks.CheckRules) -> Told:
    """Say what is wrong with them."""
    found = await asyncio.to_thread(lambda: doubted(_judged(asked.yaml, desk.settings), Seen()))
    problems, warnings = ([cut(one, LINE) for one in lines] for lines in found)
    out = told.Checked(
        is_fine=not problems,
        problems=tuple(problems[:_LINES]),
        warnings=tuple(warnings[:_LINES]),
        left_out=max(len(problems) - _LINES, 0) + max(len(warnings) - _LINES, 0),
    )
    return Told(out)


async def backtest_rule(desk: Desk, asked: asks.BacktestRule) -> Told:
    """Say when they would have fired."""
    window = window_of(asked)
    config = await asyncio.to_thread(lambda: _config(asked.yaml, desk.settings))
    trial, reading = _trial(config), Reading(desk.settings.kafka, desk.settings.mcp)

    async def work() -> recorded.Span:
        async with aclosing(reading.records(desk.settings.topics.readings, window)) as records:
            inside = recorded.Window(window.start_ns, window.end_ns)
            return await recorded.on_records(trial, config, records, inside)

    span = await desk.aside(work)
    each = [Outcome(one, span.days, span.last_ns, _A_DAY) for one in trial.of.values()]
    out = told.Backtested(
        headline=headline(each, len(trial.assets), span.days),
        hours=24.0 * span.days,
        assets=len(trial.assets),
        rules=tuple(_tried(one) for one in each),
        note=reading.note,
        left_out=sum(max(len(one.tried.firings) - _FIRINGS, 0) for one in each),
    )
    return Told(out)


def _judged(text: str, settings: Settings) -> Judged:
    """Judge rules that were sent. Raises `ConfigError` for what is none at all."""
    found = beside(read_text(text, "yaml"), settings)
    many = len(found.settings.rules)
    if many > _MOST_RULES:
        raise ConfigError("yaml", f"{many} rules", "too many", f"give up to {_MOST_RULES}")
    return found


def _config(text: str, settings: Settings) -> Config:
    """Return detection with these rules alone. Raises `ConfigError`: the first mistake."""
    found = _judged(text, settings)
    if found.wrong:
        raise found.wrong[0]
    if not found.settings.rules:
        raise ConfigError("yaml", "...", "has no rules", "begin with `rules:`")
    return Config.of(found.settings, made.functions(settings))


def _trial(config: Config) -> Trial:
    try:
        return Trial(config)
    except ConditionError as error:
        raise ConfigError("yaml", "...", f"a rule on events: {error}", "see check_rules") from None


def _tried(one: Outcome) -> told.Tried:
    tried = one.tried
    return told.Tried(
        rule=tried.rule.name,
        firings=tuple(_firings(one)),
        fired=len(tried.firings),
        held_back=tried.held,
        asked=len(tried.asked),
        fired_on=len(tried.fired_on),
        a_day=one.a_day,
        warnings=tuple(one.warnings()),
    )


def _firings(one: Outcome) -> Iterator[told.Firing]:
    for firing_, lasted_s in list(zip(one.tried.firings, one.lasted_s, strict=True))[:_FIRINGS]:
        yield told.Firing(
            asset=cut(firing_.asset, LINE),
            fired=moment(firing_.fired_ns),
            lasted_s=lasted_s,
            is_over=firing_.ended_ns is not None,
            quality=firing_.quality,
            summary=cut(firing_.summary, LINE),
        )


TOOLS = (
    Tool("list_rules", asks.ListRules, told.RulesTold, list_rules),
    Tool("check_rules", asks.CheckRules, told.Checked, check_rules),
    Tool("backtest_rule", asks.BacktestRule, told.Backtested, backtest_rule),
)
