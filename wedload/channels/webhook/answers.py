"""Answers by script: what each attempt of a message is answered with. Pure.

The n-th genuine attempt of a message gets the n-th answer of the channel, those after the last get
200. Which messages the script is for is a matter of their ids and the seed: the same in every run.
"""

from __future__ import annotations

from bisect import bisect_right
from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.channels import Answer

_DIGEST_BYTES: Final = 8


class Script:
    """The answers of a channel."""

    def __init__(self, answers: Sequence[Answer], ratio: float, seed: int) -> None:
        """`ratio`: the share of messages, 0–1, that get them."""
        self._answers = answers if ratio > 0 else ()
        self._ends = list(accumulate(answer.times for answer in answers))
        self._everybody = ratio >= 1
        self._below = int(ratio * (1 << 8 * _DIGEST_BYTES))
        self._seed = seed

    def answer(self, message_id: str, number: int) -> Answer | None:
        """What the attempt of this number, from 1, gets; None: 200. O(log answers)."""
        if not self._answers or number > self._ends[-1] or not self._chosen(message_id):
            return None
        return self._answers[bisect_right(self._ends, number - 1)]

    def _chosen(self, message_id: str) -> bool:
        if self._everybody:
            return True
        named = f"{self._seed}/{message_id}".encode("utf-8", "surrogatepass")
        digest = blake2b(named, digest_size=_DIGEST_BYTES).digest()
        return int.from_bytes(digest, "big") < self._below
