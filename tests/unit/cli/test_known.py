"""What the command line keeps to itself before a plan is understood."""

from __future__ import annotations

import pytest

from wedload.cli.known import learn_environment, learn_of_plan
from wedload.plan.secrets.vault import MASK
from wedload.safety.redactor import KNOWN


@pytest.fixture(autouse=True)
def known():
    KNOWN.forget()
    yield
    KNOWN.forget()


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("WEDLOAD_CANARY", "cAn4ry-of-7", True), ("WEDLOAD_SUPPLIER_KEY", "sunshine", True),
        ("GITHUB_TOKEN", "letmein-1", True), ("DB_PASSWORD", "sunshine", True),
        ("WEDLOAD_STAGE", "staging-eu", False), ("WEDLOAD_URL", "http://127.0.0.1:80", False),
        ("WEDLOAD_STOP_FILE", "/run/stop-7f3a", False), ("SSH_AUTH_SOCK", "/tmp/x-7f3a/y", False),
        ("WEDLOAD_N", "100", False), ("HOME", "of-nobody-7f3a", False), ("A_KEY", "short", False),
    ],
)  # fmt: skip
def test_variables_are_secrets_by_their_name_or_their_look(name, value, secret):
    learn_environment({name: value})

    assert KNOWN(f"said {value}") == f"said {MASK if secret else value}"


def test_secrets_that_a_plan_lists_are_known_whatever_is_wrong_with_it(tmp_path):
    (tmp_path / "key.txt").write_text("of-a-file-7f3a")
    (tmp_path / "key.txt").chmod(0o600)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'wrong = 1\n[secrets]\nenv = ["LISTED", "MODE", 1, "UNSET"]\n'
        'secret_file = { a = "key.txt", b = "none.txt", c = 1, d = "../x" }\n'
    )

    learn_of_plan(plan, {"LISTED": "of-environment-7f3a", "MODE": "fast", "OTHER": "other-7f3a"})

    said = KNOWN("of-a-file-7f3a of-environment-7f3a fast other-7f3a")
    assert said == f"{MASK} {MASK} fast other-7f3a"


@pytest.mark.parametrize("text", ["", "secrets = 1", "[secrets]\nenv = 1\nsecret_file = 2", "= x"])
def test_plan_that_is_none_has_no_secrets(tmp_path, text):
    plan = tmp_path / "plan.toml"
    plan.write_text(text)

    learn_of_plan(plan, {"A": "of-environment-7f3a"})
    learn_of_plan(tmp_path / "none.toml", {})

    assert KNOWN("of-environment-7f3a") == "of-environment-7f3a"
