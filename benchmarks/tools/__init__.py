"""The tools that are compared, one file each: how it is got, what it is told, what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from benchmarks.tools.autocannon import Autocannon
from benchmarks.tools.h2load import H2load
from benchmarks.tools.hey import Hey
from benchmarks.tools.k6 import K6
from benchmarks.tools.locust import Locust
from benchmarks.tools.wedload import Wedload
from benchmarks.tools.wrk import Wrk

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.load import Command, Load, Reading


class Tool(Protocol):
    """A load generator that is driven as its users drive it: by its command line."""

    name: str

    def install(self) -> str:
        """Get it, if it is not there; its version.

        Raises:
            MissingError: it cannot be had here.
        """

    def command(self, load: Load, folder: Path) -> Command:
        """The command for a load; what it needs and writes is in `folder`.

        Raises:
            UnableError: the tool has no means for this load.
        """

    def read(self, load: Load, folder: Path) -> Reading:
        """What the tool says of the run whose `stdout` and files are in `folder`.

        Raises:
            ValueError: it says nothing that can be read.
        """


def every() -> dict[str, Tool]:
    """All of them, in the order of the tables; wedload is the first."""
    tools: list[Tool] = [Wedload(), K6(), Locust(), Hey(), Autocannon(), Wrk(), H2load()]
    return {tool.name: tool for tool in tools}
