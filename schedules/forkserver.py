"""The service's end of the process that starts crawls by forking (`policy_crawler/forks.py`)."""

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence

READY_SECONDS = 60.0
ANSWER_SECONDS = 15.0  # a fork takes milliseconds, also on a busy machine

logger = logging.getLogger(__name__)


class ForkError(Exception):
    """No child could be forked; a fresh process can take its place."""


class Forked:
    """A forked child: what `asyncio.subprocess.Process` offers of it that is needed here."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._over = asyncio.Event()

    async def wait(self) -> int:
        """Its exit code, when it has ended."""
        await self._over.wait()
        assert self.returncode is not None  # noqa: S101 - set with `_over`
        return self.returncode

    def ended(self, code: int) -> None:
        """It has."""
        self.returncode = code
        self._over.set()


class ForkServer:
    """Starts children by a process that is started with the first of them, and again when it has died."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: asyncio.subprocess.Process | None = None
        self._socket: socket.socket | None = None
        self._children: dict[int, Forked] = {}
        self._starting: asyncio.Future[Forked] | None = None
        self._ready: asyncio.Event = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def spawn(
        self, arguments: Sequence[str], env: Mapping[str, str], limits: Mapping[str, int], events: int, log: int
    ) -> Forked:
        """A child with these arguments and this environment, which writes to `events` and `log`. Raises ForkError."""
        async with self._turn:
            try:
                if self._socket is None:
                    await self._begin(env)
                assert self._socket is not None  # noqa: S101 - `_begin` made it
                request = {"arguments": list(arguments), "environment": dict(env), "limits": dict(limits)}
                self._starting = asyncio.get_running_loop().create_future()
                socket.send_fds(self._socket, [json.dumps(request).encode()], [events, log])
                return await asyncio.wait_for(self._starting, ANSWER_SECONDS)
            except (OSError, TimeoutError) as error:
                await self._end()
                raise ForkError(f"{type(error).__name__}: {error}") from error
            finally:
                self._starting = None

    @property
    def pid(self) -> int | None:
        """The process that forks; None while there is none."""
        return None if self._process is None else self._process.pid

    async def close(self) -> None:
        """End the process; children of it that still run are killed with it."""
        async with self._turn:
            await self._end()

    async def _begin(self, env: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self._module, "--forks", str(theirs.fileno()),
                env=dict(env), stdin=asyncio.subprocess.DEVNULL, pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )  # fmt: skip
        self._socket = ours
        self._ready.clear()
        self._listening = asyncio.create_task(self._listen(ours))
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, self._listening}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            raise ConnectionError("the process that forks crawls did not start")

    async def _listen(self, ours: socket.socket) -> None:
        ours.setblocking(False)
        loop, rest = asyncio.get_running_loop(), b""
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(ours, 1 << 16):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._hear(json.loads(line))
        # It is gone, and its children with it.
        for child in self._children.values():
            child.ended(-9)
        self._children.clear()
        if self._starting is not None and not self._starting.done():
            self._starting.set_exception(ConnectionError("the process that forks crawls has ended"))
        if self._socket is ours:
            self._socket = None
            ours.close()

    def _hear(self, said: dict[str, int]) -> None:
        if "ready" in said:
            self._ready.set()
        elif "code" in said:
            child = self._children.pop(said["pid"], None)
            if child is not None:
                child.ended(said["code"])
        else:
            child = self._children[said["pid"]] = Forked(said["pid"])
            if self._starting is not None and not self._starting.done():
                self._starting.set_result(child)
            else:  # it was waited for no longer
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, 9)

    async def _end(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        for child in self._children.values():
            child.ended(-9)
        self._children.clear()
        if self._socket is not None:
            self._socket.close()
        self._process = self._socket = self._listening = None
