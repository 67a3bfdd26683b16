"""Options of bottlenecks and of spans, and the same in the environment."""

from __future__ import annotations

import pytest

from wedload.sandbox.bottlenecks.lock import Lock
from wedload.sandbox.errors import OptionError
from wedload.sandbox.options import parse_options
from wedload.sandbox.slow import SlowDown

GIVEN = [
    *("--otlp-endpoint", "http://127.0.0.1:4318/", "--pool-size", "2"),
    *("--without-index", "suppliers_text", "--lock", "submissions=10ms"),
    *("--burn", "GET /api/suppliers/search=20ms"),
]
ENVIRONMENT = {
    "WEDLOAD_SANDBOX_OTLP_ENDPOINT": "http://127.0.0.1:4318/v1/traces",
    "WEDLOAD_SANDBOX_POOL_SIZE": "2",
    "WEDLOAD_SANDBOX_WITHOUT_INDEX": "suppliers_text",
    "WEDLOAD_SANDBOX_LOCK": "submissions=10ms; ",
    "WEDLOAD_SANDBOX_BURN": "GET /api/suppliers/search=20ms",
    "WEDLOAD_SANDBOX_DSN": "postgresql://me:hush@localhost/sb",
    "WEDLOAD_SANDBOX_SUPPLIERS": "200000",
}


def test_without_any_nothing_is_narrow_and_no_spans_are_made():
    options = parse_options([], {})
    assert options.otlp_endpoint is None
    assert options.bottlenecks.pool_size is None
    assert (options.dsn, options.suppliers) == (None, 5000)


@pytest.mark.parametrize(("given", "environment"), [(GIVEN, {}), ([], ENVIRONMENT)])
def test_they_are_read_from_either(given, environment):
    options = parse_options(given, environment)
    assert options.otlp_endpoint == "http://127.0.0.1:4318/v1/traces"
    narrow = options.bottlenecks
    assert narrow.pool_size == 2
    assert narrow.without_indexes == ("suppliers_text",)
    assert narrow.locks == (Lock("submissions", 0.01),)
    assert narrow.burns == (SlowDown("GET", "/api/suppliers/search", 0.02),)


def test_the_database_and_its_size_may_be_in_the_environment_and_its_password_shows_nowhere():
    options = parse_options([], ENVIRONMENT)
    assert (options.dsn, options.suppliers) == (ENVIRONMENT["WEDLOAD_SANDBOX_DSN"], 200_000)
    assert parse_options(["--suppliers", "7"], ENVIRONMENT).suppliers == 7
    assert "hush" not in repr(options)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--otlp-endpoint", "http://192.0.2.1"], "never calls outside this machine"),
        (["--pool-size", "0"], "'0' is no number of connections; give 1 to 90"),
        (["--without-index", "a b"], "'a b' is no name of an index; write 'suppliers_text'"),
        (["--lock", "forms"], "'forms' is not TABLE=DURATION; write 'submissions=10ms'"),
        (["--lock", "form=1ms"], "'form' is no table to lock; there are accounts,"),
        (["--lock", "forms=1h"], "'1h' is no duration; write 400ms or 2s"),
        (["--burn", "search=1ms"], "'search=1ms' is not METHOD PATH=DURATION"),
    ],
)
def test_wrong_ones_are_refused_with_what_is_expected(given, said, capsys):
    with pytest.raises(SystemExit):
        parse_options(given, {})
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEDLOAD_SANDBOX_LOCK", "forms"),
        ("WEDLOAD_SANDBOX_POOL_SIZE", "many"),
        ("WEDLOAD_SANDBOX_SUPPLIERS", "-1"),
        ("WEDLOAD_SANDBOX_OTLP_ENDPOINT", "ftp://127.0.0.1"),
    ],
)
def test_a_wrong_variable_is_named(name, value):
    with pytest.raises(OptionError, match=f"^{name}: "):
        parse_options([], {name: value})
