"""The logbook of a run: what its processes tell, without secrets, as samples and findings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wedload.units import NS_PER_S
from wedload.verdict import findings as finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.errors import WorkerError
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.metrics.snapshot import Sink, Snapshot
    from wedload.report.view import RunView
    from wedload.results.databases_model import Explained
    from wedload.run.stopping import Phase, Stopping
    from wedload.safety.redactor import Redactor
    from wedload.verdict.model import Abort, Finding, Verdict
    from wedload.verdict.validity import GeneratorHealth


@dataclass(slots=True)
class Logbook:
    """Everything that is known of a run. Implements `wedload.fleet.port.Watcher`."""

    view: RunView
    redact: Redactor
    notify: Callable[[str], None]  # people, of what goes on
    stopping: Stopping
    findings: list[Finding] = field(default_factory=list)
    again: str | None = None  # the command that goes on with clean-up; None: nothing can
    #: who takes in what is recorded, beside the account that is judged
    sinks: list[Sink] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)  # slowest queries

    @property
    def phase(self) -> Phase:
        """Where the run stands."""
        return self.stopping.phase

    @property
    def abort(self) -> Abort | None:
        """What the load was ended by, if a row did."""
        return self.stopping.abort

    def recorded(self, snapshot: Snapshot) -> None:
        """A load process hands over what it recorded."""
        if snapshot.notes:
            snapshot = replace(snapshot, notes=self.redact.counted(snapshot.notes))
        for sink in (self.view.collected, *self.sinks):
            sink.add(snapshot)

    def lost(self, error: WorkerError) -> None:
        """A load process is lost: what was recorded is judged, and the run is invalid."""
        if self.stopping.gave_up:
            return  # by us, and with what it was to do
        detail = self.redact(error.hint) if error.hint else None
        what = self.redact(error.message)
        self.findings.append(finding.worker_lost(what, detail, self.phase, self.view.elapsed_s))
        if self.phase == "load":
            self.notify(f"stopping: {what}")
        self.stopping.lost()

    def silent(self, what: str) -> None:
        """A load process says nothing: said now; if it goes on, it is lost."""
        self.notify(what)

    def few_ports(self, problem: str) -> None:
        """The machine may have too few local ports: said now, and in the end."""
        self.findings.append(finding.few_ports(problem))
        self.notify(f"warning of local ports: {problem.rstrip('.')}")

    def channel_limits(self, problem: str) -> None:
        """The plan asks more of a service than it allows: said now, and in the end."""
        self.findings.append(finding.channel_limits(problem))
        text = problem.rstrip(".")  # its first words tell it from others, which are said, too
        self.notify(f"warning, {text[:1].lower()}{text[1:]}")

    def few_files(self, problem: str) -> None:
        """Load processes may come to their limit of open files: said now, and in the end."""
        self.findings.append(finding.few_files(problem))
        self.notify(f"warning of open files: {problem.rstrip('.')}")

    def sandbox_lost(self, how: str) -> None:
        """The embedded sandbox ended by itself."""
        self.findings.append(finding.sandbox_lost(self.redact(how)))

    def teardown_failed(self, problem: str) -> None:
        """A step of tear-down failed."""
        self.findings.append(finding.teardown_failed(self.redact(problem), self.again))

    def cleaned_up(self, count: CleanupCount, *, unfinished: bool = False) -> None:
        """Clean-up is over; of one that was cut off, `gave_up` tells."""
        count.reasons = self.redact.counted(count.reasons)
        if count.leaked and not unfinished:
            self.findings.append(finding.left_behind(count, self.again))
        if 2 * count.absent > count.deleted:
            self.findings.append(finding.not_found(count))
        if count.uncertain and not count.covered:
            self.findings.append(finding.perhaps_left_behind(count.uncertain))

    def not_swept(self, problem: str) -> None:
        """The sweep was not done."""
        self.findings.append(finding.not_swept(self.redact(problem).rstrip("."), self.again))

    def gave_up(self, left: int | None) -> None:
        """Clean-up was cut off with so many requests left; None: it had not begun."""
        self.findings.append(finding.left_unfinished(left, self.again))

    def judged(self) -> tuple[GeneratorHealth, Verdict]:
        """How the generator fared, and what the whole run decides."""
        view = self.view
        if self.stopping.cut:
            end_s = view.workload.end_ns / NS_PER_S
            because = self.stopping.because
            self.findings.append(finding.interrupted(view.elapsed_s, end_s, because))
        if self.abort is not None:
            self.findings.append(finding.aborted(self.abort, view.workload.end_ns / NS_PER_S))
        return view.collected.judged(self.findings, load_s=view.elapsed_s, abort=self.abort)
