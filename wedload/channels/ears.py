"""The ears of a run: every channel of a plan, each with what listens and what correlates.

It does not know which process it is in, nor who reads what is recorded.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from wedload.channels.correlation import Correlator
from wedload.channels.expectation import Expected
from wedload.channels.keys import Keys
from wedload.channels.link import Link
from wedload.channels.port import EarContext
from wedload.channels.scope import ChannelScope
from wedload.plan.expressions.language import shortened
from wedload.plan.rate_limits import joins_within
from wedload.safety.target_guard import guard_of
from wedload.workload.compile_plan import run_headers
from wedload.workload.verbs.channels import read_channels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wedload.channels.expectation import Answer
    from wedload.channels.message import Message
    from wedload.channels.port import Ear, Place
    from wedload.clock import Clock
    from wedload.metrics.recorder import Recorder
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings, Workload

#: kind of a channel -> module and class of its ear; imported for plans that have one
EARS: Final = {
    "webhook": "wedload.channels.webhook.receiver:WebhookEar",
    "realtime": "wedload.channels.realtime.ear:RealtimeEar",
}


@dataclass(frozen=True, slots=True)
class _Channel:
    """One channel at work."""

    name: str
    ear: Ear
    correlator: Correlator
    told: _Told
    subscribers: int  # that join


class Ears:
    """All channels of one run. Used inside a running event loop."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        workload: Workload,
        *,
        clock: Clock,
        recorder: Recorder,
    ) -> None:
        self._clock = clock
        self._scope = ChannelScope(
            settings.env.plain, addresses=settings.addresses, secrets=settings.secrets.plain
        )
        self._of_plan = workload.variables
        self._scope.know(self._of_plan, {})
        self._links: dict[int, Link] = {}
        self._numbers: dict[Link, int] = {}
        self._server: asyncio.Server | None = None
        self._channels = [
            self._channel(plan, name, settings, workload, recorder) for name in plan.channels
        ]

    def _channel(
        self, plan: Plan, name: str, settings: Settings, workload: Workload, recorder: Recorder
    ) -> _Channel:
        channel, series = plan.channels[name], workload.channels[name]
        correlator = Correlator(
            recorder,
            kind=channel.kind,
            series=series,
            answer=self._tell,
            subscribers=channel.subscribers,
            any_of_them=channel.reaches == "any",
            remember=channel.remember,
            keeps_messages=name in read_channels(plan),
        )
        told = _Told(correlator, recorder, series, name)
        crowds = sum(one.kind == "realtime" for one in plan.channels.values())
        joins = joins_within(channel.joins, settings.max_rate_per_s, crowds)
        context = EarContext(
            name=name,
            channel=replace(channel, joins=joins),
            keys=Keys(channel, settings.env.plain, settings.secrets.plain),
            hearing=told,
            scope=self._scope,
            clock=self._clock,
            base_url=settings.base_url,
            target=plan.targets[settings.target],
            seed=settings.seed,
            run_headers=run_headers(plan, settings),
            guard=guard_of(plan.targets[settings.target], settings.permits),
        )
        module, _, kind = EARS[channel.kind].partition(":")
        ear = getattr(import_module(module), kind)(context)
        joining = channel.subscribers if channel.kind == "realtime" else 0
        return _Channel(name, ear, correlator, told, joining)

    # --- from opening to closing ----------------------------------------------------------------

    async def listen(self, link: str) -> dict[str, dict[str, str]]:
        """Listen for senders, and for load processes at the path `link`; what channels are read as.

        Raises:
            EarError: nobody can listen there.
        """
        found = {}
        for one in self._channels:
            url = await one.ear.listen()
            found[one.name] = {} if url is None else {"url": url}
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._linked, link)
        self._scope.addresses = {**self._scope.addresses, "channels": found}
        return found

    async def join(
        self, variables: Mapping[str, Any], progress: Callable[[int, int], None]
    ) -> list[str]:
        """Let the subscribers of all channels join, with what set-up captured; what went wrong.

        `progress` is told how many have, of how many; each time one has.
        """
        self._scope.know(self._of_plan, variables)
        told = {one.name: (0, one.subscribers) for one in self._channels}

        def joining(name: str) -> Callable[[int, int], None]:
            def tell(joined: int, of: int) -> None:
                told[name] = joined, of
                progress(*map(sum, zip(*told.values(), strict=True)))

            return tell

        problems = await asyncio.gather(
            *(one.ear.join(joining(one.name)) for one in self._channels)
        )
        return [
            f"channel {one.name}: {problem}"
            for one, found in zip(self._channels, problems, strict=True)
            for problem in found
        ]

    def sweep(self) -> None:
        """See what is overdue; to be called many times a second."""
        now_ns = self._clock.now_ns()
        for one in self._channels:
            one.correlator.sweep(now_ns)

    @property
    def open(self) -> int:
        """How many expectations are not decided."""
        return sum(one.correlator.open for one in self._channels)

    @property
    def absent(self) -> int:
        """How many missed messages may still come, and be late instead of lost."""
        now_ns = self._clock.now_ns()
        return sum(one.correlator.absent(now_ns) for one in self._channels)

    def finish(self) -> None:
        """Nothing more is waited for: what is not decided stays so."""
        now_ns = self._clock.now_ns()
        for one in self._channels:
            one.correlator.finish(now_ns)

    def reports(self) -> dict[str, dict[str, Any]]:
        """What stands in the result of each channel beside its metrics."""
        return {
            one.name: {
                **one.ear.report(),
                "forgotten_keys": one.correlator.forgotten,
                "forgotten_entities": one.correlator.ordering.forgotten,
                "overflowed": one.correlator.overflowed,
                "without_key": one.told.keyless,
                "without_key_example": one.told.example,
            }
            for one in self._channels
        }

    async def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        for link in list(self._links.values()):
            link.close()
        for one in self._channels:
            await one.ear.close()

    # --- load processes -------------------------------------------------------------------------

    def _linked(self) -> Link:
        link = Link(self._told, self._unlinked)
        number = len(self._numbers)
        self._links[number] = link
        self._numbers[link] = number
        return link

    def _unlinked(self, link: Link) -> None:
        self._links.pop(self._numbers[link], None)

    def _told(self, link: Link, expected: Sequence[Any]) -> None:
        """Load processes say `(channel, key, since, deadline, series, phase, number, message)`."""
        of = self._numbers[link]
        for channel, key, since_ns, deadline_ns, series, phase, number, message in expected:
            waiting = None if number < 0 else (of, number)
            self._channels[channel].correlator.expect(
                Expected(key, since_ns, deadline_ns, series, phase, waiting, message)
            )

    def _tell(self, answer: Answer) -> None:
        """They are told `(number, fate, instant, message)`."""
        of, number = answer.waiting
        if (link := self._links.get(of)) is not None:
            link.say((number, answer.fate, answer.at_ns, answer.message))


class _Told:
    """What one ear tells. Implements `wedload.channels.port.Hearing`."""

    def __init__(
        self, correlator: Correlator, recorder: Recorder, series: int, channel: str
    ) -> None:
        self._correlator = correlator
        self._recorder = recorder
        self._series = series
        self._channel = channel
        self._heard = correlator.heard
        self.keyless = 0  # messages without a key …
        self.example: str | None = None  # … and the beginning of one

    def heard(
        self, key: str, at_ns: int, subscriber: int, place: Place | None, message: Message
    ) -> None:
        self._heard(key, at_ns, subscriber, place, message)

    def arrived(self, key: str, at_ns: int) -> None:
        self._correlator.arrived(key, at_ns)

    def unexpected(self, message: Message) -> None:
        self._correlator.count("unexpected")
        self.keyless += 1
        if self.example is None:
            self.example = shortened(message.text)

    def joined(self, subscriber: int, at_ns: int) -> None:
        self._correlator.membership.join(subscriber, at_ns)

    def left(self, subscriber: int, at_ns: int) -> None:
        self._correlator.membership.leave(subscriber, at_ns)

    def count(self, metric: str, outcome: str = "", by: int = 1) -> None:
        self._recorder.count(self._series, metric, 0, outcome, by)

    def timed(self, metric: str, duration_ns: int) -> None:
        self._recorder.trend(metric, self._series, 0).append(duration_ns)

    def note(self, text: str) -> None:
        self._recorder.note(f"channel {self._channel}: {text}")
