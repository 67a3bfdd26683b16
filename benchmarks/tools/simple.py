"""What the tools that send one request over and over have in common, and what they cannot do."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from benchmarks.load import Command, UnableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.install import Program
    from benchmarks.load import Load, Reading

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def check_simple(load: Load) -> None:
    """Refuse what such a tool has no means for.

    Raises:
        UnableError: says which.
    """
    if load.flow == "workflow":
        raise UnableError("no workflow")
    if load.rate_per_s is not None:
        raise UnableError("no open load")
    if load.stages:
        raise UnableError("no ramping")
    if load.pace_s is not None:
        raise UnableError("no pace")


class SimpleTool(ABC):
    """A tool that is told everything by its arguments, and prints what it saw."""

    name: ClassVar[str]
    parse: ClassVar[Callable[[str], Reading]]  # a reading of its output

    @abstractmethod
    def get(self) -> Program:
        """Its program, which is fetched if it is not there."""

    @abstractmethod
    def arguments(self, load: Load) -> list[str]:
        """What it is told of a load, but for the address."""

    def install(self) -> str:
        """Get it, if it is not there; its version."""
        self._program = self.get()
        return self._program.version

    def check(self, load: Load) -> None:
        """Refuse a load, with an UnableError that says why."""
        check_simple(load)

    def command(self, load: Load, folder: Path) -> Command:  # noqa: ARG002 - all are asked alike
        """Its command for a load."""
        self.check(load)
        url = load.base_url + path_of(load)
        return Command([str(self._program.path), *self.arguments(load), url], self._program.env)

    def read(self, load: Load, folder: Path) -> Reading:  # noqa: ARG002 - all are asked alike
        """Read what it printed."""
        return type(self).parse((folder / "stdout").read_text(encoding="utf-8"))


def path_of(load: Load) -> str:
    """The path of the one request."""
    return "/large" if load.flow == "large" else "/"


def milliseconds(text: str) -> float:
    """`1.23ms` as a number of milliseconds."""
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if found is None:
        raise ValueError(f"not a duration: {text}")
    return float(found[1]) * _UNITS_MS[found[2]]
