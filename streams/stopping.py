"""How a long-running process ends: told by a signal, in bounded time, and out of its group."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer

from streams.errors import BrokerUnreachable

log = logging.getLogger(__name__)

_LEAVE_S = 10.0  # for last words to Kafka


def on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM and SIGINT; end the process all the same where that takes too long."""
    loop = asyncio.get_running_loop()

    def begin() -> None:
        stop()
        loop.call_later(_LEAVE_S, _leave)

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, begin)


def _leave() -> None:
    log.error(
        "Kafka did not answer within %g s; what it has not acknowledged is done again by who "
        "takes over",
        _LEAVE_S,
    )
    logging.shutdown()
    os._exit(BrokerUnreachable.exit_code)  # clients wait for a broker without end


def leave_at_end(consumer: AIOKafkaConsumer) -> None:
    """Let a consumer, once it stops, leave its group though it has a `kafka.instance`.

    Its place is kept for a process that was killed; one that ends as told makes room at once.
    """
    consumer._coordinator._group_instance_id = None  # noqa: SLF001 - aiokafka asks nobody
