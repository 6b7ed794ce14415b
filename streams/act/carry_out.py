"""One action, from its request to its end: tries, pauses, and what came of it."""

import asyncio
from time import monotonic, time

from models.act import render
from models.act.attempt import Came, Outcome, pause_s
from models.act.ledger import Due
from models.act.message import Result, ended
from models.act.policy import UNKNOWN, refused
from schemas.trigger import Mode, Stage, Why
from streams import metrics
from streams.act.target import Target, Try


async def carry_out(target: Target | None, due: Due) -> Result:
    """Do it, or say why not. Returns when it is over."""
    if target is None:
        return UNKNOWN
    result = refused(target.action, due, time())
    if result is not None:
        return result
    try:
        if target.action.mode is Mode.SHADOW:
            return Result(Stage.SHADOWED, Why.DRY_RUN, target.shown(due))
        undo = render.fill(target.action.undo, render.values(due.event, {}))
        return await _tries(target, due, target.prepare(due), undo)
    except render.Unfit as error:
        return Result(Stage.FAILED, Why.IMPOSSIBLE, str(error))


async def _tries(target: Target, due: Due, attempt: Try, undo: str) -> Result:
    action, tries, outcome = target.action, 0, Outcome(Came.AGAIN)
    while outcome.came is Came.AGAIN and tries <= action.retries:
        if tries:
            await asyncio.sleep(pause_s(due.key, tries, action.backoff_s, outcome.after_s))
        began = monotonic()
        outcome = await attempt()
        tries += 1
        metrics.TRY_S.labels(action.kind).observe(monotonic() - began)
        metrics.TRIES.labels(action.kind, outcome.came.value).inc()
    return ended(outcome, tries, f"{action.kind} {action.name}", undo)
