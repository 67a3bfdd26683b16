"""The keys of http steps beyond the request itself: what fits together and what does not."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pickle

import pytest

from wedload.plan.hosts import Host
from wedload.plan.secrets.environment import missing_env


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


# --- bodies with files ----------------------------------------------------------------------


def test_files_are_found_beside_the_plan_and_small_ones_travel_with_it(load, valid, tmp_path):
    (tmp_path / "small.bin").write_bytes(b"small")
    (tmp_path / "large.bin").write_bytes(bytes(1_000_001))
    loaded = load(
        f'{valid}multipart = {{ a = {{ file = "small.bin" }}, b = [{{ file = "large.bin" }}] }}\n'
        '[[workflows.visit]]\nhttp = "POST /b"\nbody_file = "large.bin"\n'
    )
    small, large = (loaded.plan.files[name] for name in ("small.bin", "large.bin"))
    assert (small.content, small.size_bytes) == (b"small", 5)
    assert (large.content, large.size_bytes) == (None, 1_000_001)
    assert large.path == str(tmp_path / "large.bin")
    assert pickle.loads(pickle.dumps(loaded.plan)) == loaded.plan


@pytest.mark.parametrize("size", [5, 1_000_001])
def test_the_digest_of_a_plan_knows_what_its_requests_send(load, valid, tmp_path, size):
    digests = set()
    for content in (b"a", b"b", b"a"):
        (tmp_path / "file.bin").write_bytes(content * size)
        digests.add(load(f'{valid}body_file = "file.bin"\n').digest)
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('body_file = "no.bin"', 'body_file: "no.bin" cannot be read: No such'),
        ('body_file = "."', 'body_file: "." cannot be read: Is a directory'),
        ('body_file = "${vu}.bin"', "is a template; a file is read when the plan is loaded"),
        ('body_file = ""', "is not the path of a file"),
        ("body_file = 5", "expected text in quotes, found a number"),
        ("multipart = {}", "a multipart body has at least one field"),
        ('multipart = "a"', "expected { field ="),
        ('multipart = { a = { file = "no.bin" } }', 'multipart.a.file: "no.bin" cannot be read'),
        ('multipart = { a = { path = "x" } }', "multipart.a: a file has no key `path`"),
        ('multipart = { a = { fil = "x" } }', "did you mean file?"),
        ('multipart = { a = { type = "image/png" } }', "multipart.a: `file` is missing"),
        ('multipart = { a = { file = "x", type = "png" } }', "'png' is not a media type"),
        ('multipart = { a = "${nobody}" }', "multipart.a: there is no variable `nobody`"),
        ('multipart = { a = ["x", "${"] }', "multipart.a[1]: "),
        ('body_file = "no.bin"\njson = {}', "a request has one body, and this has"),
    ],
)
def test_a_body_that_cannot_be_sent_is_an_error_with_its_line(problems, valid, line, said):
    found = problems(f"{valid}{line}\n")
    assert any(said in problem for problem in found), found
    assert all(problem.startswith("plan.toml:1") for problem in found)


# --- connections ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("127.0.0.1", Host("shop.example", "127.0.0.1")),
        ("127.0.0.1:8080", Host("shop.example", "127.0.0.1", 8080)),
        ("::1", Host("shop.example", "::1")),
        ("[::1]:443", Host("shop.example", "::1", 443)),
        ("[::1]", Host("shop.example", "::1")),
    ],
)
def test_a_name_is_placed_at_an_address_and_perhaps_a_port(load, valid, written, host):
    hosts = f'hosts = {{ "Shop.example" = "{written}" }}\n'
    plan = load(valid.replace("sandbox = true\n", f"sandbox = true\n{hosts}")).plan
    assert plan.targets["sandbox"].hosts == (host,)


@pytest.mark.parametrize(
    "written",
    [
        "localhost",
        "",
        "1.2.3",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "[::1",
        "127.0.0.1:x",
        ":80",
    ],
)
def test_a_name_is_placed_at_nothing_else(problems, valid, written):
    hosts = f'hosts = {{ "shop.example" = "{written}" }}\n'
    (problem,) = problems(valid.replace("sandbox = true\n", f"sandbox = true\n{hosts}"))
    assert problem.startswith(f'plan.toml:5: targets.sandbox.hosts."shop.example": "{written}" ')


def test_connections_are_kept_by_the_user_or_the_iteration(load, problems, valid):
    http = '[http]\nconnections = "{}"\ndns_ttl = "30s"\n'
    plan = load(valid + http.format("per-iteration")).plan
    assert (plan.http.connections, plan.http.dns_ttl) == ("per-iteration", 30_000_000_000)
    (problem,) = problems(valid + http.format("per-iterations"))
    assert "did you mean per-iteration?" in problem


# --- auth -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ("{}", "auth: has 0 schemes; it needs exactly one"),
        ('{ basic = {}, bearer = "${vu}" }', "auth: has 2 schemes"),
        ('{ bsic = {} }', "auth: there is no scheme `bsic`; did you mean basic?"),
        ('"basic"', "auth: expected { basic = "),
        ("{ basic = {} }", "auth.basic: `user` is missing"),
        ('{ basic = { user = "a" } }', "auth.basic: `password` is missing"),
        ('{ digest = { user = "a", pass = "b" } }', "auth.digest: there is no key `pass`"),
        ('{ digest = { user = "a", password = "b" } }', "auth.digest.password: a password does not belong into a plan; write ${env.WEDLOAD_…}"),
        ('{ bearer = "abc" }', "auth.bearer: a token does not belong into a plan"),
        ('{ bearer = "${nobody}" }', "auth.bearer: there is no variable `nobody`"),
        ('{ basic = { user = "${json.x}", password = "${env.WEDLOAD_P}" } }', "auth.basic.user: `json` belongs to a response"),
    ],
)  # fmt: skip
def test_credentials_that_cannot_be_shown_are_an_error_with_their_place(
    problems, valid, auth, said
):
    for place, line in (
        (valid + f"auth = {auth}\n", "plan.toml:13: workflows.visit[0]."),
        (
            valid.replace("sandbox = true\n", f"sandbox = true\nauth = {auth}\n"),
            "plan.toml:5: targets.sandbox.",
        ),
    ):
        (problem,) = problems(place)
        assert problem.startswith(line)
        assert said in problem


def test_a_header_and_credentials_for_it_are_one_too_many(problems, valid):
    auth = 'auth = { bearer = "${env.WEDLOAD_T}" }\nheaders = { authorization = "x" }\n'
    (problem,) = problems(valid + auth)
    assert "auth: there is a header authorization too | take out one of them" in problem


def test_what_credentials_read_of_the_environment_is_asked_for(load, valid):
    text = valid + 'auth = { basic = { user = "a", password = "${env.WEDLOAD_P}" } }\n'
    (problem,) = missing_env(load(text), {}, target="sandbox")
    assert "WEDLOAD_P" in problem.message
