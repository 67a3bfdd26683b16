"""What a run reads of the environment and of secret files, and what is missing."""

from __future__ import annotations

import pytest

from wedload.errors import PlanError
from wedload.plan.secrets.environment import read_environment

PLAN = """\
schema = 1
name = "secrets"
[targets.one]
base_url = "http://127.0.0.1:8000"
headers = { X-One = "${secrets.of_one}" }
[targets.two]
base_url = "http://127.0.0.1:8000"
[secrets]
env = ["LISTED"]
secret_file = { key = "key.txt", of_one = "one.txt", unread = "unread.txt" }
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
http = "GET /"
headers = { A = "${secrets.key}", B = "${env.LISTED}", C = "${env('WEDLOAD_D', '')}" }
"""
ENVIRON = {"LISTED": "of-environment", "HOME": "/root", "WEDLOAD_X": "never read"}


@pytest.fixture
def file(tmp_path):
    def write(name, content="of-a-file\n"):
        path = tmp_path / name
        path.write_text(content)
        path.chmod(0o600)

    return write


def test_run_gets_what_the_plan_may_read_and_only_files_that_it_does_read(load, file):
    file("key.txt")

    found = read_environment(load(PLAN), ENVIRON, "two")

    assert found.variables.plain == {"LISTED": "of-environment", "WEDLOAD_X": "never read"}
    assert found.files.plain == {"key": "of-a-file"}
    assert set(found.hidden) == {"of-environment", "of-a-file"}
    assert "of-" not in repr(found)


def test_what_is_missing_is_said_where_the_plan_names_it(load, file, tmp_path):
    file("key.txt")

    with pytest.raises(PlanError) as raised:
        read_environment(load(PLAN), {}, "one")

    first, second = raised.value.problems
    assert (first.line, second.line) == (10, 18)
    assert first.message.startswith('secrets.secret_file.of_one: the secret file "one.txt" cannot')
    assert first.hint == f"secret files are looked for beside the plan: {tmp_path / 'one.txt'}"
    assert "LISTED is not set" in second.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("secrets.key", "secrets.kye", 'headers.A: there is no secret "kye" | did you mean key?'),
        ("secrets.key", "secrets.other", '[secrets] secret_file = { other = "path" }'),
        ('key = "key', "'a-b' = \"key", '10: secrets.secret_file.a-b: "a-b" cannot be read as'),
        ('"key.txt"', '"${env.WEDLOAD_FILE}"', "is a template; a file is read when the plan is"),
        ('"key.txt"', '""', "'' is not the path of a file"),
        ('"key.txt"', "1", "10: secrets.secret_file.key: expected text in quotes"),
        ("secret_file =", "secret_flie =", "there is no key `secret_flie` here | did you mean"),
    ],
)  # fmt: skip
def test_names_of_secret_files_are_checked(problems, old, new, said):
    assert any(said in problem for problem in problems(PLAN.replace(old, new, 1)))
