"""Every kind of mistake in a channel: the line that is named, and what is said about it."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from wedload.plan.checks.listening import address_of
from wedload.plan.secrets.environment import missing_env, read_environment

HOOK = 'webhook = "/hooks"'
SIGNED = 'signature = { scheme = "standard-webhooks", secret = "${env.WEDLOAD_WEBHOOK_SECRET}" }'
KEY = 'key = "json.record.id"'
SUPABASE = 'realtime = "supabase"'
# (what is wrong, text to replace, new text, line, fragments that must be in the only problem)
MISTAKES = [
    ("neither_kind", f"{HOOK}\n", "", 10, "channels.hooks: is neither a webhook nor a realtime channel"),
    ("both_kinds", HOOK, f'{HOOK}\nrealtime = "sse"', 12, "a channel is a webhook or a realtime channel, not both"),
    ("key_of_the_other_kind", HOOK, f"{HOOK}\nsubscribers = 3", 12, "`subscribers` belongs to realtime channels, and this is a webhook | a webhook has: listen, expose, public_url"),
    ("key_of_a_webhook", KEY, f'{KEY}\nlisten = "127.0.0.1:0"', 21, "`listen` belongs to webhook channels, and this is a realtime channel | a realtime channel has: url, topic"),
    ("key_misspelt", 'within = "3s"', 'witin = "3s"', 19, "there is no key `witin` here | did you mean within?"),
    ("key_of_a_signature_misspelt", "secret = ", "secrt = ", 12, "there is no key `secrt` here | did you mean secret?"),
    ("service_misspelt", SUPABASE, 'realtime = "supabas"', 15, '"supabas" is not known here; known: "supabase", "phoenix", "websocket", "sse" | did you mean supabase?'),
    ("key_missing", f"{KEY}\n", "", 14, 'channels.status: `key` is missing | write key = "json.id"'),
    ("path_without_slash", '"/hooks"', '"hooks"', 11, '"hooks" is not a path | it begins with /'),
    ("path_with_a_query", '"/hooks"', '"/hooks?a=1"', 11, "is not a path"),
    ("not_signed_and_not_said_so", f"{SIGNED}\n", "", 10, 'a webhook needs `signature` | write signature = { scheme = "standard-webhooks", secret = "${env.WEDLOAD_WEBHOOK_SECRET}" }, or signature = { scheme = "none" }'),
    ("scheme_missing", SIGNED, "signature = {}", 12, "channels.hooks.signature: `scheme` is missing | write scheme = "),
    ("secret_missing", SIGNED, 'signature = { scheme = "github" }', 12, "github needs a secret | write secret = "),
    ("secret_of_nobody", SIGNED, SIGNED.replace("standard-webhooks", "none"), 12, "deliveries without a signature have no secret"),
    ("secret_in_the_plan", "${env.WEDLOAD_WEBHOOK_SECRET}", "whsec_c2VjcmV0", 12, 'channels.hooks.signature.secret: a secret does not belong into a plan | write secret = "${env.'),
    ("one_of_two_secrets_in_the_plan", "${env.WEDLOAD_WEBHOOK_SECRET}", "${env.WEDLOAD_A} whsec_c2VjcmV0", 12, "a secret does not belong into a plan"),
    ("environment_not_open", "WEDLOAD_WEBHOOK_SECRET", "HOOK_SECRET", 12, "the plan may not read the environment variable HOOK_SECRET"),
    ("listening_elsewhere", HOOK, f'{HOOK}\nlisten = "0.0.0.0:8080"', 12, '"0.0.0.0:8080" can be reached from other machines, and the plan does not expose it | write listen = "127.0.0.1:8080", or expose = true'),
    ("port_too_high", HOOK, f'{HOOK}\nlisten = "127.0.0.1:99999"', 12, '"127.0.0.1:99999" has the port 99999; it must be from 0 to 65535 | 0 is any free port'),
    ("public_url_of_a_variable", HOOK, f'{HOOK}\npublic_url = "http://${{vu}}"', 12, "reads `vu`, and it is the same for all subscribers"),
    ("public_url_without_host", HOOK, f'{HOOK}\npublic_url = "/hooks"', 12, '"/hooks" is not a URL of a webhook | it begins with http:// or https://'),
    ("feed_by_websocket", KEY, f'{KEY}\n[channels.feed]\nrealtime = "sse"\nkey = "text"\nurl = "ws://127.0.0.1/feed"', 24, '"ws://127.0.0.1/feed" is not a URL of sse | it begins with /, http:// or https://'),
    ("status_and_hang", HOOK, f'{HOOK}\nanswers = [{{ status = 500, hang = "1s" }}]', 12, "channels.hooks.answers[0]: an answer has either status or hang"),
    ("neither_status_nor_hang", HOOK, f"{HOOK}\nanswers = [{{ times = 2 }}]", 12, "an answer has either status or hang"),
    ("status_out_of_range", HOOK, f"{HOOK}\nanswers = [{{ status = 600 }}]", 12, "channels.hooks.answers[0].status: is 600; it must be from 200 to 599"),
    ("retry_after_a_hang", HOOK, f'{HOOK}\nanswers = [{{ hang = "1s", retry_after = "1s" }}]', 12, "is said with a status, and there is none"),
    ("retry_after_a_part_of_a_second", HOOK, f'{HOOK}\nanswers = [{{ status = 429, retry_after = "1500ms" }}]', 12, "must be whole seconds"),
    ("answer_no_times", HOOK, f"{HOOK}\nanswers = [{{ status = 500, times = 0 }}]", 12, "is 0; it must be 1 or more"),
    ("answer_of_wrong_type", HOOK, f"{HOOK}\nanswers = [503]", 12, "channels.hooks.answers[0]: expected a table, found the number 503"),
    ("ratio_above_one", HOOK, f"{HOOK}\nanswers_ratio = 20", 12, "is 20; it must be from 0 to 1"),
    ("ratio_in_quotes", HOOK, f'{HOOK}\nanswers_ratio = "20%"', 12, 'expected a number, found "20%"'),
    ("certificate_without_key", HOOK, f'{HOOK}\ntls = {{ cert = "a.pem" }}', 12, "channels.hooks.tls: `key` is missing | write key = \"receiver.key\""),
    ("two_on_one_port", KEY, f'{KEY}\n[channels.a]\nwebhook = "/a"\nkey = "text"\nsignature = {{ scheme = "none" }}\nlisten = "localhost:8080"\n[channels.b]\nwebhook = "/b"\nkey = "text"\nsignature = {{ scheme = "none" }}\nlisten = "localhost:8080"', 30, "channels.b.listen: the channel a listens there already"),
    ("url_missing", 'url = "/realtime/v1/websocket"\n', "", 14, "a realtime channel needs `url`"),
    ("url_of_another_kind", '"/realtime/v1/websocket"', '"tcp://127.0.0.1:4"', 16, '"tcp://127.0.0.1:4" is not a URL of supabase | it begins with /, ws://, wss://, http:// or https://'),
    ("topic_missing", 'topic = "realtime:orders"\n', "", 14, "supabase needs `topic`"),
    ("topic_of_each_subscriber", '"realtime:orders"', '"realtime:${vu}"', 17, "channels.status.topic: reads `vu`, and it is the same for all subscribers"),
    ("template_of_an_iteration", KEY, f'{KEY}\nparams = {{ a = "${{iteration}}" }}', 21, "channels.status.params.a: reads `iteration`, which only the steps of a virtual user have"),
    ("made_up_template", KEY, f'{KEY}\nparams = {{ a = "${{synthetic.email()}}" }}', 21, "reads `synthetic`, which only the steps of a virtual user have"),
    ("template_of_an_unknown_variable", KEY, f'{KEY}\nheaders = {{ A = "${{token}}" }}', 21, "channels.status.headers.A: there is no variable `token` here"),
    ("no_subscriber", "subscribers = 5", "subscribers = 0", 18, "is 0; it must be 1 or more"),
    ("nobody_joins", KEY, f"{KEY}\njoins = 0", 21, "must be above 0"),
    ("no_connection_allowed", KEY, f"{KEY}\nlimits = {{ connections = 0 }}", 21, "channels.status.limits.connections: is 0; it must be 1 or more"),
    ("no_message_allowed", KEY, f"{KEY}\nlimits = {{ messages = 0 }}", 21, "channels.status.limits.messages: must be above 0"),
    ("nothing_remembered", KEY, f"{KEY}\nremember = 0", 21, "is 0; it must be 1 or more"),
    ("first_words_to_supabase", KEY, f'{KEY}\nsubscribe = "hello"', 21, "`subscribe` belongs to websocket, and this channel is supabase"),
    ("change_misspelt", KEY, f'{KEY}\nchanges = [{{ event = "INSRT" }}]', 21, 'channels.status.changes[0].event: "INSRT" is not known here'),
    ("key_of_a_variable", KEY, 'key = "jsn.id"', 20, "channels.status.key: reads `jsn`, and `key` can read the message and the environment alone | did you mean json?"),
    ("key_of_a_user", KEY, 'key = "vu"', 20, "reads `vu`, and `key` can read the message"),
    ("key_of_nothing", KEY, "key = \"'a'\"", 20, "reads nothing of the message: it would be the same for all"),
    ("key_that_is_a_duration", KEY, 'key = "duration"', 20, "`duration` is a duration, which only expressions know"),
    ("key_of_a_status", KEY, 'key = "status"', 20, "channels.status.key: reads `status`, which is not there of a message of a channel | there is: body, headers, json, text"),
    ("key_of_cookies", KEY, 'key = "cookies.a"', 20, "reads `cookies`, which is not there of a message of a channel"),
    ("key_of_an_iteration", KEY, 'key = "iteration"', 20, "reads `iteration`, and `key` can read the message and the environment alone | json is what the message says"),
    ("key_of_cookies_in_part", KEY, 'key = "json.a + cookies.a"', 20, "reads `cookies`, which is not there"),
    ("path_of_another_type", HOOK, "webhook = true", 11, "channels.hooks.webhook: expected text in quotes, found true"),
    ("ratio_of_no_answers", HOOK, f"{HOOK}\nanswers_ratio = 0.5", 12, "channels.hooks.answers_ratio: is the share of messages that gets `answers`, and there are none"),
    ("topic_without_its_beginning", '"realtime:orders"', '"orders"', 17, 'channels.status.topic: "orders" is not a topic of supabase | it begins with realtime:, as in "realtime:orders"'),
    ("topic_with_another_beginning", '"realtime:orders"', '"real:${env.WEDLOAD_A}"', 17, "is not a topic of supabase"),
    ("token_in_the_plan", KEY, f'{KEY}\naccess_token = "abcdef"', 21, 'channels.status.access_token: a secret does not belong into a plan | write access_token = "${env.'),
    ("api_key_in_the_plan", KEY, f'{KEY}\nparams = {{ log = "info", apikey = "eyJ" }}', 21, 'channels.status.params.apikey: a secret does not belong into a plan | write apikey = "${env.'),
    ("credentials_in_the_plan", KEY, f'{KEY}\nheaders = {{ Authorization = "Bearer abc" }}', 21, "channels.status.headers.Authorization: a secret does not belong into a plan"),
    ("entity_without_sequence", KEY, f'{KEY}\nentity = "json.record.supplier"', 21, "messages of an entity have an order by `sequence`, and there is none"),
    ("address_of_subscribers", "POST /orders", "POST /orders?to=${channels.status.url}", 23, '"status" is a realtime channel, and only webhooks have an address'),
    ("address_misspelt", "POST /orders", "POST /orders?to=${channels.hooks.ulr}", 23, 'the channel "hooks" has no `ulr` | its address is ${channels.hooks.url}'),
    ("channel_as_a_value", "POST /orders", "POST /orders?to=${channels.hooks}", 23, 'the channel "hooks" has no value of its own | its address is ${channels.hooks.url}'),
    ("channel_in_an_expression_misspelt", "POST /orders", "POST /orders?to=${channels.hoks.url}", 23, 'there is no channel "hoks" | did you mean hooks?'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, old, new, line, expected):
    assert WITH_CHANNELS.count(old) == 1

    (problem,) = problems(WITH_CHANNELS.replace(old, new))

    assert problem.startswith(f"plan.toml:{line}: "), problem
    assert expected in problem
    assert "pydantic" not in problem


def test_a_secret_may_not_come_from_a_variable_that_is_written_in_the_plan(problems):
    text = WITH_CHANNELS.replace("${env.WEDLOAD_WEBHOOK_SECRET}", "${hush}")

    (problem,) = problems(text + '[variables]\nhush = "whsec_c2VjcmV0"\n')

    assert "a secret does not belong into a plan, as that in the variable hush" in problem


@pytest.mark.parametrize(
    "secret",
    [
        "${env.WEDLOAD_OLD} ${env.WEDLOAD_NEW}", "whsec_${env.WEDLOAD_BARE}", "${hush}", "${made}",
        "${secrets.hook}", "${of_file}",
    ],
)  # fmt: skip
def test_a_secret_comes_from_the_environment_a_file_or_from_set_up(load, secret):
    text = WITH_CHANNELS.replace("${env.WEDLOAD_WEBHOOK_SECRET}", secret)

    loaded = load(
        text + '[variables]\nhush = "${env.WEDLOAD_HUSH}"\nof_file = "${secrets.hook}"\n'
        '[secrets]\nsecret_file = { hook = "hook.key" }\n'
        '[[setup]]\nhttp = "POST /endpoints"\ncapture = { made = "json.secret" }\n'
    )

    assert loaded.plan.channels["hooks"].signature.secret.source == secret


@pytest.mark.parametrize("key", ["access_token = '${hush}'", "params = { apikey = '${hush}' }"])
def test_nor_may_what_a_subscriber_shows(problems, key):
    text = WITH_CHANNELS.replace(KEY, f"{KEY}\n{key}")

    (problem,) = problems(text + '[variables]\nhush = "eyJ"\n')

    assert "a secret does not belong into a plan, as that in the variable hush" in problem


@pytest.mark.parametrize(
    "key",
    [
        "access_token = '${env.WEDLOAD_TOKEN}'",
        "headers = { Authorization = 'Bearer ${env.WEDLOAD_TOKEN}' }",
        "params = { log_level = 'info', apikey = '${env.WEDLOAD_KEY}' }",
        "params = { token = '' }",
    ],
)
def test_what_a_subscriber_shows_may_have_words_around_it(load, key):
    loaded = load(WITH_CHANNELS.replace(KEY, f"{KEY}\n{key}"))

    shown = loaded.plan.channels["status"]
    assert shown.headers or shown.params or shown.access_token is not None


@pytest.mark.parametrize("topic", ["${env.WEDLOAD_TOPIC}", "real${env.WEDLOAD_REST}"])
def test_a_topic_may_come_whole_from_elsewhere(load, topic):
    loaded = load(WITH_CHANNELS.replace("realtime:orders", topic))

    assert loaded.plan.channels["status"].topic.source == topic


def test_the_address_of_what_is_no_channel_yet_is_not_reported_beside_it(problems):
    text = WITH_CHANNELS.replace(f"{HOOK}\n", "").replace(f"{SIGNED}\n", "")

    (problem,) = problems(text.replace("POST /orders", "POST /orders?to=${channels.hooks.url}"))

    assert "channels.hooks: is neither a webhook nor a realtime channel" in problem


def test_what_a_receiver_is_called_elsewhere_is_read_before_any_variable(problems):
    text = WITH_CHANNELS.replace(HOOK, f'{HOOK}\npublic_url = "http://${{host}}"')

    (problem,) = problems(text + '[variables]\nhost = "a"\n')

    assert "the receiver is there before any variable has a value" in problem


def test_a_plan_with_every_key_of_channels_is_right(load):
    plan = load(
        WITH_CHANNELS
        + """\
[channels.all_of_a_webhook]
webhook = "/all"
listen = "[::1]:8443"
public_url = "https://${env.WEDLOAD_HOST}/all"
tls = { cert = "a.pem", key = "a.key" }
signature = { scheme = "stripe", secret = "${env.WEDLOAD_STRIPE}", tolerance = "1m" }
answers = [{ status = 503, times = 2 }, { status = 429, retry_after = "1s" }, { hang = "5s" }]
answers_ratio = 0.25
max_body = "2MB"
key = "headers['webhook-id']"
entity = "json.order"
sequence = "json.version"
remember = 10
[channels.all_of_supabase]
realtime = "supabase"
url = "wss://127.0.0.1/socket"
topic = "realtime:${env.WEDLOAD_TENANT}"
subscribers = 20
joins = "50/s"
headers = { A = "${token}" }
params = { apikey = "${env.WEDLOAD_KEY}", user = "${vu}" }
access_token = "${token}"
vsn = "2.0.0"
private = true
changes = [{ event = "INSERT", table = "orders", filter = "id=eq.${vu}" }, {}]
presence = true
heartbeat = "10s"
reaches = "any"
limits = { connections = 200, messages = "100/s" }
key = "json.record.id"
[channels.plain]
realtime = "websocket"
url = "ws://127.0.0.1/ws"
subscribe = '{"join": "${vu}", "hook": "${channels.hooks.url}"}'
key = "json.id"
[[setup]]
http = "POST /token"
capture = { token = "json.token" }
"""
    ).plan

    hook, service = plan.channels["all_of_a_webhook"], plan.channels["all_of_supabase"]
    assert [one.times for one in hook.answers] == [2, 1, 1]
    assert (hook.answers[2].hang, hook.signature.tolerance) == (5_000_000_000, 60_000_000_000)
    assert [(one.event, one.table) for one in service.changes] == [("INSERT", "orders"), ("*", "*")]
    assert (plan.channels["plain"].kind, hook.kind) == ("realtime", "webhook")


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("127.1.2.3:80", ("127.1.2.3", 80)),
        ("localhost:8080", ("localhost", 8080)),
        ("[::1]:8443", ("::1", 8443)),
        ("10.0.0.1:80", ("10.0.0.1", 80)),
        ("example.org:80", None),
        ("127.0.0.1", None),
        ("127.0.0.1:http", None),
        (":80", None),
    ],
)
def test_a_receiver_listens_on_an_address_that_is_written_out(listen, expected):
    assert address_of(listen) == expected


def test_what_a_channel_reads_of_the_environment_is_asked_for_and_is_a_secret(load):
    text = WITH_CHANNELS.replace(KEY, f'{KEY}\nheaders = {{ A = "${{env.WEDLOAD_TOKEN}}" }}')

    loaded = load(text)

    asked = [problem.message for problem in missing_env(loaded, {}, target="there")]
    assert [word for message in asked for word in message.split() if "_" in word] == [
        "WEDLOAD_WEBHOOK_SECRET",
        "WEDLOAD_TOKEN",
    ]
    environ = {"WEDLOAD_WEBHOOK_SECRET": "hush", "WEDLOAD_TOKEN": "quiet"}
    assert set(read_environment(loaded, environ, "there").hidden) == {"hush", "quiet"}
