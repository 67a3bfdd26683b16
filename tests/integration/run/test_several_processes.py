"""Several load processes share one plan: together they do what one would, and count it alike."""

from __future__ import annotations

from collections import Counter

import pytest

STEP = '[[workflows.visit]]\nname = "look"\nhttp = "GET /look"\n'
WHO = (
    '[[workflows.visit]]\nname = "look"\n'
    'http = "GET /look/${vu}/${iteration}/${data.people.name}"\n'
)
PACED = 'executor = "constant-vus"\nvus = 6\nduration = "1750ms"\npace = "500ms"'


def paths(server, under: str) -> list[list[str]]:
    """What follows `under` in the paths that the server was asked for."""
    asked = [one.target for one in server.requests if one.target.startswith(under)]
    return [path.removeprefix(under).split("/") for path in asked]


@pytest.fixture
def people(tmp_path):
    def make(count: int, pick: str) -> str:
        rows = "".join(f"p{number}\n" for number in range(count))
        (tmp_path / "people.csv").write_text("name\n" + rows)
        return f'[data.people]\nfile = "people.csv"\npick = "{pick}"\n'

    return make


def test_requests_are_the_servers_own_and_set_up_and_tear_down_run_once(
    run, server, plan_for, reply
):
    def handle(seen):
        if seen.target == "/made":
            return reply(201, f'{{"id": {seen.number}}}'.encode())
        return reply(204, b"") if seen.method == "DELETE" else reply()

    server.handle = handle
    plan = plan_for(
        'executor = "constant-vus"\nvus = 5\nduration = "1s"\npace = "10ms"',
        """
[[setup]]
name = "prepare"
http = "POST /made"
capture = { shared = "json.id" }
cleanup = "DELETE /items/${shared}"
[[workflows.visit]]
name = "make"
http = "POST /made"
capture = { id = "json.id" }
cleanup = "DELETE /items/${id}"
[[workflows.visit]]
name = "read"
http = "GET /read/${shared}/${vu}"
[[teardown]]
name = "bye"
http = "GET /bye/${shared}"
""",
    )

    done = run(plan, "--workers", "2")

    assert done.result["run"]["workers"] == 2
    asked = server.targets()
    first = server.requests[0].number
    assert server.requests[0].target == "/made"  # set-up
    assert asked[f"GET /bye/{first}"] == 1
    made = asked["POST /made"] - 1
    reads = paths(server, "/read/")
    # what set-up captured in one of them is known in both: virtual users 1, 3, 5 and 2, 4
    assert {shared for shared, _ in reads} == {str(first)}
    assert {int(vu) for _, vu in reads} == {1, 2, 3, 4, 5}
    assert made == len(reads) > 50
    assert done.count("http_reqs") == made + len(reads)
    assert done.count("iterations") == made
    assert done.step("make")["outcomes"] == {"ok": made}
    assert (
        sum(
            map(
                sum,
                (
                    one["count"]
                    for one in done.result["series"]["counters"]
                    if one["metric"] == "iterations"
                ),
            )
        )
        == made
    )
    deleted = Counter(one.target for one in server.requests if one.method == "DELETE")
    assert set(deleted.values()) == {1}
    assert deleted.total() == made + 1
    cleanup = done.result["cleanup"]
    assert (cleanup["created"], cleanup["deleted"], cleanup["leaked"]) == (made + 1, made + 1, 0)


def test_paced_users_iterate_as_often_whatever_the_number_of_processes(run, server, plan_for):
    counts = {}
    for workers in (1, 2, 3):
        server.requests.clear()
        done = run(plan_for(PACED, STEP), "--workers", workers)
        counts[workers] = done.count("iterations")
        assert done.count("http_reqs") == server.targets()["GET /look"] == counts[workers]
        assert max(done.result["series"]["vus"]) == 6
        assert done.result["series"]["vus"][-1] == 0
        assert not any(f["invalidates"] for f in done.result["validity"]["findings"])

    assert counts == {1: 24, 2: 24, 3: 24}


def test_ramp_is_shared_out_and_its_users_are_numbered_once(run, server, plan_for, people):
    stages = 'executor = "ramping-vus"\nstages = [{ duration = "500ms", target = 9 }, '
    stages += '{ duration = "500ms", target = 9 }]\npace = "100ms"'

    done = run(plan_for(stages, WHO, people(7, "per_vu")), "--workers", "2")

    seen = [(int(vu), int(iteration), name) for vu, iteration, name in paths(server, "/look/")]
    assert {vu for vu, _, _ in seen} == set(range(1, 10))
    assert len({(vu, iteration) for vu, iteration, _ in seen}) == len(seen)
    assert all(name == f"p{(vu - 1) % 7}" for vu, _, name in seen)
    assert len({one.connection for one in server.requests}) == 9  # one a user
    assert done.count("http_reqs") == len(seen)


def test_rows_of_a_unique_feeder_are_used_once_over_all_processes(run, server, plan_for, people):
    scenario = 'executor = "constant-vus"\nvus = 4\nduration = "20s"'

    done = run(plan_for(scenario, WHO, people(101, "unique")), "--workers", "2")

    used = Counter(name for _, _, name in paths(server, "/look/"))
    assert used == {f"p{number}": 1 for number in range(101)}
    told = {f["message"] for f in done.result["validity"]["findings"] if f["kind"] == "ended-early"}
    assert told == {
        f"A scenario ended early: data.people: all {rows} rows that fall to a load process have "
        "been used, each once."
        for rows in (50, 51)
    }


def test_rows_of_a_sequential_feeder_are_taken_in_turns_by_the_processes(
    run, server, plan_for, people
):
    run(plan_for(PACED, WHO, people(1_000, "sequential")), "--workers", "2")

    rows: dict[int, list[int]] = {0: [], 1: []}
    for vu, _, name in paths(server, "/look/"):
        rows[(int(vu) - 1) % 2].append(int(name[1:]))
    assert sorted(rows[0]) == [2 * n for n in range(12)]
    assert sorted(rows[1]) == [2 * n + 1 for n in range(12)]


def test_health_is_that_of_each_process(run, plan_for):
    done = run(plan_for(PACED, STEP), "--workers", "2")

    generator = done.result["validity"]["generator"]
    each = generator["processes"]
    assert [one["worker"] for one in each] == [0, 1]
    assert generator["cpu_max_ratio"] == max(one["cpu_max_ratio"] for one in each)
    assert generator["memory_max_bytes"] == max(one["memory_max_bytes"] for one in each)
    assert generator["loop_lag"]["count"] == sum(one["loop_lag"]["count"] for one in each)
    assert "2 generators: CPU" in done.err


def test_more_processes_than_users_is_no_error(run, server, plan_for):
    scenario = 'executor = "constant-vus"\nvus = 1\nduration = "300ms"\npace = "50ms"'

    done = run(plan_for(scenario, STEP), "--workers", "3")

    assert done.result["run"]["workers"] == 3
    assert done.count("http_reqs") == server.targets()["GET /look"] > 0


def test_once_is_one_process_whatever_was_asked_for(run, server, plan_for):
    done = run(plan_for(PACED, STEP), "--once", "--workers", "4")

    assert done.result["run"]["workers"] == 1
    assert server.targets() == {"GET /look": 1}


def test_set_up_that_fails_in_one_process_ends_them_all_and_leaves_nothing(
    run, server, plan_for, reply, tmp_path
):
    server.handle = lambda seen: reply(500 if seen.target == "/two" else 200)
    setup = (
        '[[setup]]\nname = "one"\nhttp = "POST /one"\ncleanup = "DELETE /one"\n'
        '[[setup]]\nname = "two"\nhttp = "POST /two"\n'
    )

    with pytest.raises(AssertionError, match="set-up failed: two: status 500"):
        run(plan_for(PACED, STEP, setup), "--workers", "2")

    assert server.targets() == {"POST /one": 1, "POST /two": 1, "DELETE /one": 1}
    assert not (tmp_path / "r.json").exists()
