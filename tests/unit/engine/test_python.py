"""`python` steps in virtual time: what a coroutine can do, and what becomes of it."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import sys
from itertools import count

import pytest

NAMES = count()


@pytest.fixture
def module(stage, monkeypatch):
    """A module of the plan's folder: its name, and settings that let it run."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def write(text: str) -> tuple[str, dict[str, str]]:
        name = f"flows_{next(NAMES)}"
        (stage.folder / f"{name}.py").write_text(text)
        return name, {"python_folder": str(stage.folder)}

    return write


@pytest.fixture
def once(play, one_user, module):
    """Runs a step once that calls `flow` of a module."""

    def run(code: str, more: str = "", *, answer=None, before: str = "", after: str = ""):
        name, settings = module(code)
        plan = one_user(
            f'[[workflows.visit]]\nname = "own"\npython = "{name}:flow"\n{more}\n{after}', before
        )
        return play(plan, answer, **settings)

    return run


def test_what_it_returns_is_checked_and_captured(once):
    run = once(
        "async def flow(vu):\n    return {'id': 'f-1', 'n': 3}\n",
        'check = ["json.n == 3", "json.n == 4"]\ncapture = { form = "json.id" }',
        after='[[workflows.visit]]\nhttp = "GET /forms/${form}"',
    )

    assert run.network.lines == ["GET /forms/f-1"]
    assert run.count("checks", "pass", check="json.n == 3") == 1
    assert run.count("checks", "fail", check="json.n == 4") == 1
    assert run.outcomes("python_calls") == {"ok": 1}


def test_it_knows_who_it_is_and_reads_and_sets_variables(once):
    run = once(
        "async def flow(vu):\n"
        "    assert (vu.vu, vu.iteration, vu.scenario) == (1, 0, 'main')\n"
        "    vu.variables['greeting'] += ' you'\n"
        "    return vu.rng.random()\n",
        before='[variables]\ngreeting = "hello"\n',
        after='[[workflows.visit]]\nhttp = "GET /${greeting}"',
    )

    assert run.notes == {}
    assert run.network.lines == ["GET /hello%20you"]


def test_its_random_numbers_are_those_of_the_seed(play, one_user, module):
    name, settings = module("async def flow(vu):\n    return vu.rng.random()\n")
    plan = one_user(
        f'[[workflows.visit]]\npython = "{name}:flow"\ncapture = {{ n = "json" }}\n'
        '[[workflows.visit]]\nhttp = "GET /${n}"'
    )

    seen = [play(plan, seed=seed, **settings).network.lines for seed in (1, 1, 2)]

    assert seen[0] == seen[1] != seen[2]


def test_its_requests_are_those_of_the_virtual_user_and_count_for_its_step(once, answer):
    run = once(
        "async def flow(vu):\n"
        "    made = await vu.http('POST', '/a?b=${c}', json={'n': '${d}'}, query={'e': 'f g'},\n"
        "                         headers={'X-Own': '1'})\n"
        "    assert (made.ok, made.status, made.json) == (True, 200, {'id': 7}), made.problem\n"
        "    assert made.duration_ms == 100\n"
        "    assert not (await vu.http('GET', '/gone')).ok\n",
        'as = "ann"',
        answer=lambda seen: answer(0.1, 404 if seen.path == "/gone" else 200, {"id": 7}),
        before='[http]\nheaders = { X-Plan = "p" }\n[identities.ann]\nheaders = { X-Ann = "a" }\n',
    )

    posted = run.network.exchanges[0]
    assert run.notes == {"own: status 404": 1}
    assert posted.line == "POST /a?b=$%7Bc%7D&e=f+g"
    assert posted.request.body == b'{"n":"${d}"}'
    for line in (b"X-Own: 1", b"X-Plan: p", b"X-Ann: a", b"Content-Type: application/json"):
        assert line + b"\r\n" in posted.lines
    assert run.outcomes("http_reqs", step="own") == {"ok": 1, "status": 1}
    assert run.outcomes("python_calls", step="own") == {"ok": 1}
    assert run.trend("response_time", step="own").count == 1  # of the step, not of each request
    assert run.summary.rate("workflow_failed", ()).yes == 1  # a request in it did


def test_requests_at_the_same_time_go_one_after_the_other(once):
    run = once(
        "import asyncio\n"
        "async def flow(vu):\n"
        "    await asyncio.gather(*(vu.http('GET', f'/{n}') for n in range(3)))\n"
    )

    assert [one.started_s for one in run.network.exchanges] == pytest.approx([0, 0.1, 0.2])


def test_the_checks_that_it_reports_are_counted_by_name(once):
    run = once(
        "async def flow(vu):\n"
        "    assert vu.check('saved', 1) is True\n"
        "    vu.check('listed', [])\n"
        "    vu.check('lsited', True)\n",
        'reports = ["saved", "listed"]',
    )

    assert run.count("checks", "pass", check="saved") == 1
    assert run.count("checks", "fail", check="listed") == 1
    (note,) = run.notes
    assert "ValueError: the step reports no check 'lsited'; its reports are: saved, listed" in note


def test_what_it_creates_is_deleted_in_the_end(once, stage):
    run = once("async def flow(vu):\n    await vu.clean_up('/forms/7')\n")

    counted, _ = stage.clean_up(run)

    assert run.network.lines == ["DELETE /forms/7"]
    assert (counted.created, counted.deleted) == (1, 1)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("    return {}['nothing']", "own: KeyError: 'nothing' ({file}:2)"),
        ("    raise RuntimeError('no\\x1b[31m luck')", "own: RuntimeError: no\x1b[31m luck ({file}:2)"),
        ("    assert False", "own: AssertionError ({file}:2)"),
        ("    import sys; sys.exit(3)", "own: SystemExit: 3 ({file}:2)"),
        ("    raise TimeoutError", "own: TimeoutError ({file}:2)"),
        ("    return object()", "own: what it returns is no JSON: Type is not JSON serializable: object"),
        ("    await vu.http('get', '/')", "ValueError: 'get' is not a method"),
        ("    await vu.http('GET', 'x')", "ValueError: 'x': a URL starts with /"),
        ("    await vu.http('GET', '/#x')", "what follows a # is never sent"),
        ("    await vu.http('GET', '/', as_='bob')", "ValueError: the plan has no identity bob"),
        ("    await vu.http('GET', '/', headers={'A': 'b\\r\\nC: d'})", "holds a line break"),
        ("    await vu.http('GET', '/', headers={'A B': 'c'})", "is not the name of a header"),
        ("    await vu.http('GET', '/', headers={'Host': 'c'})", "names the host of the URL"),
        ("    await vu.http('POST', '/', json={}, body='')", "either json or body, not both"),
        ("    await vu.http('POST', '/', json=object())", "not JSON serializable"),
    ],
)  # fmt: skip
def test_what_it_raises_is_an_outcome_with_the_line_of_its_own_file(once, stage, body, note):
    run = once(f"async def flow(vu):\n{body}\n", 'check = ["json == 1"]')

    (file,) = stage.folder.glob("flows_*.py")
    (noted,) = run.notes
    assert note.replace("{file}", str(file)) in noted
    assert "Traceback" not in noted
    assert run.outcomes("python_calls") == {"error": 1}
    assert run.count("checks", "fail") == 1
    assert run.network.exchanges == []
    assert run.summary.rate("workflow_failed", ()).yes == 1


def test_one_that_takes_too_long_is_cut_off(once):
    run = once(
        "import asyncio\nasync def flow(vu):\n    await asyncio.sleep(60)\n", 'timeout = "2s"'
    )

    assert run.notes == {"own: no end within 2s": 1}
    assert run.outcomes("python_calls") == {"timeout": 1}
    assert run.trend("python_duration").max_ns / 1e9 == pytest.approx(2, abs=0.01)


def test_one_that_fails_can_end_its_iteration(once):
    run = once(
        "async def flow(vu):\n    raise RuntimeError\n",
        'on_failure = "end-iteration"',
        after='[[workflows.visit]]\nhttp = "GET /never"',
    )

    assert run.network.lines == []


def test_one_that_the_end_of_the_load_cuts_off_is_counted_apart(play, module):
    name, settings = module("import asyncio\nasync def flow(vu):\n    await asyncio.sleep(60)\n")
    run = play(
        '[scenarios.main]\nexecutor = "constant-vus"\nvus = 1\nduration = "1s"\n'
        f'graceful_stop = "1s"\nworkflow = "visit"\n[[workflows.visit]]\npython = "{name}:flow"\n'
        'timeout = "90s"\n',
        **settings,
    )

    assert run.outcomes("python_calls") == {}
    assert run.trend("python_interrupted").max_ns / 1e9 == pytest.approx(2, abs=0.01)


def test_without_leave_its_module_is_not_even_looked_at(play, one_user, module, stage):
    name, _ = module("open('was imported', 'w')\nasync def flow(vu):\n    pass\n")
    run = play(one_user(f'[[workflows.visit]]\nname = "own"\npython = "{name}:flow"\n'))

    assert run.notes == {"own: a python step runs only with --allow-python": 1}
    assert run.outcomes("python_calls") == {}
    assert name not in sys.modules


CREATING = """
import asyncio
async def flow(vu):
    made = await vu.http("{method}", "/forms")
    {then}
    await vu.clean_up("/forms/1")
"""


@pytest.mark.parametrize(
    ("method", "then", "said", "uncertain"),
    [
        ("POST", "pass", {}, 0),
        ("POST", "pass", {"after_s": 9}, 1),  # the step takes too long, its request is under way
        ("PUT", "pass", {"after_s": 9}, 1),
        ("PATCH", "pass", {"after_s": 9}, 1),
        ("GET", "pass", {"after_s": 9}, 0),
        ("POST", "return", {"outcome": "reset"}, 1),
        ("POST", "return", {"outcome": "connect"}, 0),  # nothing was sent
        ("POST", "return", {"status": 500}, 0),
        ("POST", "await asyncio.sleep(9)", {}, 1),  # done, and not named yet
        ("POST", "made.json['id']", {}, 1),
        ("POST", "return", {}, 0),
        ("GET", "await asyncio.sleep(9)", {}, 0),
    ],
)
def test_what_it_may_have_created_and_not_named_is_uncertain(
    once, answer, method, then, said, uncertain
):
    run = once(CREATING.format(method=method, then=then), 'timeout = "1s"', answer=answer(**said))

    assert run.engine._shared.cleanup.count.uncertain == uncertain


def test_what_was_named_before_it_was_cut_off_is_not_uncertain(once):
    code = CREATING.format(method="POST", then="pass") + "    await asyncio.sleep(9)\n"
    run = once(code, 'timeout = "1s"')

    count = run.engine._shared.cleanup.count
    assert (count.created, count.uncertain) == (1, 0)


def test_what_the_end_of_the_load_cuts_off_is_uncertain(play, one_user, module, answer):
    name, settings = module(CREATING.format(method="POST", then="pass"))
    plan = one_user(f'[[workflows.visit]]\npython = "{name}:flow"\ntimeout = "500s"')
    run = play(plan, answer(400), **settings)

    assert run.engine._shared.cleanup.count.uncertain == 1


def test_what_cleans_nothing_up_creates_nothing_that_is_uncertain(once, answer):
    code = "async def flow(vu):\n    await vu.http('POST', '/searches')\n"
    run = once(code, 'timeout = "1s"', answer=answer(9))

    assert run.engine._shared.cleanup.count.uncertain == 0
