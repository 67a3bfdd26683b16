"""What a terminal shows, what --help and --version say, and what `check` and `schema` print."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import tomllib

import pytest

from wedload import __version__, is_compiled

from .terminals import Terminal, plain

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


@pytest.fixture
def terminal(wedload):
    opened: list[Terminal] = []

    def start(*arguments: object, **size: int) -> Terminal:
        opened.append(Terminal(wedload, *arguments, **size))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_terminal_shows_a_live_table_and_no_json_and_gets_its_cursor_back(wedload, terminal, small):
    run = terminal("run", small, "--set", "scenarios.main.duration=2s", "-o", "r.json")

    shown = run.read()

    assert run.process.returncode == 0
    assert HIDE_CURSOR in shown
    assert shown.rfind(SHOW_CURSOR) > shown.rfind(HIDE_CURSOR)
    live, _, final = plain(shown).partition("verdict: PASS")
    assert "2 VUs" in live
    assert " p95 1min" in live  # the head of the live table
    assert "generator: CPU" in live
    assert "result: r.json" in final
    assert "wedload.result/1" not in shown
    assert run.before == run.after
    assert (wedload.folder / "r.json").exists()


def test_ctrl_c_in_a_terminal_stops_gracefully_and_restores_it(terminal, small):
    run = terminal("run", small, "--set", "scenarios.main.duration=30s")
    run.read(until="2 VUs")

    run.type("\x03")
    shown = run.read()

    assert run.process.returncode == 130
    assert "(interrupted)" in plain(shown)
    assert shown.rfind(SHOW_CURSOR) > shown.rfind(HIDE_CURSOR)
    assert run.before == run.after
    assert "Traceback" not in shown


@pytest.mark.parametrize("view", [[], ["--no-live"]], ids=["live", "plain"])
def test_a_terminal_that_goes_away_costs_neither_clean_up_nor_result(
    wedload, terminal, server, small_text, view
):
    plan = small_text.replace("{url}", server.url).replace('"400ms"', '"60s"')
    plan = plan.replace('http = "GET /look"', 'http = "POST /look"\ncleanup = "DELETE /it"')
    run = terminal("run", wedload.plan(plan), "-o", "r.json", *view)
    run.read(until=" of 01:00" if view else "2 VUs")
    while len(server.requests) < 20:
        time.sleep(0.02)

    run.hang_up()

    assert run.process.wait(30) == 130
    result = json.loads((wedload.folder / "r.json").read_bytes())
    assert (result["verdict"], result["run"]["interrupted"]) == ("pass", True)
    deleted = sum(method == "DELETE" for method, _, _ in server.requests)
    assert result["cleanup"]["created"] == result["cleanup"]["deleted"] == deleted > 0
    assert result["validity"]["findings"][0]["kind"] == "interrupted"
    assert wedload.files() == ["r.json"]


def test_second_ctrl_c_restores_the_terminal_too(terminal, server, small):
    server.delay_s = lambda _: 4.0
    run = terminal("run", small, "--set", "scenarios.main.duration=30s")
    run.read(until="2 VUs")

    run.type("\x03")
    run.read(until="stopping")
    run.type("\x03")
    shown = run.read()

    assert run.process.returncode == 130
    assert "stopped at once: nothing was judged, and nothing cleaned up" in plain(shown)
    assert shown.rfind(SHOW_CURSOR) > shown.rfind(HIDE_CURSOR)
    assert run.before == run.after


def test_dead_target_leaves_the_terminal_as_it_was(terminal, small):
    run = terminal("run", small, "--set", "targets.local.base_url=http://127.0.0.1:1")

    shown = run.read()

    assert run.process.returncode == 4
    assert "cannot be reached" in plain(shown)
    assert shown.rfind(SHOW_CURSOR) >= shown.rfind(HIDE_CURSOR)


def test_no_live_prints_plain_lines_on_a_terminal(terminal, small):
    run = terminal("run", small, "--no-live")

    shown = run.read()

    assert HIDE_CURSOR not in shown
    assert "00:00 of 00:00  main" in plain(shown)


def test_small_terminal_is_never_scrolled_by_the_live_table(terminal, small):
    run = terminal("run", small, "--set", "scenarios.main.duration=1500ms", rows=6)

    shown = run.read()

    assert run.process.returncode == 0
    # a picture is taken away by going up line by line; up to the first of the screen, not further
    ups = [one.count("\x1b[1A") for one in re.findall(r"(?:\x1b\[1A\x1b\[2K)+", shown)]
    assert ups
    assert max(ups) < 6


# --- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", ["run", "check", "schema"])
def test_help_of_every_command_has_an_example(wedload, command, option):
    done = wedload(command, option)

    assert done.code == 0, done.err
    assert done.err == ""
    assert f"wedload {command}" in done.out.partition("Example")[2], done.out
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_the_sandbox_lists_its_options_and_starts_nothing(wedload, option):
    done = wedload("sandbox", option)

    assert done.code == 0, done.err
    assert done.err == ""
    assert "--rate-limit" in done.out
    assert "WEDLOAD_SUPPLIER_KEY" in done.out
    assert wedload.temporary_files() == []


def test_help_lists_the_commands_and_no_command_is_a_mistake(wedload):
    done, none = wedload("--help"), wedload()

    assert done.code == 0, done.err
    assert all(f"  {name} " in done.out for name in ("run", "check", "sandbox", "schema"))
    assert "Try it: wedload run" in done.out
    assert none.code == 2
    assert "Usage: wedload" in none.out + none.err


def test_version_is_the_packages(wedload):
    how = "compiled" if is_compiled() else "interpreted"
    assert wedload("--version").out == f"wedload {__version__} ({how})\n"


def test_run_help_lists_the_exit_codes(wedload):
    text = " ".join(wedload("run", "--help").out.split())

    for code in ("0 benchmarks met", "1 missed", "2 plan", "3 the run is invalid", "130 inter"):
        assert code in text


def test_output_into_a_pipe_that_nobody_reads_is_no_traceback(wedload):
    process = subprocess.Popen(
        [*wedload.command, "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=wedload.environment(),
    )
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()

    assert process.wait(20) != -signal.SIGPIPE
    assert error == b""


# --- check and schema ---------------------------------------------------------------------------


def test_schema_is_a_json_schema_that_describes_the_plans(wedload, plans):
    done = wedload("schema")

    schema = json.loads(done.out)
    assert done.code == 0, done.err
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["type"] == "object"
    assert {"schema", "name", "targets", "scenarios", "workflows"} <= set(schema["required"])
    assert schema["additionalProperties"] is False
    for path in sorted(plans.glob("*.toml")):
        plan = tomllib.loads(path.read_text())
        assert plan.keys() <= schema["properties"].keys()
        assert plan.keys() >= set(schema["required"])


def test_check_prints_stages_and_a_chart_and_sends_nothing(wedload, server, small):
    text = small.read_text().replace(
        'executor = "constant-vus"\nvus = 2\nduration = "400ms"',
        'executor = "ramping-vus"\nstages = [{ name = "climb", duration = "10s", target = 40 }, '
        '{ name = "rest", duration = "1m30s", target = 0 }]',
    )

    done = wedload("check", wedload.plan(text))

    assert done.code == 0, done.err
    assert done.err == ""
    assert re.search(r"climb\s+00:00\s+10s\s+0 → 40", done.out)
    assert re.search(r"rest\s+00:10\s+1m30s\s+40 → 0", done.out)
    assert "up to 40 virtual users" in done.out
    assert re.search(r"^ +40 .*█", done.out, re.MULTILINE)
    assert "0 00:00" in done.out
    assert "01:40" in done.out
    assert "Nothing fails" in done.out
    assert server.requests == []
    assert wedload.files() == []
    assert max(map(len, done.out.splitlines())) <= 80


def test_check_needs_no_environment_and_no_target_that_answers(wedload, plans):
    done = wedload("check", plans / "smoke.toml", plans / "peak_season.toml")

    assert done.code == 0, done.err
    assert "up to 1,000 virtual users" in done.out
    assert " smoke " in done.out


def test_check_applies_the_options(wedload, small):
    done = wedload("check", small, "--stage", "1m:7", "--time-scale", "0.5")

    assert re.search(r"1\s+00:00\s+30s\s+0 → 7", done.out), done.out


def test_live_table_shows_windows_and_says_what_stops_the_run(wedload, terminal, server, small):
    row = 'benchmarks.Good={ require = "checks: rate > 99%", window = "1s", abort = true }'
    server.fails = lambda _: len(server.requests) > 100
    # an iteration that hangs keeps the run in its grace, so that the view is drawn in it
    server.delay_s = lambda _: 3.0 if len(server.requests) > 160 else 0.0
    run = terminal("run", small, "--set", "scenarios.main.duration=40s", "--set", row)

    shown = plain(run.read(until="stopping: Good: checks rate in the 1s until 00:0"))
    shown += plain(run.read(until="verdict: FAIL"))

    assert "rate > 99% in each 1s" in shown
    assert "✗ Good" in shown
