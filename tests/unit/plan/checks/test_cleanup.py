"""Every kind of mistake in `[cleanup]`, and in what is read of the run."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

SWEEP = 'sweep = "DELETE /runs/${run.id}"'
EXAMPLE = 'write sweep = "DELETE /api/test-runs/${run.id}"'
# (what is wrong, lines of the table, the line, fragment that must be in the only problem)
MISTAKES = [
    ("of_no_run", 'sweep = "DELETE /forms"', 14, f"cleanup.sweep: does not say of which run: it might delete what others have created | {EXAMPLE}"),
    ("deletes_nothing", 'sweep = "GET /runs/${run.id}"', 14, f"a GET deletes nothing | {EXAMPLE}"),
    ("no_method", 'sweep = "/runs/${run.id}"', 14, "does not start with a method"),
    ("by_nobody", f'{SWEEP}\nas = "suplier"', 15, 'cleanup.as: there is no identity "suplier" | write [identities.suplier]'),
    ("as_without_a_sweep", '[identities.a]\nheaders = { A = "1" }\n[cleanup]\nas = "a"', 16, "`as` is about the sweep, and there is none"),
    ("count_without_a_sweep", 'count = "json.deleted"', 14, f"`count` is about the sweep, and there is none | {EXAMPLE}"),
    ("count_is_a_duration", f'{SWEEP}\ncount = "duration"', 15, "cleanup.count: `duration` is a duration"),
    ("count_of_nobody", f'{SWEEP}\ncount = "deleted"', 15, "there is no variable `deleted` here"),
    ("sweep_of_a_step", 'sweep = "DELETE /runs/${run.id}/${form_id}"', 14, "there is no variable `form_id` here"),
    ("sweep_of_a_response", 'sweep = "DELETE /runs/${run.id}/${json.id}"', 14, "`json` belongs to a response, and there is none here yet"),
    ("key_misspelt", 'swep = "DELETE /runs/${run.id}"', 14, "there is no key `swep` here | did you mean sweep?"),
    ("member_of_a_run", 'sweep = "DELETE /runs/${run.name}"', 14, "a run has no `name`; known: run.id"),
    ("run_alone", 'sweep = "DELETE /runs/${run}"', 14, "run is read as run.NAME"),
    ("no_time", 'timeout = "0s"', 14, "cleanup.timeout: must be longer than 0s"),
    ("not_a_number", "timeout = 10", 14, "cleanup.timeout:"),
    ("of_wrong_type", "as = 4", 14, "cleanup.as: expected text in quotes, found the number 4"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "line", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, valid, lines, line, expected):
    (problem,) = problems(valid + (lines if "[cleanup]" in lines else f"[cleanup]\n{lines}") + "\n")

    assert problem.startswith(f"plan.toml:{line}: "), problem
    assert expected in problem


def test_a_sweep_reads_the_run_the_plans_variables_and_what_set_up_captured(load, valid):
    plan = load(
        f"""{valid}
[variables]
region = "eu"
[[setup]]
http = "POST /tenants"
capture = {{ tenant = "json.id" }}
[cleanup]
sweep = "DELETE /${{region}}/${{tenant}}/${{run.id}}"
count = "json.forms + json.bookings"
"""
    ).plan

    assert plan.cleanup.sweeps
    assert plan.cleanup.timeout == 10_000_000_000


def test_how_a_run_is_swept_up_is_no_part_of_its_load(load, valid):
    plain = load(valid)
    swept = load(f'{valid}[cleanup]\n{SWEEP}\ntimeout = "3s"\n')

    assert plain.load_digest == swept.load_digest
    assert plain.digest != swept.digest


def test_no_variable_is_called_run(problems, valid):
    (problem,) = problems(
        valid.replace('name = "look"', 'name = "look"\ncapture = { run = "json.a" }')
    )

    assert "'run' has a meaning in expressions already" in problem


def test_the_run_can_be_read_wherever_steps_read_anything(load, valid):
    load(
        valid.replace(
            'name = "look"',
            'name = "look"\nlet = { mark = "${run.id}" }\nheaders = { X-Mark = "${run.id}-${mark}" }'
            "\ncheck = [\"headers['x-mark'] == run.id\"]",
        )
    )
