"""Options of third parties, on the command line and in the environment."""

from __future__ import annotations

import pytest

from wedload.sandbox.errors import OptionError
from wedload.sandbox.options import parse_options
from wedload.sandbox.resilience.protections import Protections

URL = "http://127.0.0.1:9100"


def test_without_any_there_are_no_third_parties_and_all_protections():
    options = parse_options([], {}).third_parties
    assert (options.calendar_url, options.email_url) == (None, None)
    assert (options.email_provider, options.deadline_s) == ("resend", 0.4)
    assert options.protections == Protections()
    assert parse_options([], {}).token is None


def test_they_are_read_from_the_command_line():
    given = ["--calendar-url", URL, "--email-url", URL, "--email-provider", "postmark"]
    given += ["--third-party-deadline", "1.5s", "--without", "jitter", "--without", "breaker"]
    options = parse_options(given, {}).third_parties
    assert (options.calendar_url, options.email_url) == (URL, URL)
    assert (options.email_provider, options.deadline_s) == ("postmark", 1.5)
    assert options.protections == Protections(jitter=False, breaker=False)


def test_they_are_read_from_the_environment_and_the_command_line_comes_first():
    environment = {
        "WEDLOAD_SANDBOX_CALENDAR_URL": URL,
        "WEDLOAD_SANDBOX_EMAIL_URL": URL,
        "WEDLOAD_SANDBOX_EMAIL_PROVIDER": "sendgrid",
        "WEDLOAD_SANDBOX_THIRD_PARTY_DEADLINE": "250ms",
        "WEDLOAD_SANDBOX_WITHOUT": "retry-budget; time-out",
        "WEDLOAD_CALENDAR_KEY": "hush",
        "WEDLOAD_EMAIL_KEY": "quiet",
        "WEDLOAD_SANDBOX_TOKEN": "secret",
    }
    options = parse_options([], environment)
    parties = options.third_parties
    assert (parties.calendar_url, parties.email_url) == (URL, URL)
    assert (parties.email_provider, parties.deadline_s) == ("sendgrid", 0.25)
    assert parties.protections == Protections(retry_budget=False, time_out=False)
    assert (parties.calendar_key, parties.email_key) == ("hush", "quiet")
    assert options.token == "secret"
    assert not {"hush", "quiet", "secret"} & set(repr(options).split("'"))
    given = ["--email-provider", "resend", "--without", "jitter", "--third-party-deadline", "1s"]
    parties = parse_options(given, environment).third_parties
    assert (parties.email_provider, parties.deadline_s) == ("resend", 1.0)
    assert parties.protections == Protections(retry_budget=False, time_out=False, jitter=False)


def test_keys_that_are_nowhere_are_made_up():
    one, other = (parse_options([], {}).third_parties for _ in range(2))
    assert len(one.calendar_key) > 20
    assert len({one.calendar_key, one.email_key, other.calendar_key, other.email_key}) == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--calendar-url", "http://calendar.example"], "never calls outside this machine"),
        (["--email-url", "nonsense"], "'nonsense' must be a URL like"),
        (["--email-url", f"{URL}/?a=b"], "must have no query"),
        (["--email-provider", "pigeon"], "invalid choice: 'pigeon'"),
        (["--third-party-deadline", "soon"], "'soon' is no duration; write 400ms or 2s"),
        (["--third-party-deadline", "0s"], "is no duration"),
        (["--without", "time-ot"], "did you mean time-out?"),
    ],
)
def test_wrong_ones_are_refused_with_what_is_expected(given, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse_options(given, {})
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WEDLOAD_SANDBOX_CALENDAR_URL", "http://calendar.example", "never calls outside"),
        ("WEDLOAD_SANDBOX_EMAIL_PROVIDER", "pigeon", "'pigeon' is no provider; there are resend"),
        ("WEDLOAD_SANDBOX_THIRD_PARTY_DEADLINE", "400", "'400' is no duration"),
        ("WEDLOAD_SANDBOX_WITHOUT", "breaker;braker", "did you mean breaker?"),
    ],
)
def test_a_mistake_in_the_environment_names_its_variable(name, value, said):
    with pytest.raises(OptionError) as error:
        parse_options([], {name: value})
    assert str(error.value).startswith(f"{name}: ")
    assert said in str(error.value)
