"""What a command left when it had ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass
class Done:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The result that it printed."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """What it told people, in one line."""
        return " ".join((self.err or self.out).split())
