"""The embedded sandbox as a process of a run: started before it, gone after it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from wedload.engine.health import raise_descriptor_limit
from wedload.errors import ExitCode, TargetError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_READY_S: Final = 20.0  # it needs one; a machine under load may need more
_LOADED_S: Final = 120.0  # of a large catalogue, a part and what follows the last one
_QUIT_S: Final = 5.0
_NICENESS: Final = 5


class SandboxProcess:
    """The sandbox, running; `url` is its base URL."""

    def __init__(
        self, process: asyncio.subprocess.Process, url: str, stderr: asyncio.Task[bytes]
    ) -> None:
        self._process = process
        self._stderr = stderr
        self.url = url

    @staticmethod
    async def start(
        environ: Mapping[str, str],
        *,
        seed: int,
        arguments: Sequence[str] = (),
        notify: Callable[[str], None] = lambda _: None,
    ) -> SandboxProcess:
        """Start it on a free port of loopback, with more arguments; wait until it answers.

        `notify` is told how far it is where that takes longer.

        Raises:
            TargetError: it did not start.
            UsageError: its part of the environment is wrong.
        """
        raise_descriptor_limit()  # which it inherits: each of its clients is an open file
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "wedload.sandbox", "--managed", "--port", "0",
            "--seed", str(seed), *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env=dict(environ),
        )  # fmt: skip
        with suppress(ProcessLookupError):
            # on a machine that both share the load process must not wait for its target's threads
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        assert process.stdout is not None
        assert process.stderr is not None
        stderr = asyncio.create_task(process.stderr.read(), name="stderr of the sandbox")
        try:
            url = await _ready_url(process.stdout, notify)
        except (TimeoutError, ValueError, KeyError) as error:
            late = isinstance(error, TimeoutError)
            code = await _end(process, within_s=0.0 if late else _QUIT_S)
            said = (await stderr).decode("utf-8", "replace").strip()
            if code == ExitCode.USAGE:
                raise UsageError(said) from None
            why = said or (f"not ready within {_READY_S:g} s" if late else None)
            raise TargetError("the sandbox did not start", why) from None
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await stderr
            raise
        return SandboxProcess(process, url, stderr)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ended(self) -> str | None:
        """How it ended, if it did without being told to: by what, and what it said."""
        code = self._process.returncode
        if code is None:
            return None
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        said = ""
        if self._stderr.done() and not self._stderr.cancelled():
            said = self._stderr.result().decode("utf-8", "replace").strip()
        return f"{how}, {said}" if said else how

    async def stop(self) -> None:
        """End it: its input ends, and it removes its files; killed if it does not listen."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(ProcessLookupError):
            self._process.terminate()
        await _end(self._process, within_s=_QUIT_S)
        await self._stderr


async def _ready_url(stdout: asyncio.StreamReader, notify: Callable[[str], None]) -> str:
    """Where it answers, once it says so.

    Raises:
        TimeoutError: it says nothing in time.
        ValueError, KeyError: it says something else, or ends.
    """
    within_s = _READY_S
    while True:
        async with asyncio.timeout(within_s):
            said = json.loads(await stdout.readline())
        if said.get("event") != "loading":
            url: str = said["url"]
            return url
        notify(f"the sandbox has {said['suppliers']:,} of {said['of']:,} suppliers")
        within_s = _LOADED_S


async def _end(process: asyncio.subprocess.Process, *, within_s: float) -> int:
    """Wait for it to end by itself, kill it if it does not; its exit code."""
    try:
        async with asyncio.timeout(within_s):
            return await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        return await process.wait()
