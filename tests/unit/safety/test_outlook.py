"""What a run will say of where a plan leads, before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from wedload.errors import UsageError
from wedload.plan.hosts import Host
from wedload.plan.loader import parse_plan
from wedload.plan.model import Target
from wedload.safety.outlook import outlook, production_refusal, refused_name, require_flag

PLAN = """\
schema = 1
name = "far"
[targets.staging]
{target}
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
http = "GET {url}"
"""


def told(target='base_url = "http://127.0.0.1:1"', url="/", **options):
    plan = parse_plan(PLAN.format(target=target, url=url), file="plan.toml", base=Path()).plan
    return list(outlook(plan, "staging", **options))


@pytest.mark.parametrize(
    "target",
    [
        "sandbox = true", 'base_url = "http://127.1:80"', 'base_url = "http://[::1]"',
        'base_url = "http://a.localhost"',
        'base_url = "https://www.acme.com"\nhosts = { "www.acme.com" = "127.0.0.1:8443" }',
    ],
)  # fmt: skip
def test_nothing_is_missing_for_this_machine(target):
    assert told(target) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            'base_url = "https://staging.test"',
            "target staging: staging.test needs a proof, unless it is this machine; `wedload",
        ),
        (
            'base_url = "https://Staging.test/api"\nhosts = { "staging.test" = "198.51.100.7" }',
            "target staging: staging.test needs a proof; `wedload prove staging.test` tells",
        ),
        (
            'base_url = "https://staging.test:8443"\nhosts = { "staging.test" = "198.51.100.7" }',
            "target staging: staging.test needs a proof; `wedload prove https://staging.test:8443`",
        ),
        (
            'base_url = "http://127.0.0.1:1"\nallow_hosts = ["198.51.100.7"]',
            "target staging: 198.51.100.7 needs a proof; `wedload prove 198.51.100.7` tells how",
        ),
        ('base_url = "http://0xC6336407"', "target staging: 198.51.100.7 needs a proof; `wedload"),
        (
            'base_url = "https://x.test"\nhosts = { "x.test" = "198.51.100.7" }',
            "target staging: x.test needs a proof; ",
        ),
        (
            'base_url = "https://x.test"\nhosts = { "x.test" = "169.254.169.254" }',
            "target staging: a run will refuse it: x.test (169.254.169.254) is where clouds keep",
        ),
        (
            'base_url = "http://127.0.0.1:1"\nallow_hosts = ["api.acme.com"]',
            'target staging: a run will refuse it: api.acme.com looks like production: it begins',
        ),
        (
            'base_url = "http://127.0.0.1:1"\nenvironment = "production"',
            "target staging says that it is production: a run needs --production",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_with_the_remedy(target, said):
    (line,) = told(target)

    assert line.startswith(said)


def test_the_option_for_production_is_judged_as_a_run_judges_it():
    here = 'base_url = "http://127.0.0.1:1"\n'

    assert told(here + 'environment = "production"', production=True) == []
    (line,) = told(here, production=True)
    assert line.startswith("a run will refuse this: --production is given, and target staging")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/", ""),
        ("http://localhost:81/", ""),
        ("http://127.1/", ""),
        ("http://${env.WEDLOAD_HOST}/", ""),
        ("http://192.0.2.1/", "192.0.2.1 is not on loopback, and the target does not declare it"),
        ("http://2852039166/", "is where clouds keep a machine's credentials"),
        ("http://far.test/", "far.test is not declared; a run will refuse it, unless it is this"),
    ],
)
def test_a_step_that_leads_elsewhere_is_told(url, said):
    found = told(url=url)

    assert len(found) == bool(said)
    assert all(said in line for line in found)


def test_what_listens_for_other_machines_is_told():
    proxies = 'base_url = "http://127.0.0.1:1"\n[proxies.db]\nupstream = "127.0.0.1:5432"\n'

    assert told(proxies + 'listen = "0.0.0.0:81"\nexpose = true') == [
        "proxy db listens on 0.0.0.0:81, where other machines may reach it: expose"
    ]
    assert told(proxies) == []


@pytest.mark.parametrize("environment", [None, "development", "test", "staging"])
def test_production_is_allowed_for_targets_alone_that_say_so(environment):
    target = Target(base_url="https://www.acme.com", environment=environment)

    with pytest.raises(UsageError, match=r"--production is given, and target shop does not say"):
        require_flag("shop", target, production=True)
    require_flag("shop", target, production=False)
    assert production_refusal(target, production=False) is None
    assert refused_name("www.acme.com", target) is not None
    assert refused_name("www.acme.test", target) is None


def test_a_target_that_is_production_needs_the_command_line_wherever_it_is():
    target = Target(
        base_url="https://www.acme.com",
        environment="production",
        hosts=(Host("www.acme.com", "127.0.0.1"),),
    )

    assert production_refusal(target, production=False) is not None
    assert production_refusal(target, production=True) is None
    assert refused_name("www.acme.com", target) is None
