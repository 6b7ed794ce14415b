"""From configured actions to what does them."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from aiokafka import AIOKafkaProducer

from schemas.settings import Settings
from schemas.trigger import Alertmanager, Command, Configured, KafkaTopic, Webhook
from streams.act.alertmanager import AlertmanagerTarget
from streams.act.command import CommandTarget
from streams.act.http import connected
from streams.act.target import Target
from streams.act.topic import TopicTarget
from streams.act.webhook import WebhookTarget
from streams.member import ended

Fail = Callable[[BaseException], None]


async def made(
    settings: Settings, producer: AIOKafkaProducer, stack: AsyncExitStack, fail: Fail
) -> dict[str, Target]:
    """Return a target for each action, by name; `stack` ends them. Raises `ConfigError`."""
    return {action.name: await _one(action, producer, stack, fail) for action in settings.actions}


async def _one(
    action: Configured, producer: AIOKafkaProducer, stack: AsyncExitStack, fail: Fail
) -> Target:
    if isinstance(action, KafkaTopic):
        return TopicTarget(action, producer)
    if isinstance(action, Command):
        return CommandTarget(action)
    lent = connected(action.timeout_s, connections(action), action.ca_file)
    http = await stack.enter_async_context(lent)
    if not isinstance(action, Alertmanager):
        return WebhookTarget(action, http)
    target = AlertmanagerTarget(action, http)
    task = asyncio.create_task(target.run())
    task.add_done_callback(lambda done: _ended(done, fail))
    stack.push_async_callback(ended, task)
    return target


def connections(action: Webhook | Alertmanager) -> int:
    """Return how many may be open: one of each Alertmanager, so that none waits for another."""
    return len(action.urls) if isinstance(action, Alertmanager) else action.at_once


def _ended(task: "asyncio.Task[Any]", fail: Fail) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        fail(error)
