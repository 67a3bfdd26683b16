"""Whatever a plan says: it is explained or refused in words, soon, and nothing else is touched.

Plans are checked as `wedload check` does it, in this process, which sees by audit events what is
opened, started and connected to. What a terminal would obey must not reach it.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import hostile
from tests.helpers.audited import watched
from tests.helpers.places import PLANS
from wedload.cli.check import CheckArguments, check_command
from wedload.cli.exits import exit_with
from wedload.errors import ExitCode
from wedload.plan.reshape import Shape

if TYPE_CHECKING:
    from pathlib import Path

WITHIN_S = 60  # the slowest takes some two seconds
MEMORY_BYTES = 1_000_000_000
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FAILED = re.compile(r"wedload failed|Traceback")

#: how many ports this machine has, which a check compares with what is asked for
KNOWN = [("open", "/proc/sys/net/ipv4/ip_local_port_range")]

HOSTILE = {**hostile.PLANS, **hostile.texts_in_places(), **hostile.plans_with_files()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "plans"
    folder.mkdir()
    hostile.prepare(folder)
    (folder / "plan.toml").write_text(hostile.BASE)
    assert check(folder)[0] == ExitCode.OK  # and what is imported late is imported
    return folder


def check(folder: Path) -> tuple[int, list[tuple[str, str]]]:
    """Check the plan of a folder; the exit code, and what was done outside of the folder."""
    plan = folder / "plan.toml"

    def command() -> None:
        check_command(
            CheckArguments(
                plans=(plan,),
                target=None,
                shape=Shape(None, None, ()),
                time_scale=1.0,
                overrides=(),
                allow_files=(),
                proving=False,
                production=False,
            )
        )

    with watched(within_s=WITHIN_S, memory_bytes=MEMORY_BYTES) as seen:
        code = exit_with(command)
    return code, seen.outside(folder)


def require_harmless(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> int:
    (folder / "plan.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    capsys.readouterr()
    code, outside = check(folder)
    said = "".join(capsys.readouterr())
    assert code in {ExitCode.OK, ExitCode.USAGE}, said[-2_000:]
    assert FAILED.search(said) is None
    assert OBEYED.search(said) is None
    assert [one for one in outside if one not in KNOWN] == []
    assert said
    return code


def test_there_are_two_hundred_of_them():
    assert len(HOSTILE) >= 200


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_plan_is_harmless(folder, capsys, name):
    require_harmless(folder, HOSTILE[name], capsys)


def test_what_reaches_outside_would_be_seen(folder, tmp_path):
    """The hook sees what it is there for."""
    (tmp_path / "other").write_text("x")
    with watched(within_s=WITHIN_S, memory_bytes=MEMORY_BYTES) as seen:
        (tmp_path / "other").read_text()
        (folder / "rows.csv").read_text()
    assert seen.outside(folder) == [("open", str(tmp_path / "other"))]
    with watched(within_s=WITHIN_S, memory_bytes=MEMORY_BYTES), pytest.raises(MemoryError):
        bytearray(2 * MEMORY_BYTES)


# --- mutations of the shipped plans -------------------------------------------------------------

SHIPPED = [tomllib.loads(path.read_text()) for path in sorted(PLANS.glob("*.toml"))]
VALUES = st.one_of(
    st.sampled_from([*hostile.TEXTS.values()]).filter(lambda text: len(text) < 10_000),
    st.sampled_from(
        [
            0, -1, 1, 2**63 - 1, -(2**63), 2**64, 0.5, -0.0, float("inf"), float("nan"), 1e308,
            True, False, [], {}, [[]], [{}], {"": ""}, "1s", "0s", "-1s", "100/s", "visit", "main",
            "GET /", "${vu}", "status == 200", "rows.csv", "http_reqs: count > 1", "local",
        ]
    ),
    st.text(max_size=20),
    st.integers(-(2**70), 2**70),
)  # fmt: skip


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where anything stands."""
    found = [path] if path else []
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        found += places_in(item, (*path, key))
    return found


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def mutate(data: st.DataObject, document: dict[str, Any]) -> None:
    """One change: another value, nothing, the same twice, elsewhere, or a piece of another plan."""
    places = places_in(document)
    if not places:
        return
    path = data.draw(st.sampled_from(places))
    holder, key = at(document, path[:-1]), path[-1]
    match data.draw(st.sampled_from(["replace", "delete", "duplicate", "move", "splice"])):
        case "replace":
            holder[key] = data.draw(VALUES)
        case "delete":
            del holder[key]
        case "duplicate":
            again = copy.deepcopy(holder[key])
            if isinstance(holder, list):
                holder.append(again)
            else:
                holder[data.draw(st.sampled_from([f"{key}2", "", "\x1b[2J", "a.b"]))] = again
        case "move":
            moved = copy.deepcopy(holder[key])
            other = data.draw(st.sampled_from(places))
            at(document, other[:-1])[other[-1]] = moved
        case "splice":
            donor = data.draw(st.sampled_from(SHIPPED))
            piece = data.draw(st.sampled_from(places_in(donor)))
            holder[key] = copy.deepcopy(at(donor, piece))


def toml(value: Any) -> str:
    """A value as TOML has it, on one line."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    return str(value)


@settings(
    derandomize=True, max_examples=120, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.data())
def test_a_shipped_plan_that_was_tampered_with_is_harmless(folder, capsys, data):
    document = copy.deepcopy(data.draw(st.sampled_from(SHIPPED)))
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(data, document)
    text = "".join(f"{toml(key)} = {toml(value)}\n" for key, value in document.items())
    require_harmless(folder, text, capsys)
