"""Credentials in a plan, its comments and its files are refused where they stand."""

from __future__ import annotations

import pytest

from tests.helpers.credentials import vendor_keys
from tests.helpers.plans import SMALLEST
from wedload.plan.secrets.checking import looks_made

KEYS = vendor_keys()
LIVE, GITHUB = KEYS["live-mode secret"], KEYS["GitHub"]
RANDOM = "Zk3vQ9sLw2XbT7mNc4RyHd8P"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('name = "small"', f'name = "small" # {LIVE}', 2, "a live-mode secret key of Stripe"),
        ("[targets", f"# was {GITHUB}\n[targets", 3, "a token of GitHub"),
        ('"GET /"', f'"GET /"\nheaders = {{ A = "Bearer {GITHUB}" }}', 13, "a token of GitHub"),
        ('"GET /"', f'"GET /?k={LIVE}"', 12, "a live-mode secret key of Stripe"),
        ('"GET /"', f'"POST /"\njson = {{ a = [{{ b = "{LIVE}" }}] }}', 13, "live-mode secret key"),
        ('"GET /"', f'"POST /"\nbody = """\nx\n{LIVE}"""', 15, "a live-mode secret key"),
        ('"GET /"', f'"GET http://u:{RANDOM}@127.0.0.1/"', 12, "a password in a URL"),
    ],
)  # fmt: skip
def test_credential_is_refused_with_its_line_its_remedy_and_masked(problems, old, new, line, said):
    found = problems(SMALLEST.replace(old, new, 1))

    (problem,) = [one for one in found if said in one]
    assert problem.startswith(f"plan.toml:{line}: ")
    assert "${env.WEDLOAD_…}" in problem
    assert "revoked" in problem
    for secret in (LIVE, GITHUB, RANDOM):
        assert secret not in str(found)


@pytest.mark.parametrize(
    "escaped", [f"\\u{ord(LIVE[0]):04x}{LIVE[1:]}", f"{LIVE[:3]}${{'{LIVE[3:9]}'}}{LIVE[9:]}"]
)
def test_credential_is_found_behind_escapes_of_toml_and_in_literals_too(problems, escaped):
    text = SMALLEST.replace('"GET /"', f'"GET /"\nquery = {{ q = "{escaped}" }}')

    (problem,) = problems(text)

    assert problem.startswith("plan.toml:13: workflows.visit[0].query.q: a live-mode secret key")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("headers = { Authorization", f"Bearer {RANDOM}"), ("headers = { X-Api-Key", RANDOM),
        ("query = { access_token", RANDOM), ("form = { password", RANDOM),
        ("json = { password", f"${{'{RANDOM}'}}"),
        ("json = { client_secret", RANDOM), ("json = { deep = { apiKey", RANDOM),
    ],
)  # fmt: skip
def test_value_that_is_a_credential_by_name_and_look_is_refused(problems, key, value):
    verb = "POST" if key.startswith(("form", "json")) else "GET"
    ends = " }" * key.count("{")
    text = SMALLEST.replace('"GET /"', f'"{verb} /"\n{key} = "{value}"{ends}')

    (problem,) = problems(text)

    assert "a credential, by its name and its look, stands in the plan" in problem
    assert RANDOM not in problem


@pytest.mark.parametrize(
    "request_",
    [
        f'"POST /"\nbody = "user=1&password={RANDOM}"',
        f"""'POST /'\nbody = '{{"password": "{RANDOM}"}}'""",
    ],
)  # fmt: skip
def test_value_behind_the_name_of_a_credential_in_a_text_that_is_sent_is_refused(
    problems, request_
):
    (problem,) = problems(SMALLEST.replace('"GET /"', request_))

    assert "a credential, by its name and its look, stands in the plan" in problem
    assert RANDOM not in problem


@pytest.mark.parametrize(
    "request_",
    [
        '"GET /?token=${env.WEDLOAD_TOKEN}&order=created_at_2024_descending"',
        '"GET /?page_token=Zk3vQ9sLw2XbT7mNc4RyHd8P"', '"GET /?token=invalid-token-of-load-0"',
        """'POST /'\nbody = '{"key": "${uuid()}", "id": "Zk3vQ9sLw2XbT7mNc4RyHd8P"}'""",
    ],
)  # fmt: skip
def test_other_values_in_a_text_that_is_sent_are_let_through(load, request_):
    load(SMALLEST.replace('"GET /"', request_))


@pytest.mark.parametrize(
    "url",
    [
        f"/?apikey={RANDOM}", f"/?x=1&api_key={RANDOM}", f"/?a=b&access_token={RANDOM}",
        f"/?access_token={RANDOM}&x=1", f"http://127.0.0.1/?key={RANDOM}",
    ],
)  # fmt: skip
def test_credential_in_the_query_of_a_url_is_refused_as_one_beside_it(problems, url):
    (problem,) = problems(SMALLEST.replace('"GET /"', f'"GET {url}"'))

    assert problem.startswith("plan.toml:12: workflows.visit[0].http: a credential, by its name")
    assert RANDOM not in problem


@pytest.mark.parametrize("query", [f"id={RANDOM}", "key=${env.WEDLOAD_KEY}", "token=invalid-1"])
def test_query_without_a_credential_is_let_through(load, query):
    assert load(SMALLEST.replace('"GET /"', f'"GET /?{query}"'))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("headers = { Authorization", "Bearer invalid-token-of-load-0"),
        ("headers = { Authorization", "Bearer ${env.WEDLOAD_TOKEN}"),
        ("headers = { X-Api-Key", "test-key"), ("headers = { X-Api-Key", "xxxxxxxxxxxxxxxxxxxx1"),
        ("headers = { Idempotency-Key", "${uuid()}"), ("headers = { X-Request", RANDOM),
        ("query = { token", "short1"), ("form = { password", "correct horse battery staple"),
        ("json = { key", "venues/2024/paris-01/main.jpg"), ("json = { page_token", RANDOM),
        ("json = { sortKey", RANDOM), ("headers = { Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("json = { translation_key", "checkout.step2.title_v3"),
        ("json = { key", "a-word-of-a-form"), ("headers = { Cookie", "theme=dark"),
    ],
)  # fmt: skip
def test_placeholders_templates_and_ordinary_values_are_let_through(load, key, value):
    verb = "POST" if key.startswith(("form", "json")) else "GET"
    load(SMALLEST.replace('"GET /"', f'"{verb} /"\n{key} = "{value}" }}'))


def test_credentials_in_data_files_and_in_files_that_are_sent_are_refused_there(problems, tmp_path):
    (tmp_path / "rows.csv").write_text(f"a,b\n1,2\n3,{GITHUB}\n")
    (tmp_path / "sent.json").write_text(f'{{\n"key": "{LIVE}"\n}}')
    (tmp_path / "photo.bin").write_bytes(b"\xff\xfe" + LIVE.encode())
    text = SMALLEST.replace(
        'http = "GET /"',
        'http = "POST /"\nmultipart = { a = { file = "sent.json" }, b = { file = "photo.bin" } }',
    )

    found = problems(text + '[data.rows]\nfile = "rows.csv"\n')

    assert [one.partition(": ")[0] for one in found] == ["rows.csv:3", "sent.json:2"]
    assert GITHUB not in str(found)
    assert LIVE not in str(found)


def test_credential_in_an_override_is_refused(problems):
    (problem,) = problems(SMALLEST, overrides=[f"name={LIVE}"])

    assert (
        "a live-mode secret key of Stripe, Paystack, Clerk or alike stands in the plan" in problem
    )


@pytest.mark.parametrize(
    "override",
    [
        f"targets.local.headers.X-Api-Key={RANDOM}",
        f'targets.local.headers={{ A = "b", X-Api-Key = "Bearer {RANDOM}==" }}',
        f"targets.lcal.headers.X-Api-Key={RANDOM}", f"targets.local.token.{RANDOM}={RANDOM}1",
        f"targets.local.headers.X-Api-Key={RANDOM}]",
    ],
)  # fmt: skip
def test_no_message_about_an_override_shows_the_credential_in_it(problems, override):
    (problem, *_) = problems(SMALLEST, overrides=[override])

    assert problem.startswith("--set targets.l")
    assert "Zk3v… (" in problem.partition("=")[2]
    assert RANDOM not in problem.partition("=")[2]


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (RANDOM, True), (f"Bearer {RANDOM}", True), ("9f3c1a7be2d84056c7f1b3a9", True),
        ("a-few-words-of-a-plan", False), ("2026-11-27", False), ("json.records[0].id17", False),
        ("certificates/receiver", False), ("aaaaaaaaaaaaaaaaaaa1", False), ("", False),
    ],
)  # fmt: skip
def test_what_a_machine_made_is_told_from_words(value, made):
    assert looks_made(value) == made
