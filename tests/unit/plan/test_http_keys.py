"""The keys of http steps beyond the request itself: what fits together and what does not."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("reads", "name"),
    [
        ('capture = { id = "json.id" }', "json"),
        ('check = ["len(text) > 3"]', "text"),
        ('check = { "is there" = "exists(body)" }', "body"),
    ],
)
def test_what_reads_a_body_that_is_discarded_is_an_error_with_its_remedy(
    problems, valid, reads, name
):
    step = f"{reads}\ndiscard_body = true\n"
    (problem,) = problems(valid + step)
    assert problem.startswith("plan.toml:13: workflows.visit[0].")
    assert f"`{name}` is of the body, and this step says discard_body = true" in problem
    assert problem.endswith("| write discard_body = false into the step")


def test_a_step_that_reads_its_body_takes_itself_out_of_the_default(load, problems, valid):
    plan = "[http]\ndiscard_body = true\n" + valid.replace("schema = 1\n", "")
    plan = 'schema = 1\nname = "small"\n' + plan.replace('name = "small"\n', "", 1)
    reads = 'check = ["json.ok"]\n'
    (problem,) = problems(plan + reads)
    assert "[http] says discard_body = true" in problem
    assert load(plan + reads + "discard_body = false\n").plan.http.discard_body


def test_status_headers_and_durations_of_a_discarded_body_can_be_read(load, valid):
    step = 'check = ["status == 200", "duration < 1s"]\ncapture = { e = "headers.etag" }\n'
    assert load(f"{valid}{step}discard_body = true\n")
