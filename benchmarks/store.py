"""What has been measured, kept after every run of a tool, so that a benchmark can be resumed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Record = dict[str, Any]
"""One run of a tool: `case`, `tool`, `round`, `seconds`, and then either `reading`, `usage` and
`server`, or `unable` (no means for this load), or `failed` (why)."""


@dataclass(slots=True)
class Store:
    """The records, and what they were measured with."""

    about: dict[str, Any] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Store:
        """The one of this file; an empty one if there is none."""
        if not path.exists():
            return cls()
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(kept["about"], kept["records"])

    def write(self, path: Path) -> None:
        """Keep it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"about": self.about, "records": self.records}), encoding="utf-8")
        new.replace(path)

    def forget_other(self, versions: dict[str, str]) -> None:
        """Drop what was measured with other versions of these tools."""
        kept = self.about.get("versions", {})
        self.records = [
            one
            for one in self.records
            if one["tool"] not in versions or kept.get(one["tool"]) == versions[one["tool"]]
        ]

    def has(self, case: str, tool: str, number: int, seconds: float) -> bool:
        """Whether this round has been measured, and did not fail."""
        return any(
            (one["case"], one["tool"], one["round"], one["seconds"])
            == (case, tool, number, seconds)
            for one in self.records
            if "failed" not in one
        )

    def add(self, record: Record) -> None:
        """Take a record in, in the place of an earlier one of the same case, tool and round."""
        key = (record["case"], record["tool"], record["round"])
        self.records = [
            one for one in self.records if (one["case"], one["tool"], one["round"]) != key
        ]
        self.records.append(record)

    def of(self, case: str) -> dict[str, list[Record]]:
        """The records of a case by tool, by round within."""
        found: dict[str, list[Record]] = {}
        for record in sorted(self.records, key=lambda one: one["round"]):
            if record["case"] == case:
                found.setdefault(record["tool"], []).append(record)
        return found
