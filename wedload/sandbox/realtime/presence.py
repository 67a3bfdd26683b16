"""Who is present on a topic, and what changes when somebody comes or goes. Sends nothing.

Each owner (a joined channel) is present at most once, under its key; several owners may share a
key. What is sent is an object from keys to `{"metas": […]}`, each meta with a `phx_ref` of its own.

Source: https://supabase.com/docs/guides/realtime/protocol, "presence_state" and "presence_diff".
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable

Meta = dict[str, Any]
Presences = dict[str, dict[str, list[Meta]]]
_REFS = count(1)


class Presence:
    """Those present on one topic."""

    __slots__ = ("_present",)

    def __init__(self) -> None:
        self._present: dict[Hashable, tuple[str, Meta, Meta]] = {}

    def state(self) -> Presences:
        """All that are present."""
        everyone: Presences = {}
        for key, _, meta in self._present.values():
            everyone.setdefault(key, {"metas": []})["metas"].append(meta)
        return everyone

    def track(self, owner: Hashable, key: str, payload: Meta) -> dict[str, Presences] | None:
        """Let the owner be present with `payload`; the change, or None if that changes nothing."""
        meta = {**payload, "phx_ref": f"{next(_REFS):x}"}
        leaves: Presences = {}
        before = self._present.get(owner)
        if before is not None:
            old_key, old_payload, old_meta = before
            if (old_key, old_payload) == (key, payload):
                return None
            meta["phx_ref_prev"] = old_meta["phx_ref"]
            leaves = {old_key: {"metas": [old_meta]}}
        self._present[owner] = (key, payload, meta)
        return {"joins": {key: {"metas": [meta]}}, "leaves": leaves}

    def untrack(self, owner: Hashable) -> dict[str, Presences] | None:
        """Let the owner be gone; the change, or None if it was not present."""
        before = self._present.pop(owner, None)
        if before is None:
            return None
        key, _, meta = before
        return {"joins": {}, "leaves": {key: {"metas": [meta]}}}
