"""Steps compiled: header ranks, bodies, places, groups, `use`, identities, clean-up."""

from __future__ import annotations

import orjson
import pytest

from wedload import __version__
from wedload.metrics.catalogue import Series
from wedload.plan.distribution import Distribution
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.compiled import Call, CloseGroup, OpenGroup, Think, Use
from wedload.workload.request import InvalidUrlError, Origin

SHOP = Origin("https", "shop.example", 443)


def headers_of(request) -> dict[str, str]:
    """The headers that go out; a name sent twice is an error."""
    lines = request.headers.decode().split("\r\n")[:-1]
    pairs = [line.split(": ", 1) for line in lines]
    assert len({name.lower() for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def head(*, target: str = "", http: str = "", identity: str = "") -> str:
    return f"""\
schema = 1
name = "small"
[targets.there]
base_url = "https://shop.example"
{target}
[http]
{http}
[identities.couple]
{identity}
"""


def test_a_request_without_more_has_the_built_in_headers_only(step, scope):
    request = step('http = "GET /x"').request.render(scope())
    assert headers_of(request) == {
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"wedload/{__version__}",
    }
    assert (request.method, request.target, request.body) == ("GET", b"/x", None)
    assert request.origin == SHOP


def test_each_request_says_of_which_run_it_is(step, scope):
    request = step('http = "GET /x"', run_id="r-1").request
    assert headers_of(request.render(scope()))["X-Wedload-Run"] == "r-1"
    assert request.constant is not None  # known when it is compiled, and at no cost a request


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("run_header = false", None),
        ('run_header = "X-My-RunID"', ("X-My-RunID", "r-1")),
        ('headers = { x-wedload-run = "of the plan" }', ("x-wedload-run", "of the plan")),
    ],
)
def test_or_not_or_in_another_header_or_as_the_plan_says(step, scope, switch, expected):
    call = step('http = "GET /x"', head=head(http=switch), run_id="r-1")
    sent = {name: value for name, value in headers_of(call.request.render(scope())).items()
            if "run" in name.lower()}  # fmt: skip
    assert sent == ({} if expected is None else dict([expected]))


def test_signing_in_cleaning_up_and_sweeping_say_so_too(compiled, scope):
    workload = compiled(
        """
[identities.couple]
http = "POST /sign-in"
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[cleanup]
sweep = "DELETE /runs/${run.id}"
as = "couple"
[[workflows.visit]]
http = "POST /x"
capture = { id = "json.id" }
cleanup = "DELETE /x/${id}"
""",
        run_id="r-1",
    )
    (call,) = workload.scenarios[0].workflows[0].steps
    sign_in = workload.identities["cleanup", "couple"].sign_in
    known = scope(id="7")
    known.addresses = {"run": {"id": "r-1"}}
    for one in (sign_in, call, call.cleanup, workload.sweep.call):
        assert headers_of(one.request.render(known))["X-Wedload-Run"] == "r-1"
    assert workload.sweep.call.request.render(known).target == b"/runs/r-1"


@pytest.mark.parametrize(
    ("own", "of_target", "of_plan", "expected"),
    [
        ("", "", "", f"wedload/{__version__}"),
        ("", "", 'headers = { USER-AGENT = "plan" }', "plan"),
        ("", 'headers = { user-agent = "target" }', 'headers = { USER-AGENT = "plan" }', "target"),
        ('headers = { User-agent = "step" }', 'headers = { user-agent = "target" }',
         'headers = { USER-AGENT = "plan" }', "step"),
        ('headers = { User-agent = "step" }', "", 'headers = { USER-AGENT = "plan" }', "step"),
    ],
)  # fmt: skip
def test_the_steps_headers_outrank_the_targets_the_plans_and_the_built_in_ones(
    step, scope, own, of_target, of_plan, expected
):
    call = step(f'http = "GET /x"\n{own}', head=head(target=of_target, http=of_plan))
    sent = headers_of(call.request.render(scope()))
    assert {name.lower(): value for name, value in sent.items()}["user-agent"] == expected


def test_headers_of_all_ranks_are_sent_together(step, scope):
    call = step(
        'http = "GET /x"\nheaders = { X-Own = "1" }',
        head=head(target='headers = { X-Target = "2" }', http='headers = { X-Plan = "3" }'),
    )
    sent = headers_of(call.request.render(scope()))
    assert (sent["X-Own"], sent["X-Target"], sent["X-Plan"]) == ("1", "2", "3")


@pytest.mark.parametrize("rank", ["target", "http"])
def test_a_header_that_the_identity_sends_is_not_sent_by_a_lower_rank_too(step, scope, rank):
    call = step(
        'http = "GET /x"\nas = "couple"',
        head=head(**{rank: 'headers = { authorization = "none", X-Else = "1" }'},
                  identity='headers = { Authorization = "Bearer t", accept = "text/html" }'),
    )  # fmt: skip
    sent = headers_of(call.request.render(scope()))
    assert {"authorization", "accept", "Accept"}.isdisjoint(sent)
    assert sent["X-Else"] == "1"
    assert call.own_headers == frozenset()


def test_a_steps_own_header_is_sent_instead_of_its_identitys(step, scope):
    call = step(
        'http = "GET /x"\nas = "couple"\nheaders = { AUTHORIZATION = "own" }',
        head=head(identity='headers = { Authorization = "Bearer t" }'),
    )
    assert headers_of(call.request.render(scope()))["AUTHORIZATION"] == "own"
    assert call.own_headers == {"authorization"}


def test_the_headers_of_an_identity_do_not_concern_steps_of_others(step, scope):
    call = step(
        'http = "GET /x"',
        head=head(
            http='headers = { authorization = "plan" }',
            identity='headers = { Authorization = "Bearer t" }',
        ),
    )
    assert headers_of(call.request.render(scope()))["authorization"] == "plan"


@pytest.mark.parametrize(
    ("lines", "body", "content_type"),
    [
        ('json = { a = 1, b = "ä" }', '{"a":1,"b":"ä"}'.encode(), "application/json"),
        ('json = "text"', b'"text"', "application/json"),
        ('form = { a = "1 2", b = "ä" }', b"a=1+2&b=%C3%A4", "application/x-www-form-urlencoded"),
        ('body = "ä\\n"', "ä\n".encode(), "text/plain; charset=utf-8"),
        ("", b"", None),
    ],
)
def test_each_kind_of_body_has_its_content_type(step, scope, lines, body, content_type):
    request = step(f'http = "POST /x"\n{lines}').request.render(scope())
    assert request.body == body
    assert headers_of(request).get("Content-Type") == content_type
    assert b"Content-Length: %d\r\n" % len(body) in request.encode()


def test_a_content_type_of_the_steps_own_is_kept(step, scope):
    call = step('http = "POST /x"\njson = {}\nheaders = { content-type = "application/ld+json" }')
    sent = headers_of(call.request.render(scope()))
    assert sent["content-type"] == "application/ld+json"


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_methods_that_carry_nothing_have_no_content_length(step, scope, method):
    encoded = step(f'http = "{method} /x"').request.render(scope()).encode()
    assert b"content-length" not in encoded.lower()


def test_the_content_length_of_a_varying_body_is_counted_in_bytes(step, scope):
    call = step('http = "PUT /x"\njson = { v = "${x}" }\nlet = { x = "" }')
    for value in ("", "a", "ä", "€", "😀", "ä" * 1_000):
        request = call.request.render(scope(x=value))
        head_bytes, _, sent = request.encode().partition(b"\r\n\r\n")
        assert orjson.loads(sent) == {"v": value}
        assert head_bytes.endswith(b"Content-Length: %d" % len(sent))


def test_a_request_in_which_nothing_varies_is_bytes_throughout(step):
    request = step('http = "POST /x?a=1"\nquery = { q = "b c" }\njson = [1, "$${x}"]').request
    assert request.target == b"/x?a=1&q=b+c"
    assert all(type(part) is bytes for part in (request.target, request.headers, request.body))


def test_only_what_varies_is_a_function(step):
    request = step(
        'http = "POST /x"\nheaders = { X-Vu = "${vu}" }\njson = [1]\nquery = { q = "1" }'
    ).request
    assert callable(request.headers)
    assert type(request.target) is type(request.body) is bytes


@pytest.mark.parametrize("base", ["https://shop.example/api/v2", "https://shop.example/api/v2/"])
def test_the_path_of_the_base_url_comes_first(step, scope, base):
    call = step('http = "GET /x/${vu}"', base_url=base)
    assert call.request.render(scope()).target == b"/api/v2/x/7"


def test_an_absolute_url_goes_to_its_own_origin(step, scope):
    call = step(
        'http = "GET http://other.example:8080/x/${vu}?y=1"', base_url="https://a.example/b"
    )
    request = call.request.render(scope())
    assert request.origin == Origin("http", "other.example", 8080)
    assert request.target == b"/x/7?y=1"


def test_a_captured_url_may_be_followed_and_continued(step, scope):
    lines = 'http = "GET ${url}"\nlet = { url = "" }\nquery = { page = "2" }'
    request = step(lines).request.render(scope(url="https://b.example/x?y=a%2Fb"))
    assert (str(request.origin), request.target) == ("https://b.example", b"/x?y=a%2Fb&page=2")


@pytest.mark.parametrize("url", ["/relative", "ftp://a.example/", "https://u:p@a.example/", ""])
def test_a_captured_url_that_leads_nowhere_is_an_evaluation_error(step, scope, url):
    call = step('http = "GET ${url}"\nlet = { url = "" }')
    with pytest.raises(InvalidUrlError):
        call.request.render(scope(url=url))


def test_limits_come_from_the_step_or_from_the_plan(step):
    plan = head(http='timeout = "3s"\nredirects = 2\nmax_response = "1kB"')
    call = step('http = "GET /x"', head=plan)
    assert (call.timeout_ns, call.redirects, call.max_response_bytes) == (3_000_000_000, 2, 1_000)
    call = step('http = "GET /x"\ntimeout = "1s"\nredirects = 0\nmax_response = "2kB"', head=plan)
    assert (call.timeout_ns, call.redirects, call.max_response_bytes) == (1_000_000_000, 0, 2_000)


@pytest.mark.parametrize(
    ("default", "own", "kept"),
    [("", "", True), ("true", "", False), ("", "true", False), ("true", "false", True)],
)
def test_bodies_are_discarded_as_the_step_says_or_else_the_plan(step, default, own, kept):
    plan = head(http=f"discard_body = {default}" if default else "")
    call = step('http = "GET /x"' + (f"\ndiscard_body = {own}" if own else ""), head=plan)
    assert call.keep_body is kept


def test_a_request_offers_what_its_client_can_decode(plan, scope):
    made = plan('[[workflows.visit]]\nhttp = "GET /x"\n')
    workload = compile_workload(made, Settings("there", str(SHOP)), accept_encoding="gzip, br")
    (call,) = workload.scenarios[0].workflows[0].steps
    assert headers_of(call.request.render(scope()))["Accept-Encoding"] == "gzip, br"


def test_expected_status_and_what_follows_a_failure(step):
    call = step('http = "GET /x"\nexpected_status = ["2xx", 404]\non_failure = "end-iteration"')
    assert {200, 299, 404} <= call.expected_status
    assert {300, 403}.isdisjoint(call.expected_status)
    assert call.ends_iteration
    call = step('http = "GET /x"')
    assert {200, 399} <= call.expected_status
    assert {199, 400}.isdisjoint(call.expected_status)
    assert not call.ends_iteration


def test_checks_have_series_of_their_own_beside_their_step(compiled):
    workload = compiled(
        '[[workflows.visit]]\nname = "look"\nhttp = "GET /x"\ngroup = "shop"\n'
        'tags = { b = "2", a = "1" }\ncheck = { "is ok" = "status == 200", fast = "duration < 1s" }'
    )
    _, call, _ = workload.scenarios[0].workflows[0].steps
    series = workload.catalogue.series
    own = series[call.series]
    assert own == Series(
        "main", "visit", "look", "shop", tags=(("a", "1"), ("b", "2")), verb="http"
    )
    assert [(c.name, series[c.series].check, series[c.series].step) for c in call.checks] == [
        ("is ok", "is ok", "look"), ("fast", "fast", "look"),
    ]  # fmt: skip
    assert len({call.series, *(check.series for check in call.checks)}) == 3


def test_a_step_without_a_name_is_called_as_its_request(step):
    assert step('http = "GET /x/${vu}"').name == "GET /x/${vu}"


def test_a_step_binds_its_names_and_has_its_condition(step, scope):
    call = step(
        'http = "GET /x"\nwhen = "vu == 7"\nlet = { a = "${vu}", b = { c = ["${iteration}"] } }'
    )
    assert call.when(scope()) is True
    assert [(name, value(scope())) for name, value in call.let] == [("a", 7), ("b", {"c": [2]})]


def test_think_keeps_its_distribution(step):
    think = step('think = "uniform(1s, 3s)"')
    assert isinstance(think, Think)
    assert think.duration == Distribution("uniform", 1_000_000_000, 3_000_000_000)
    assert think.name == "think"


USED = """\
[[workflows.visit]]
use = "inner"
repeat = 3
when = "vu == 7"
[[workflows.visit]]
http = "GET /after"
[[workflows.inner]]
http = "GET /in"
check = ["status == 200"]
group = "g"
[[workflows.inner]]
use = "most"
[[workflows.most]]
http = "GET /most"
"""


def test_use_holds_the_steps_of_the_other_workflow(compiled, scope):
    workload = compiled(USED)
    use, after = workload.scenarios[0].workflows[0].steps
    assert isinstance(use, Use)
    assert use.repeat == 3
    assert use.when(scope()) is True
    assert [type(inner) for inner in use.steps] == [OpenGroup, Call, CloseGroup, Use]
    assert after.name == "GET /after"
    (most,) = use.steps[3].steps
    assert most.name == "GET /most"


def test_steps_of_a_used_workflow_count_to_both_workflows(compiled):
    workload = compiled(USED)
    use, after = workload.scenarios[0].workflows[0].steps
    series = workload.catalogue.series

    def workflows(call):
        return [
            name for name in ("visit", "inner", "most")
            if series[call.series].matches("workflow", name)
        ]  # fmt: skip

    assert workflows(after) == ["visit"]
    assert workflows(use.steps[1]) == ["visit", "inner"]
    assert workflows(use.steps[1].checks[0]) == ["visit", "inner"]
    assert workflows(use.steps[0]) == ["visit", "inner"]
    assert workflows(use.steps[3].steps[0]) == ["visit", "inner", "most"]


def grouped(compiled, *groups):
    """What is opened (`<name`) and closed (`>`) around steps of these groups."""
    text = ""
    for number, group in enumerate(groups):
        text += f'[[workflows.visit]]\nname = "{number}"\nhttp = "GET /"\n'
        text += f'group = "{group}"\n' if group else ""
    workload = compiled(text)
    series = workload.catalogue.series
    shown = []
    for step in workload.scenarios[0].workflows[0].steps:
        if isinstance(step, OpenGroup):
            assert series[step.series].step is None
            shown.append(f"<{series[step.series].group}")
        else:
            shown.append(">" if isinstance(step, CloseGroup) else step.name)
    return " ".join(shown)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (["", ""], "0 1"),
        (["a"], "<a 0 >"),
        (["a", "a"], "<a 0 1 >"),
        (["a", "", "a"], "<a 0 > 1 <a 2 >"),
        (["a", "b"], "<a 0 > <b 1 >"),
        (["a/b"], "<a <a/b 0 > >"),
        (["a", "a/b", "a"], "<a 0 <a/b 1 > 2 >"),
        (["a/b", "a/c"], "<a <a/b 0 > <a/c 1 > >"),
        (["a/b/c", "a"], "<a <a/b <a/b/c 0 > > 1 >"),
        (["a/b", "c/b"], "<a <a/b 0 > > <c <c/b 1 > >"),
        (["a", "ab"], "<a 0 > <ab 1 >"),
        (["a/a", "a"], "<a <a/a 0 > 1 >"),
    ],
)
def test_consecutive_steps_of_a_group_are_timed_together(compiled, groups, expected):
    assert grouped(compiled, *groups) == expected


IDENTITY = """\
http = "POST /auth"
json = { email = "${x}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}", X-Fixed = "1" }
expires = "5m"
"""


def test_an_identity_signs_in_by_a_step_of_each_scenarios_own(compiled, scope):
    workload = compiled(
        '[variables]\nx = "a@example.com"\n[[workflows.visit]]\nhttp = "GET /x"\nas = "couple"\n'
        '[[setup]]\nhttp = "GET /s"\nas = "couple"\n',
        head=head(identity=IDENTITY),
    )
    assert set(workload.identities) == {("main", "couple"), ("setup", "couple")}
    identity = workload.identities["main", "couple"]
    request = identity.sign_in.request.render(scope(x="a@example.com"))
    assert (request.method, request.target) == ("POST", b"/auth")
    assert orjson.loads(request.body) == {"email": "a@example.com"}
    assert [name for name, _ in identity.sign_in.captures] == ["token"]
    assert identity.expires_ns == 300_000_000_000
    assert "Authorization" not in headers_of(request)
    (_, bearer), (_, fixed) = identity.headers
    assert [name for name, _ in identity.headers] == ["authorization", "x-fixed"]
    assert bearer(scope(token="t")) == b"Authorization: Bearer t\r\n"
    assert fixed == b"X-Fixed: 1\r\n"
    series = workload.catalogue.series
    own = [series[workload.identities[s, "couple"].sign_in.series] for s in ("main", "setup")]
    assert own == [
        Series("main", step="sign in as couple", verb="http"),
        Series("setup", step="sign in as couple", judged=False, verb="http"),
    ]


def test_an_identity_may_only_have_headers(compiled):
    workload = compiled(
        '[[workflows.visit]]\nhttp = "GET /x"\nas = "couple"\n',
        head=head(identity='headers = { X-User = "1" }'),
    )
    assert workload.identities["main", "couple"].sign_in is None


def test_cleanup_is_a_request_of_its_own_without_the_steps_headers_and_body(step, scope):
    call = step(
        'http = "POST /forms"\nas = "couple"\njson = { a = 1 }\nheaders = { X-Own = "1" }\n'
        'capture = { id = "json.id" }\ncleanup = "DELETE /forms/${id}"',
        head=head(
            target='headers = { X-Target = "1", authorization = "none" }',
            identity='headers = { Authorization = "Bearer t" }',
        ),
        base_url="https://shop.example/api",
    )
    request = call.cleanup.request.render(scope(id="a/b"))
    assert (request.method, request.target) == ("DELETE", b"/api/forms/a%2Fb")
    assert request.body is None
    sent = headers_of(request)
    assert sent["X-Target"] == "1"
    assert {"X-Own", "Content-Type", "authorization"}.isdisjoint(sent)


DIGEST = 'auth = { digest = { user = "ann", password = "${env.WEDLOAD_KEY}" } }'
BEARER = 'auth = { bearer = "${env.WEDLOAD_KEY}" }'


@pytest.mark.parametrize(
    ("ranks", "found"),
    [
        ({"lines": DIGEST}, (True, None)),
        ({"identity": DIGEST}, (False, None)),
        ({"target": DIGEST}, (True, SHOP)),
        ({"lines": BEARER, "identity": DIGEST, "target": DIGEST}, None),
        ({"identity": 'headers = { Authorization = "x" }', "target": DIGEST}, None),
        # its own headers are for its own request, so that others are what is left to clean-up
        ({"lines": 'headers = { Authorization = "x" }', "identity": DIGEST}, (False, None)),
    ],
)
def test_cleanup_has_the_credentials_that_rank_first_besides_the_steps_headers(step, ranks, found):
    call = step(
        f'http = "POST /forms"\nas = "couple"\n{ranks.get("lines", "")}\ncleanup = "DELETE /f"',
        head=head(target=ranks.get("target", ""), identity=ranks.get("identity", "headers = {}")),
    )
    digest = call.cleanup.digest
    assert (digest if digest is None else (digest.of_step, digest.origin)) == found


def test_cleanup_elsewhere_has_no_credentials_of_the_target(step):
    lines = 'http = "POST /forms"\ncleanup = "DELETE http://127.0.0.1:7/f"'
    assert step(lines, head=head(target=DIGEST)).cleanup.digest is None


def test_cleanup_shows_the_credentials_of_its_step_instead_of_its_identitys(step, scope):
    call = step(
        f'http = "POST /forms"\nas = "couple"\n{BEARER}\ncleanup = "DELETE /f"',
        head=head(identity='headers = { Authorization = "Bearer other" }'),
    )
    assert headers_of(call.cleanup.request.render(scope()))["Authorization"] == "Bearer k-1"
    assert call.cleanup.own_headers == {"authorization"}
