from __future__ import annotations

import pytest

from wedload.sandbox.errors import OptionError
from wedload.sandbox.options import parse_options
from wedload.sandbox.rate_limit import RateLimit

RATE, RETRY_AFTER = "WEDLOAD_SANDBOX_RATE_LIMIT", "WEDLOAD_SANDBOX_RETRY_AFTER"


@pytest.mark.parametrize(
    ("argv", "environment", "limit"),
    [
        ([], {}, RateLimit(100, "seconds")),
        (["--rate-limit", "0.5", "--retry-after", "date"], {}, RateLimit(0.5, "date")),
        ([], {RATE: "0", RETRY_AFTER: "none"}, RateLimit(0, "none")),
        ([], {RATE: "", RETRY_AFTER: ""}, RateLimit(100, "seconds")),
        (["--rate-limit", "0"], {RATE: "7", RETRY_AFTER: "date"}, RateLimit(0, "date")),
    ],
)
def test_options_count_before_the_environment_and_that_before_defaults(argv, environment, limit):
    assert parse_options(argv, environment).rate_limit == limit


@pytest.mark.parametrize(
    ("environment", "said"),
    [({RATE: "-1"}, "'-1' is no number"), ({RETRY_AFTER: "later"}, "seconds, date, none")],
)
def test_what_the_environment_says_wrongly_is_named(environment, said):
    with pytest.raises(OptionError, match=said) as refused:
        parse_options([], environment)
    assert next(iter(environment)) in str(refused.value)


@pytest.mark.parametrize("argv", [["--rate-limit", "nan"], ["--retry-after", "later"]])
def test_what_an_option_says_wrongly_is_refused(argv, capsys):
    with pytest.raises(SystemExit):
        parse_options(argv, {})
    assert argv[0] in capsys.readouterr().err
