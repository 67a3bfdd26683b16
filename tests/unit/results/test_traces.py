from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.results.traces import traces_of
from wedload.traces.found import FoundTraces
from wedload.traces.held import Account
from wedload.traces.timings import TimingKey, TimingTotal
from wedload.traces.totals import OperationKey, OperationTotal, StepKey, StepTotal


def catalogue() -> Catalogue:
    made = Catalogue()
    made.add_phase(Phase(""))
    made.add_series(Series("main", "visit", "search"))
    for faults in ((), (("fault", "down"),)):  # one stage in two phases
        made.add_phase(Phase("main", "peak", 5.0, 0.0, faults))
    return made


def found(**changes) -> FoundTraces:
    made = FoundTraces(0.05, "http://127.0.0.1:1", **changes)
    for phase in (1, 2):
        at = StepKey(3, 0, phase)
        made.totals.steps[at] = StepTotal(2, 5_000_000)
        made.totals.operations[OperationKey(at, "api", "GET")] = OperationTotal(
            2, 4_000_000, 3_000_000, 2_500_000 + phase, 1
        )
    return made


def test_phases_of_a_stage_are_one_and_durations_are_ms():
    traces = traces_of(found(requests=5, account=Account(traces=4, spans=4)), catalogue())
    (step,) = traces.steps
    place = (step.slot, step.scenario, step.workflow, step.step, step.stage)
    assert place == (3, "main", "visit", "search", "peak")
    assert (step.count, step.root_ms) == (4, 10.0)
    (one,) = traces.operations
    assert (one.service, one.operation, one.count, one.errors) == ("api", "GET", 4, 2)
    assert (one.self_ms, one.critical_ms, one.max_self_ms) == (8.0, 6.0, 2.500002)
    assert (traces.slot_s, traces.slots_s) == (1.0, [0.0, 1.0, 2.0, 3.0])
    assert (traces.requests, traces.traces, traces.spans) == (5, 4, 4)


def test_spans_and_timings_have_the_same_slots():
    made = found()
    made.timings.slot_s = 4
    made.timings.totals[TimingKey(StepKey(7, 0, 1), "db")] = TimingTotal(2, 3_000_000)
    traces = traces_of(made, catalogue())
    assert (traces.slot_s, len(traces.slots_s)) == (4.0, 8)
    assert [one.slot for one in traces.steps] == [0]
    (timing,) = traces.server_timing
    assert (timing.slot, timing.name, timing.count, timing.sum_ms) == (7, "db", 2, 3.0)


def test_an_id_that_somebody_made_up_is_of_no_step():
    made = found()
    for at in (StepKey(0, 99, 1), StepKey(0, 0, 99)):
        made.totals.steps[at] = StepTotal(1, 1)
        made.totals.operations[OperationKey(at, "api", "GET")] = OperationTotal(1, 1, 1, 1, 0)
    traces = traces_of(made, catalogue())
    assert len(traces.steps) == len(traces.operations) == 1


def test_without_tracing_there_is_no_section():
    assert traces_of(None, catalogue()) is None
