"""Going on with the clean-up of a run that is gone: what its journal says is still there.

One load process does it: it tears down if that was not done, deletes what is named, last created
first, and sweeps. All of it may be cut off at any point, and done again.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wedload.fleet.local import LocalFleet
from wedload.metrics.cleanup_count import CleanupCount
from wedload.plan.loader import parse_plan
from wedload.results.paths import remove_journal
from wedload.run.audience import Audience
from wedload.run.cleaning import sweep_up
from wedload.run.journal import CleanupProgress, is_to_be_undone
from wedload.run.opening import RunTarget, party_places
from wedload.run.third_parties import ThirdParties
from wedload.run.unheard import Unheard
from wedload.safety.journal.disk import WrittenOften
from wedload.safety.journal.reader import read_account, read_head
from wedload.safety.journal.run_journal import resume_run_journal
from wedload.safety.journal.sources import secrets_of
from wedload.safety.redactor import KNOWN, Redactor
from wedload.workload.compile_plan import Settings, compile_workload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.errors import WorkerError
    from wedload.metrics.snapshot import Snapshot
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.report.view import Observer
    from wedload.safety.journal.account import Account, RunHead

#: steps that wait for what nobody listens to any more
_OF_CHANNELS: Final = frozenset({"await", "publish"})


@dataclass(slots=True)
class Recovered:
    """What became of one journal."""

    head: RunHead
    count: CleanupCount
    heard: int = 0  # silences of alerts that were ended
    #: what could not be done, beside what is left behind
    problems: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> int:
        """Requests that may have created something that nobody could name, and nothing swept."""
        return 0 if self.count.covered else self.count.uncertain

    @property
    def whole(self) -> bool:
        """Whether nothing is left."""
        return not (self.count.leaked or self.unknown or self.problems)


@dataclass(frozen=True, slots=True)
class RecoveryOptions:
    """What a clean-up may do beyond what any may; as the run was, it is allowed anew."""

    production: bool = False  # send requests to a target that says that it is that
    python: bool = False  # run code of the plan's own, in tear-down
    files: tuple[Path, ...] = ()  # folders besides the plan's own whose files it may name


async def recover_run(
    folder: Path, environ: Mapping[str, str], observer: Observer, allowed: RecoveryOptions
) -> Recovered:
    """Clean up after a run by its journal; a journal with nothing left in it goes.

    Raises:
        JournalError: it is none, or its run goes on, or somebody cleans up already.
        PlanError: the environment does not have what the plan reads, or a file is gone.
        TargetError, UsageError, PartyError: the target cannot be reached, or must not be.
        WorkerError: no load process could be started.
    """
    audience = Audience(observer)
    async with AsyncExitStack() as stack:
        recovery = _Recovery(folder, environ, audience, allowed)
        recovered = await recovery.run(stack)
    if recovered.whole:
        remove_journal(folder)
    return recovered


class _Recovery:
    def __init__(
        self, folder: Path, environ: Mapping[str, str], audience: Audience, allowed: RecoveryOptions
    ) -> None:
        self._allowed = allowed
        self._folder = str(folder.resolve())
        self._environ = environ
        self._audience = audience
        self._redact = Redactor()  # until it is known what the plan reads
        self._lost: list[str] = []

    async def run(self, stack: AsyncExitStack) -> Recovered:
        every = {("env", name): value for name, value in self._environ.items()}
        head = read_head(self._folder, every)
        loaded = parse_plan(
            head.plan_text, file=head.plan_file, base=Path(head.plan_folder),
            overrides=head.overrides,
            allow_files=self._allowed.files,
            tell=self._audience.notice,
        )  # fmt: skip
        target = RunTarget(loaded, head.target, production=self._allowed.production)
        settings = self._settings(target, head)
        secrets = secrets_of(loaded.plan, settings)
        journal = resume_run_journal(self._folder, secrets)  # nobody else can from now on
        stack.callback(journal.close)
        stack.callback(WrittenOften(self._folder).stop)
        account = read_account(self._folder, secrets)
        progress = CleanupProgress(journal, self._audience.notice)
        # first: whoever is to be woken must not wait for a target that is gone
        unheard = Unheard(loaded, settings, account, progress)
        await unheard.end()
        if not is_to_be_undone(loaded.plan, target.name):
            return unheard.noted(Recovered(head, CleanupCount()), self._redact)
        settings = await self._reach(stack, loaded, target, settings)
        await unheard.end(settings.permits)
        fleet = LocalFleet(1, self)
        stack.push_async_callback(fleet.stop)
        await fleet.prepare(loaded.plan, settings)
        recovered = await self._clean(fleet, loaded.plan, settings, account, progress)
        return unheard.noted(recovered, self._redact)

    def _settings(self, target: RunTarget, head: RunHead) -> Settings:
        environment = target.environment(self._environ)
        KNOWN.learn(environment.certain)
        self._redact = Redactor(environment.hidden)
        return Settings(
            target=target.name,
            base_url=head.base_url,
            run_id=head.run_id,
            seed=head.seed,
            env=environment.variables,
            secrets=environment.files,
            journal=self._folder,
            recovers=True,
            python_folder=head.plan_folder if self._allowed.python else None,
            max_rate_per_s=target.max_rate_per_s,
        )

    async def _reach(
        self, stack: AsyncExitStack, loaded: LoadedPlan, target: RunTarget, settings: Settings
    ) -> Settings:
        parties = ThirdParties(loaded.plan, self._audience, self._redact, party_places(loaded))
        settings = await target.reach(stack, settings, self._audience, parties)
        self._redact.learn(one.password for one in settings.databases.values() if one.password)
        return settings

    async def _clean(
        self,
        fleet: LocalFleet,
        plan: Plan,
        settings: Settings,
        account: Account,
        progress: CleanupProgress,
    ) -> Recovered:
        variables = dict(account.variables or {})
        recovered = Recovered(account.head, CleanupCount())
        if plan.teardown and account.variables is not None and not account.torn_down:
            recovered.problems = await self._tear_down(fleet, plan, settings, account)
            if not recovered.problems:
                progress.torn_down()
        count = await fleet.recover(self._tell)
        if count is None:  # what the load process has told until then is in its journal
            account = read_account(self._folder, secrets_of(plan, settings))
            left = account.created - account.deleted
            count = CleanupCount(account.created, account.deleted, uncertain=account.unknown)
            count.leak("; ".join(self._lost) or "its load process was lost", left)
        recovered.count = count
        if plan.cleanup.sweeps:
            await self._sweep(fleet, variables, recovered, progress)
        count.reasons = {self._redact(why): number for why, number in count.reasons.items()}
        return recovered

    async def _tear_down(
        self, fleet: LocalFleet, plan: Plan, settings: Settings, account: Account
    ) -> list[str]:
        verbs = compile_workload(plan, settings).teardown_verbs
        if "python" in verbs and not self._allowed.python:
            return ["tear-down: it runs code of the plan's own, and only with --allow-python"]
        if verbs & _OF_CHANNELS:
            return ["tear-down: it awaits what channels hear, and they ended with the run"]
        self._audience.notice("tearing down")
        found = await fleet.teardown(dict(account.variables or {}))
        problems = [f"tear-down: {self._redact(one)}" for one in found]
        if problems and account.untold_variables:
            names = ", ".join(account.untold_variables)
            problems.append(f"set-up captured {names}, which no journal keeps: a token")
        return problems

    async def _sweep(
        self,
        fleet: LocalFleet,
        variables: dict[str, Any],
        recovered: Recovered,
        progress: CleanupProgress,
    ) -> None:
        self._audience.notice("sweeping up")
        recovered.count.covered = False
        problem = await sweep_up(fleet, variables, recovered.count, progress)
        if problem is not None:
            recovered.problems.append(f"the sweep failed: {self._redact(problem)}")

    def _tell(self, left: int) -> None:
        if left:
            self._audience.notice(f"cleaning up: {left:,} left")

    # --- what the fleet tells -----------------------------------------------------------------

    def recorded(self, snapshot: Snapshot) -> None:
        """Nobody judges how it fared."""

    def lost(self, error: WorkerError) -> None:
        """The load process is gone, or could not do it."""
        self._lost.append(self._redact(error.message))
        self._audience.notice(self._redact(error.message))

    def silent(self, what: str) -> None:
        """It says nothing."""
        self._audience.notice(what)
