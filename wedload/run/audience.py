"""Who watches a run, as the run sees them: somebody to tell, never somebody to wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.report.view import Observer, RunView


class Audience:
    """An observer whose failures end nothing. Implements `wedload.report.view.Observer`.

    What is shown of a run must not decide over its load, its clean-up or its result: an observer
    that fails is told nothing more but to close, and `failure` says why.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.failure: str | None = None

    def notice(self, text: str) -> None:
        """See `Observer.notice`."""
        if self.failure is None:
            self._safely(lambda: self._observer.notice(text))

    def tick(self, view: RunView) -> None:
        """See `Observer.tick`."""
        if self.failure is None:
            self._safely(lambda: self._observer.tick(view))

    def close(self) -> None:
        """See `Observer.close`."""
        self._safely(self._observer.close)

    def _safely(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on
            self.failure = self.failure or f"{type(error).__name__}: {error}"
