"""A run that was cut off: what its recording gives back, and what it takes from a bad disk."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from wedload.errors import ResultError
from wedload.metrics.histogram import Histogram
from wedload.metrics.levels import LevelKey
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.plan.loader import parse_plan
from wedload.plan.row_table import row_source
from wedload.report.view import view_of
from wedload.results.document import document_of
from wedload.results.read import read_result
from wedload.results.recording import Recording, header
from wedload.results.recover import is_recording, recover
from wedload.results.run import stage_spans
from wedload.workload.compile_plan import NO_PHASE, Settings, compile_workload

ROWS = {"All": "http_reqs: count > 1", "Quick": "http_req_duration{step=look}: p95 < 1s"}


def durations(ms):
    return Histogram.of([ms * 1_000_000] * 30)


def snapshots(workload, seconds, workers=1):
    """Four a second of each load process, as they come."""
    look, flow = (
        next(n for n, one in enumerate(workload.catalogue.series) if one.step == step)
        for step in ("look", None)
    )
    for second in range(-1, seconds):
        for quarter in range(4):
            for worker in range(workers):
                ms = 1 + (second + quarter + worker) % 7
                health = Health(0.3, 50_000_000, Histogram.of([400_000] * 9))
                yield Snapshot(
                    worker, second,
                    {
                        CellKey(look, "http_req_duration", 1, "ok"): durations(ms),
                        CellKey(look, "response_time", 1, "ok"): durations(2 * ms),
                        CellKey(flow, "workflow_duration", 1, ""): durations(10 * ms),
                    },
                    {
                        CellKey(look, "http_reqs", 1, "ok"): 30,
                        CellKey(look, "http_reqs", 1, "status"): quarter,
                        CellKey(flow, "iterations", 1, "ok"): 30,
                    },
                    {"main": second + quarter},
                    health if quarter == 3 else None,
                    {"look: status 500": quarter} if quarter else {},
                )  # fmt: skip


@pytest.fixture
def recorded(make, tmp_path):
    """A run, and the recording of it; without an ending as if wedload had been killed."""

    def record(seconds=5, workers=1, rows=ROWS, rate=None, ending=None):
        made = make(["look"], rows, seconds=0)
        info = replace(made.run.info, workers=workers)
        stages = tuple(replace(one, target_rate=rate) for one in made.run.stages)
        run = replace(made.run, info=info, load_s=float(seconds), stages=stages)
        path = tmp_path / "runs" / "r.json.partial"
        recording = Recording(path, pytest.fail)
        sources = {name: row_source(one) for name, one in made.loaded.plan.benchmarks.items()}
        recording.begin(header(run.info, run.stages, made.workload.catalogue, sources))
        for one in snapshots(made.workload, seconds, workers):
            made.view.collected.add(one)
            recording.add(one)
        run.timeline.close()
        recording.end(ending or "failed")
        if ending is None:
            path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
        return run, path

    return record


@pytest.mark.parametrize("workers", [1, 3])
def test_everything_that_was_recorded_is_in_the_result_that_is_made_of_it(recorded, workers):
    run, path = recorded(workers=workers)

    expected = orjson.loads(orjson.dumps(document_of(run)))
    found = orjson.loads(orjson.dumps(document_of(recover(path))))

    for part in ("metrics", "steps", "checks", "stages", "failures", "series", "histograms"):
        assert found[part] == expected[part], part
    assert found["run"] == {**expected["run"], "complete": False}
    assert [row["samples"] for row in found["benchmarks"]] == [
        expected["metrics"]["http_reqs"]["count"],
        expected["metrics"]["http_req_duration"]["count"],
    ]
    assert found["validity"]["generator"]["seconds"] == 6  # set-up has one, too
    assert len(found["validity"]["generator"]["processes"]) == workers


@pytest.mark.parametrize("rate", [None, 40.0])
def test_what_users_waited_is_there_by_second_where_they_came_at_a_rate(recorded, rate):
    _, path = recorded(rate=rate)

    kept = {one["metric"] for one in document_of(recover(path))["series"]["trends"]}

    assert ("response_time" in kept) == (rate is not None)


def sampled(path, *levels):
    """The recording, with these levels of a second at its end."""
    line = {"worker": -1, "second": 2, "vus": {}, "trends": [], "counts": [], "health": [],
            "notes": {}, "levels": list(levels)}  # fmt: skip
    path.write_bytes(path.read_bytes() + orjson.dumps(line) + b"\n")
    return recover(path)


def test_levels_of_resources_are_there_again(recorded):
    _, path = recorded()

    run = sampled(path, ["api", "resource_cpu", 1.5, 2.0], ["api", "resource_threads", 7, None])

    cpu, threads = (LevelKey("api", f"resource_{name}") for name in ("cpu", "threads"))
    assert list(run.levels.of("api")) == [cpu, threads]
    assert run.levels.by_second(cpu, 4)[2] == 1.5
    assert (run.levels.capacity(cpu), run.levels.capacity(threads)) == (2.0, None)
    assert run.timeline.newest == 4  # a level is no second of load


@pytest.mark.parametrize(
    "level",
    [["a", "nothing", 1.0, None], ["a", "resource_cpu", "x", None], ["a"],
     ["a", "resource_cpu", 1.0, "x"]],
)  # fmt: skip
def test_levels_that_are_none_are_damage(recorded, level):
    _, path = recorded()

    run = sampled(path, level)

    assert [one.kind for one in run.verdict.findings if one.kind == "damaged"]


def test_making_a_result_changes_nothing_of_the_run(recorded):
    _, path = recorded()
    run = recover(path)

    assert document_of(run) == document_of(run)
    assert run.timeline.is_closed


def test_a_run_that_was_cut_off_is_invalid_and_says_why(recorded):
    _, path = recorded()

    result = read_result(path)

    assert result.verdict == "invalid"
    assert not result.run.complete
    (finding,) = [one for one in result.validity.findings if one.kind == "cut-off"]
    assert "5 s into the run's 5430 s" in finding.message
    assert result.reasons[0] == finding.message
    assert result.cleanup.created is None


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (None, "wedload ended 5 s into the run's 5430 s, killed or with its machine"),
        ("failed", "wedload failed 5 s into the run's 5430 s"),
        ("stopped", "A second interrupt stopped everything at once 5 s into the run's 5430 s"),
        ("whole", "The load was over 5 s into the run's 5430 s, but the result was not saved"),
    ],
)
def test_a_recording_tells_how_its_run_ended(recorded, ending, said):
    _, path = recorded(ending=ending)

    result = read_result(path)

    (finding,) = [one for one in result.validity.findings if one.kind == "cut-off"]
    assert said in finding.message
    assert result.run.interrupted == (ending == "stopped")
    assert (result.run.complete, result.verdict) == (False, "invalid")


def test_a_run_that_is_still_under_way_is_not_said_to_have_ended(make, tmp_path):
    made = make(["look"], ROWS, seconds=0)
    recording = Recording(tmp_path / "r.json.partial", pytest.fail)
    recording.begin(header(made.run.info, made.run.stages, made.workload.catalogue, {}))
    for one in snapshots(made.workload, 4):
        recording.add(one)

    (finding, *_) = recover(recording.path).verdict.findings

    assert finding.kind == "under-way"
    assert finding.message.startswith("The run is still under way, 3 s into its 5430 s;")
    recording.end("whole")
    assert recover(recording.path).verdict.findings[0].kind == "cut-off"


def test_rows_about_a_part_of_the_load_are_about_that_part_of_what_was_recorded(recorded):
    """The last second may be there in part only: no window has it."""
    rows = {
        "Window": "{ require = 'http_reqs: count < 1000', window = '2s', after = '1s' }",
        "After": "{ require = 'http_reqs: count > 1', after = '3s' }",
        "Abort": "{ require = 'http_req_failed: count < 30', abort = true }",
    }
    _, path = recorded(seconds=6, workers=2, rows=rows)

    verdict = recover(path).verdict

    window, after, abort = verdict.rows
    a_second = 2 * (4 * 30 + 6)  # two load processes, four times 30 requests, and failures
    assert (window.samples, window.at_s) == (2 * a_second, 3)
    assert after.samples == 3 * a_second
    assert (abort.observed, abort.status) == (7 * 12, "missed")  # set-up has a second, too
    assert verdict.outcome == "invalid"


def test_wherever_it_is_cut_off_all_whole_seconds_are_there(recorded):
    _, path = recorded(seconds=3)
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
    cuts = {at + by for at in starts[1:] for by in (-1, 0, 1, 50)}
    for cut in sorted(cut for cut in cuts if starts[1] <= cut <= len(data)):
        path.write_bytes(data[:cut])
        whole = max(n for n, at in enumerate(starts) if at <= cut) - 2  # head, and set-up
        assert recover(path).load_s == max(whole, 0)


def test_from_a_damaged_line_on_nothing_is_believed_and_that_is_said(recorded):
    _, path = recorded(seconds=5, ending="whole")
    lines = path.read_bytes().splitlines(keepends=True)
    wrong = lines[4].replace(b'"trends":[[', b'"trends":[[7,')
    for damage in (b"{}\n", b"\x00\x00\x00\n", b'{"ended":"well"}\n', b"7\n", wrong):
        path.write_bytes(b"".join([*lines[:4], damage, *lines[5:]]))
        run = recover(path)
        assert run.load_s == 2
        (finding, *_) = run.verdict.findings
        assert finding.kind == "damaged"
        assert finding.message.startswith("Line 5 of 8 of the recording is damaged")
        assert finding.invalidates


@pytest.mark.parametrize("head", [b"", b'{"schema":"wedload.recording/1"}\n', b"[]\n", b"\xff\n"])
def test_a_file_without_a_head_is_no_recording(tmp_path, head):
    path = tmp_path / "r.partial"
    path.write_bytes(head)
    with pytest.raises(ResultError, match="is no recording"):
        recover(path)


def test_a_result_is_not_taken_for_a_recording(recorded, tmp_path):
    _, path = recorded()
    other = tmp_path / "result.json"
    other.write_bytes(b'{"schema": "wedload.result/1", "why": "wedload.recording/1"}')
    assert (is_recording(path), is_recording(other), is_recording(tmp_path / "none")) == (
        True, False, False,
    )  # fmt: skip


def test_a_recording_without_anything_of_the_load_is_not_left_behind(make, tmp_path):
    made = make(["look"], ROWS, seconds=0)
    recording = Recording(tmp_path / "r.partial", pytest.fail)
    recording.begin(header(made.run.info, made.run.stages, made.workload.catalogue, {}))
    for one in snapshots(made.workload, 0):
        recording.add(one)
    recording.end("whole")
    assert recording.kept is None
    assert list(tmp_path.glob("*.partial")) == []


def test_a_recording_that_cannot_be_written_is_said_once_and_the_run_goes_on(make, tmp_path):
    made = make(["look"], ROWS, seconds=0)
    told = []
    recording = Recording(tmp_path / "r.partial", told.append)
    head = header(made.run.info, made.run.stages, made.workload.catalogue, {})
    recording.begin(head)
    recording._file.close()
    recording._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - it closes it
    for one in snapshots(made.workload, 5):
        recording.add(one)
    recording.end("whole")
    assert len(told) == 1
    assert "No space left on device" in told[0]
    assert str(recording.path) in told[0]


def test_a_folder_that_cannot_be_made_is_said(make, tmp_path):
    (tmp_path / "file").write_text("")
    told = []
    recording = Recording(tmp_path / "file" / "r.partial", told.append)
    recording.begin({})
    recording.end("whole")
    assert len(told) == 1
    assert os.strerror(errno.EEXIST) in told[0]  # what mkdir says of a file in its place
    assert recording.kept is None


BROKEN = """
schema = 1
name = "small"
[targets.there]
base_url = "http://127.0.0.1:9"
[scenarios.main]
executor = "ramping-vus"
stages = [{ duration = "10s", target = 20 }, { duration = "50s", target = 20 }]
workflow = "visit"
[[workflows.visit]]
http = "GET /"
[dependencies.calendar]
simulate = "google-calendar"
[[faults]]
name = "outage"
on = "calendar"
at = "20s"
for = "10s"
down = true
[[faults]]
name = "never reached"
on = "calendar"
at = "55s"
for = "3s"
latency = "2s"
[benchmarks]
During = "goodput{fault=outage}: value >= 20%"
Back = "time_to_recover{fault=outage}: value < 5s"
Retries = "retry_amplification{fault=outage}: value < 2"
Kept = "operation_attempts{dependency=calendar}: max <= 3"
"""


def test_a_recording_says_the_same_of_faults_as_the_run_would_have(make, tmp_path):
    plan = parse_plan(BROKEN, file="plan.toml", base=tmp_path).plan
    workload = compile_workload(plan, Settings("there", "http://127.0.0.1:9"))
    collected = view_of(plan, "there", workload).collected
    recording = Recording(tmp_path / "r.json.partial", pytest.fail)
    sources = {name: row_source(one) for name, one in plan.benchmarks.items()}
    info = replace(make(["look"]).run.info, planned_s=60.0, channels={})
    head = header(info, stage_spans(workload), workload.catalogue, sources, workload.faults)
    recording.begin(head)
    flow = workload.scenarios[0].workflows[0].series
    phases = dict.fromkeys(number for _, number in workload.run_phases if number != NO_PHASE)
    before, during, *_ = phases
    for second in range(41):
        bad = 20 <= second < 33
        counts = {
            CellKey(flow, "iterations", 1, "failed" if bad else "ok"): min(8 * second + 2, 80)
        }
        attempts = Histogram.of([3, 2] if bad else [1, 1])
        calendar = workload.dependencies["calendar"]
        cell = CellKey(calendar, "operation_attempts", during if bad else before, "ok")
        one = Snapshot(0, second, {cell: attempts}, counts, {"main": 20})
        collected.add(one)
        recording.add(one)
    recording.end("failed")

    _, whole = collected.judged([], load_s=41.0, whole_s=40.0)
    found = recover(recording.path).verdict

    assert found.faults == whole.faults
    outage, never = found.faults
    assert (outage.recovered, outage.time_to_recover_s, outage.during.ratio) == (True, 3.0, 0.0)
    assert outage.amplification.during == 2.5
    assert never.unknown == "the load ended before it began"
    rows = {row.name: (row.status, row.observed) for row in found.rows}
    assert rows == {
        "During": ("missed", 0.0), "Back": ("met", 3000.0), "Retries": ("missed", 2.5),
        "Kept": ("met", 3.0),
    }  # fmt: skip


def test_a_recording_that_has_but_begun_knows_nothing_of_its_faults(make, tmp_path):
    plan = parse_plan(BROKEN, file="plan.toml", base=tmp_path).plan
    workload = compile_workload(plan, Settings("there", "http://127.0.0.1:9"))
    recording = Recording(tmp_path / "r.json.partial", pytest.fail)
    info = replace(make(["look"]).run.info, planned_s=60.0, channels={})
    recording.begin(header(info, stage_spans(workload), workload.catalogue, {}, workload.faults))

    found = recover(recording.path).verdict

    assert [one.recovered for one in found.faults] == [None, None]
    recording.end("failed")


def test_recordings_of_versions_without_faults_are_still_read(recorded):
    _, path = recorded()
    first, *rest = path.read_bytes().splitlines(keepends=True)
    head = orjson.loads(first)
    del head["faults"]
    for one in head["series"]:
        del one["dependency"]
    path.write_bytes(b"".join([orjson.dumps(head) + b"\n", *rest]))

    assert recover(path).verdict.faults == ()


def test_a_recording_is_its_owners_alone_and_follows_no_link_at_its_name(tmp_path):
    problems = []
    ours = Recording(tmp_path / "own" / "r.json.partial", problems.append)
    ours.begin({"schema": "x"})
    assert ours.path.stat().st_mode & 0o777 == 0o600
    assert ours.path.parent.stat().st_mode & 0o777 == 0o700
    ours.end("failed")
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "r.json.partial").symlink_to("precious")

    Recording(tmp_path / "r.json.partial", problems.append).begin({"schema": "x"})

    assert (tmp_path / "precious").read_bytes() == b"old"
    assert len(problems) == 1
    assert "the run cannot be recorded in" in problems[0]


def test_one_that_is_larger_than_any_is_not_read_to_its_end(tmp_path, monkeypatch):
    path = tmp_path / "r.json.partial"
    path.write_bytes(b'{"schema":"wedload.recording/1"}\n' + b"x" * 1_000)
    monkeypatch.setattr("wedload.results.recover._MOST_BYTES", 500)

    with pytest.raises(ResultError, match="larger than any recording"):
        recover(path)
