"""Programs: arguments without a shell, a bounded time, a bounded answer."""

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from contextlib import suppress

from models.act import render
from models.act.attempt import Came, Outcome
from models.act.ledger import Due
from schemas.trigger import Command
from streams.act.target import Try
from streams.act.turns import Turns

_KEPT_BYTES = 4096
_NEVER = frozenset({os.EX_USAGE, os.EX_NOPERM, os.EX_CONFIG})
"""Exit codes of sysexits.h that no retry mends."""


class CommandTarget:
    """One program. Exit code 0: done; 64, 77, 78: refused; any other: tried again."""

    def __init__(self, action: Command) -> None:
        self.action = action
        self._turns = Turns(action)

    def prepare(self, due: Due) -> Try:
        """Return one run."""
        argv = self._argv(due)
        environment = {name: os.environ[name] for name in self.action.env if name in os.environ}
        environment["ALLTOBIT_ACTION"] = due.key

        async def attempt() -> Outcome:
            async with self._turns.one():
                return await self._run(argv, environment)

        return attempt

    def _argv(self, due: Due) -> list[str]:
        known = render.values(due.event, {})
        render.check_only(self.action.only, known)
        return [render.argument(template, known) for template in self.action.argv]

    async def _run(self, argv: list[str], environment: dict[str, str]) -> Outcome:
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                cwd=self.action.cwd,
                env=environment,
                start_new_session=True,  # a group of its own, to be ended as one
            )
        except OSError as error:
            return Outcome(Came.REFUSED, f"cannot be run: {error.strerror}")
        said = bytearray()
        try:
            async with asyncio.timeout(self.action.timeout_s):
                await _listen(process, said)
        except TimeoutError:
            return _judged(process.returncode, said)
        finally:
            await _end(process)
        return _judged(process.returncode, said)

    def shown(self, due: Due) -> str:
        """Say what would be run."""
        return shlex.join(self._argv(due))


async def _listen(process: Process, said: bytearray) -> None:
    """Keep the beginning of what it says, and read on: a full pipe would stop it."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    while piece := await process.stdout.read(_KEPT_BYTES):
        said += piece[: _KEPT_BYTES - len(said)]
    await process.wait()


async def _end(process: Process) -> None:
    """End all that is left of its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _judged(code: int | None, said: bytearray) -> Outcome:
    text = said.decode("utf-8", "replace").strip()
    if code is None:
        return Outcome(Came.AGAIN, f"not ended in time {text}".strip())
    if code == 0:
        return Outcome(Came.DONE, text)
    came = Came.REFUSED if code in _NEVER else Came.AGAIN
    return Outcome(came, f"exit code {code} {text}".strip())
