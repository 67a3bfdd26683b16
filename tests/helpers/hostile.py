"""Plans that somebody wrote to break whoever reads them, by name."""

# ruff: noqa: E501 - a plan is one line

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'schema = 1\nname = "hostile"\n'
TARGET = '[targets.local]\nbase_url = "http://127.0.0.1:9"\n'
SCENARIO = (
    '[scenarios.main]\nexecutor = "constant-vus"\nvus = 1\nduration = "1m"\nworkflow = "visit"\n'
)
STEP = '[[workflows.visit]]\nname = "look"\nhttp = "POST /"\n'
BASE = HEAD + TARGET + SCENARIO + STEP


def quoted(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(text).replace("\x7f", "\\u007f")


#: texts that mean something to a shell, a terminal, a parser, a template, a path …
TEXTS = {
    "terminal": "\x1b[2J\x1b[31mPASS\x1b]0;owned\x07\x1b[8m",
    "c1": "\x9b2J\x9d0;x\x9c\x85",
    "bidi": "\u202etxt.exe\u2066\u2069\u200f",
    "carriage": "ok\r\x1b[K\rFAIL\x08\x08",
    "lines": "a\nplan.toml:1: forged\nerror: 0 problems in the plan",
    "crlf": "a\r\nX-Injected: yes\r\n\r\nGET /admin HTTP/1.1",
    "nul": "a\0b",
    "wide": "\ufdfa" * 500,
    "combining": "e" + "\u0301" * 5_000,
    "private": "\ue000\U0010ffff\ufffe",
    "astral": "\U0001d573\U0001d594\u200d\U0001f469\u200d\U0001f467",
    "long": "x" * 200_000,
    "braces": "{" * 3_000 + "}" * 3_000,
    "templates": "${" * 3_000,
    "closed": "${}" * 1_000,
    "dollars": "$" * 10_000 + "{vu}",
    "markup": "[bold red]x[/][link=file:///etc/passwd]y[/link]",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "format": "%s%s%n%x {0.__class__.__mro__} {__import__} %(a)s",
    "class": "${''.__class__.__mro__[1].__subclasses__()}",
    "json class": "${json.__class__}",
    "globals": "${now.__globals__['os'].system('id')}",
    "import": "${__import__('os').system('id')}",
    "lambda": "${(lambda: 1)()}",
    "comprehension": "${[x for x in range(10**9)]}",
    "walrus": "${(x := 1)}",
    "fstring": "${f'{vu}'}",
    "await": "${await vu}",
    "yield": "${(yield)}",
    "star": "${[*json]}",
    "power": "${9**9**9**9}",
    "shift": "${1 << 10**9}",
    "repeat": "${'x' * 10**10}",
    "list repeat": "${[0] * 10**10}",
    "huge": "${" + "9" * 1_900 + "}",
    "exponent": "${1e999999999}",
    "division": "${1 / 0}",
    "deep": "${" + "(" * 900 + "1" + ")" * 900 + "}",
    "deep not": "${" + "not " * 450 + "true}",
    "deep minus": "${" + "-" * 1_900 + "1}",
    "deep lists": "${" + "[" * 900 + "]" * 900 + "}",
    "deep index": "${json" + "[0]" * 600 + "}",
    "wide sum": "${" + "+".join(["1"] * 900) + "}",
    "chained": "${" + "<".join(["1"] * 900) + "}",
    "regex": "${regex(text, '(a+)+$')}",
    "regex bomb": "${regex(text, '((a{1,1000}){1,1000}){1,1000}')}",
    "regex wrong": "${regex(text, '(((((')}",
    "jmespath": "${jmespath(json, '" + "[]." * 500 + "a')}",
    "jmespath deep": "${jmespath(json, '" + "(" * 900 + "')}",
    "sentence": "${synthetic.sentence(10**18)}",
    "private name": "${synthetic._rng}",
    "env": "${env.PATH}",
    "env call": "${env('HOME', 1, 2, 3)}",
    "data": "${data.nothing.there}",
    "durations": "${9999999999999999h > 1ns}",
    "unicode name": "${\uff56\uff55}",
    "comment": "${vu # }",
    "newline": "${vu\n+1}",
    "semicolon": "${1; 2}",
    "bytes": "${b'x'}",
    "ellipsis": "${...}",
    "surrogate escape": "\\ud800",
    "real": "anna@gmail.com, +49 30 901820, 4539 1488 0343 6467",
    "at signs": "@" * 50_000,
    "plus signs": "+1 " * 20_000,
    "digits": "1" * 100_000,
    "colons": ":" * 50_000,
    "path": "../../../../../../etc/passwd",
    "device": "/dev/zero",
    "windows": "C:\\Windows\\..\\..\\x|y&calc",
    "shell": "$(touch /tmp/owned); `id` | cat /etc/passwd && rm -rf ~",
    "sql": "'; DROP TABLE forms; --",
    "xml": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "url": "http://169.254.169.254/latest/meta-data",
    "file url": "file:///etc/passwd",
    "percent": "%00%0d%0a%2e%2e%2f" * 100,
    "empty": "",
    "blank": " \t\n ",
}  # fmt: skip

#: where a text can stand; %s is the text as TOML
PLACES = {
    "name": BASE.replace('"hostile"', "%s"),
    "target": BASE.replace("local", "%s"),
    "scenario": BASE.replace("scenarios.main", "scenarios.%s"),
    "workflow": BASE.replace('"visit"', "%s").replace("workflows.visit", "workflows.%s"),
    "step": BASE.replace('"look"', "%s"),
    "url": BASE.replace('"POST /"', "%s"),
    "base url": BASE.replace('"http://127.0.0.1:9"', "%s"),
    "header": BASE + "headers = { X-A = %s }\n",
    "header name": BASE + 'headers = { %s = "a" }\n',
    "body": BASE + "body = %s\n",
    "json": BASE + "json = { a = [%s, { %s = %s }] }\n",
    "query": BASE + "query = { a = %s }\n",
    "check": BASE + "check = [%s]\n",
    "capture": BASE + "capture = { a = %s }\n",
    "when": BASE + "when = %s\n",
    "let": BASE + "let = { a = %s }\n",
    "cleanup": BASE + "cleanup = %s\n",
    "tag": BASE + "tags = { %s = %s }\n",
    "group": BASE + "group = %s\n",
    "key": BASE + "%s = 1\n",
    "top key": f"%s = 1\n{BASE}",
    "duration": BASE.replace('"1m"', "%s"),
    "executor": BASE.replace('"constant-vus"', "%s"),
    "file": f"{BASE}body_file = %s\n",
    "data file": f"{BASE}[data.rows]\nfile = %s\n",
    "variable": f"{BASE}[variables]\na = %s\nb = '${{a}}'\n",
    "row name": f'{BASE}[benchmarks]\n%s = "http_reqs: count > 1"\n',
    "row": f"{BASE}[benchmarks]\na = %s\n",
    "accept": f"{BASE}[safety.accept]\n%s = %s\n",
    "think": f"{BASE}[[workflows.visit]]\nthink = %s\n",
    "use": f"{BASE}[[workflows.visit]]\nuse = %s\n",
    "fault": f'{BASE}[[faults]]\nname = %s\non = %s\nat = "0s"\nfor = "1s"\nlatency = %s\n',
    "dependency": f'{BASE}[dependencies.%s]\nsimulate = "http"\nlatency = %s\nlog = %s\n',
    "channel": f'{BASE}[channels.hooks]\nwebhook = %s\nkey = %s\nsignature = {{ scheme = "none" }}\n',
    "tls": BASE.replace("[scenarios", "tls = { ca = %s }\n[scenarios"),
    "hosts": BASE.replace("[scenarios", "hosts = { %s = %s }\n[scenarios"),
    "proxy": BASE.replace("[scenarios", "proxy = %s\n[scenarios"),
}


def texts_in_places() -> dict[str, str]:
    """Every text somewhere, and every place with some texts."""
    texts, places = list(TEXTS.items()), list(PLACES.items())
    plans = {}
    for number in range(max(len(texts), len(places)) * 3):
        name, text = texts[number % len(texts)]
        place, plan = places[(number * 5 + number // len(texts)) % len(places)]
        plans[f"{name} as {place}"] = plan.replace("%s", quoted(text))
    return plans


def _nested(opening: str, closing: str, deep: int) -> str:
    return opening * deep + "1" + closing * deep


def _many(line: str, number: int) -> str:
    return "".join(line.replace("#", str(one)) for one in range(number))


#: whole plans, as they are
PLANS = {
    "nothing": "",
    "a mark": "\ufeff",
    "a mark before a plan": "\ufeff" + BASE,
    "two marks": "\ufeff\ufeff" + BASE,
    "nul": "\0",
    "lines end as on Windows": BASE.replace("\n", "\r\n"),
    "lines end as on an old Mac": BASE.replace("\n", "\r"),
    "no line ends": BASE.replace("\n", " "),
    "binary": "\x7fELF\x02\x01\x01\0\0\0",
    "yaml": "schema: 1\nname: &a [*a, *a]\n",
    "json": '{"schema": 1}',
    "deep lists": f"{BASE}[variables]\na = {_nested('[', ']', 50_000)}\n",
    "lists as deep as allowed": f"{BASE}[variables]\na = {_nested('[', ']', 55)}\n",
    "lists a little deeper": f"{BASE}[variables]\na = {_nested('[', ']', 500)}\n",
    "deep tables": f"{BASE}[variables]\na = {_nested('{ a = ', ' }', 20_000)}\n",
    "deep keys": f"{BASE}variables.{'.'.join(['a'] * 20_000)} = 1\n",
    "deep headers": f"{BASE}[{'.'.join(['a'] * 5_000)}]\n",
    "a key twice": BASE + 'name = "again"\n',
    "a table twice": BASE + TARGET,
    "a table that is a value": BASE + "[name]\na = 1\n",
    "a list that is a table": BASE + "[[targets]]\n",
    "a value added to": BASE.replace("[targets.local]", "targets = { local = {} }\n[targets.local]"),
    "many tables": BASE + _many("[variables.v#]\na = 1\n", 12_000),
    "many keys": BASE + "[variables]\n" + _many("v# = 1\n", 15_000),
    "many steps": BASE + _many("[[workflows.visit]]\nname = 's#'\nhttp = 'GET /'\n", 6_000),
    "a thousand steps": BASE + _many("[[workflows.visit]]\nname = 's#'\nhttp = 'GET /'\n", 1_000),
    "many rows": f"{BASE}[benchmarks]\n" + _many("'r#' = 'http_reqs: count > #'\n", 10_000),
    "many stages": BASE.replace('"constant-vus"\nvus = 1\nduration = "1m"', '"ramping-vus"\nstages = [' + _many("{ duration = '1s', target = # },", 9_000) + "]"),
    "many problems": BASE + _many("[[workflows.visit]]\nhtpp = 'GET /'\n", 1_500),
    "many unknown keys": BASE + _many("k# = 1\n", 9_000),
    "many elements": f"{BASE}json = [" + "1," * 120_000 + "]\n",
    "many scenarios": BASE + _many(SCENARIO.replace("main", "s#"), 1_500),
    "many faults": BASE + _many("[[faults]]\nname = 'f#'\non = 'x'\nat = '0s'\nfor = '1s'\ndown = true\n", 1_500),
    "a batch of many": BASE + "[[workflows.visit]]\nbatch = [" + "{ http = 'GET /' }," * 3_000 + "]\n",
    "longer than allowed": BASE + "#" * 2_100_000,
    "a long comment": BASE + "#" * 1_900_000,
    "a long line of spaces": BASE + " " * 500_000,
    "a long text": f"{BASE}body = '{'x' * 1_900_000}'\n",
    "a long text of many lines": f"{BASE}body = '''{'x' * 80 + chr(10)}'''\n" .replace("x\n", "x\n" * 20_000),
    "quotes": f'{BASE}body = """{chr(34) * 2 + "x"}{(chr(34) * 2 + "x") * 100_000}"""\n',
    "backslashes": BASE + "body = " + '"' + "\\\\" * 500_000 + '"\n',
    "many templates": f"{BASE}body = '{'${vu}' * 100_000}'\n",
    "a huge number": BASE.replace("vus = 1", "vus = " + "9" * 4_000),
    "a number of many digits": BASE.replace("vus = 1", "vus = " + "9" * 500_000),
    "a hexadecimal number": BASE.replace("vus = 1", "vus = 0x" + "f" * 100_000),
    "beyond 64 bits": BASE.replace("vus = 1", "vus = 9223372036854775808"),
    "the most of 64 bits": BASE.replace("vus = 1", "vus = 9223372036854775807"),
    "many virtual users": BASE.replace("vus = 1", "vus = 1000000000"),
    "negative virtual users": BASE.replace("vus = 1", "vus = -1"),
    "no virtual users": BASE.replace("vus = 1", "vus = 0"),
    "1e400": BASE.replace("vus = 1", "vus = 1e400"),
    "1e400 as data": f"{BASE}[variables]\na = 1e400\nb = -1e400\n",
    "not a number": f"{BASE}[variables]\na = nan\nb = -nan\nc = [inf, -inf]\n",
    "a date": f"{BASE}[variables]\na = 1979-05-27\nb = 07:32:00\nc = 1979-05-27T07:32:00Z\n",
    "dates everywhere": BASE.replace('"hostile"', "1979-05-27").replace("vus = 1", "vus = 07:32:00"),
    "an impossible date": f"{BASE}[variables]\na = 9999-99-99\n",
    "a negative duration": BASE.replace('"1m"', '"-1m"'),
    "an endless duration": BASE.replace('"1m"', '"99999999999999999999d"'),
    "the longest duration": BASE.replace('"1m"', '"9223372036s"'),
    "a duration of many parts": BASE.replace('"1m"', '"' + "1s" * 30_000 + '"'),
    "a duration of many digits": BASE.replace('"1m"', '"' + "1" * 100_000 + 's"'),
    "a duration with an exponent": BASE.replace('"1m"', '"1e9999s"'),
    "an endless rate": BASE.replace('"constant-vus"\nvus = 1', '"constant-arrival-rate"\nrate = "1e300/1ns"'),
    "a rate of nothing": BASE.replace('"constant-vus"\nvus = 1', '"constant-arrival-rate"\nrate = "0/0s"'),
    "a high rate": BASE.replace('"constant-vus"\nvus = 1', '"constant-arrival-rate"\nrate = "999999999/s"'),
    "endless iterations": BASE.replace('"constant-vus"\nvus = 1\nduration = "1m"', '"shared-iterations"\nvus = 1\niterations = 9000000000000000000'),
    "all kinds of values": "\n".join(f"{key} = {value}" for key in ("schema", "name", "targets", "http", "scenarios", "workflows", "setup", "benchmarks", "faults", "data", "safety") for value in ("[]",)),
    "a workflow that uses itself": BASE + "[[workflows.visit]]\nuse = 'visit'\n",
    "workflows that use each other": BASE + "[[workflows.visit]]\nuse = 'b'\n[[workflows.b]]\nuse = 'c'\n[[workflows.c]]\nuse = 'b'\n",
    "a long chain of uses": BASE + "".join(f"[[workflows.w{n}]]\nuse = 'w{n + 1}'\n" for n in range(450)) + "[[workflows.visit]]\nuse = 'w0'\n",
    "uses that double": BASE + "".join(f"[[workflows.w{n}]]\nuse = 'w{n + 1}'\n" * 2 for n in range(60)) + "[[workflows.w60]]\nhttp = 'GET /'\n[[workflows.visit]]\nuse = 'w0'\n",
    "uses that double in a circle": BASE + "".join(f"[[workflows.w{n}]]\nuse = 'w{(n + 1) % 60}'\n" * 2 for n in range(60)),
    "a use repeated for ever": BASE + "[[workflows.visit]]\nuse = 'b'\nrepeat = 9000000000000000000\n[[workflows.b]]\nthink = '1s'\n",
    "repeats within repeats": BASE + "".join(f"[[workflows.w{n}]]\nuse = 'w{n + 1}'\nrepeat = 1000000\n" for n in range(15)) + "[[workflows.w15]]\nhttp = 'GET /'\n[[workflows.visit]]\nuse = 'w0'\n",
    "a variable that reads itself": f"{BASE}[variables]\na = '${{a}}'\n",
    "variables that read each other": f"{BASE}[variables]\na = '${{b}}'\nb = '${{a}}'\n",
    "variables that double": f"{BASE}[variables]\nv0 = 'xxxxxxxxxx'\n" + "".join(f"v{n} = '${{v{n - 1}}}${{v{n - 1}}}'\n" for n in range(1, 60)),
    "a long chain of variables": f"{BASE}[variables]\nv0 = 'x'\n" + "".join(f"v{n} = '${{v{n - 1}}}'\n" for n in range(1, 900)),
    "a huge mix": BASE.replace('workflow = "visit"', "mix = { visit = 9000000000000000000 }"),
    "a negative mix": BASE.replace('workflow = "visit"', "mix = { visit = -1 }"),
    "endless think": BASE + "[[workflows.visit]]\nthink = 'exponential(99999999999h)'\n",
    "a think of odd shape": BASE + "[[workflows.visit]]\nthink = 'lognormal(p50=1ns, p99=99999999h)'\n",
    "a proxy before itself": f"{BASE}[proxies.a]\nupstream = 'a'\n",
    "proxies in a circle": f"{BASE}[proxies.a]\nupstream = 'dependency:b'\n[proxies.b]\nupstream = 'dependency:a'\n",
    "an endless fault": f"{BASE}[proxies.p]\nupstream = '127.0.0.1:1'\n[[faults]]\nname = 'x'\non = 'p'\nat = '99999999h'\nfor = '99999999h'\nlatency = '99999h'\n",
    "a bandwidth of nothing": f"{BASE}[proxies.p]\nupstream = '127.0.0.1:1'\n[[faults]]\nname = 'x'\non = 'p'\nat = '0s'\nfor = '1s'\nbandwidth = '0.0000001B/s'\n",
    "a size of much": f"{BASE}[http]\nmax_response = '{'9' * 500}GB'\n",
    "redirects without end": f"{BASE}[http]\nredirects = 9223372036854775807\n",
    "a quota of much": f"{BASE}[dependencies.d]\nsimulate = 'email'\nquota = '99999999999999999999/1ns'\n",
    "a script of much": f"{BASE}[channels.c]\nwebhook = '/h'\nkey = 'json.id'\nsignature = {{ scheme = 'none' }}\nanswers = [{{ status = 500, times = 9000000000000000000 }}]\n",
    "subscribers without number": f"{BASE}[channels.c]\nrealtime = 'websocket'\nurl = '/s'\nkey = 'json.id'\nsubscribers = 9000000000000000000\n",
    "a row for ever": f"{BASE}[benchmarks]\n'a' = {{ require = 'http_reqs: count > 1', after = '99999999h', window = '1ns' }}\n",
    "a row of much": f"{BASE}[benchmarks]\n'a' = 'http_req_duration: p{'9' * 5_000} < 1s'\n",
    "a selector of many": f"{BASE}[benchmarks]\n'a' = 'http_reqs{{{','.join(f'a{n}=b' for n in range(5_000))}}}: count > 1'\n",
    "a threshold of much": f"{BASE}[benchmarks]\n'a' = 'http_reqs: count > {'9' * 5_000}'\n",
    "a status of many": BASE + "expected_status = [" + "200," * 9_000 + "]\n",
    "keys with dots and quotes": BASE + "[variables.\"a.b\".'c\"d']\ne = 1\n",
    "an empty key": BASE + '"" = 1\n[""]\n',
    "a run of brackets": "[" * 100_000,
    "a run of tables": "[[" * 100_000,
    "an open string": BASE + 'body = """' + "x" * 100_000,
    "a list that is not closed": BASE + "json = [" + "[" * 900,
}  # fmt: skip


def prepare(folder: Path) -> None:
    """Files beside the plans that are no ordinary files, or hold what is not ordinary."""
    (folder / "rows.csv").write_text("a,b\n1,2\n")
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    (folder / "passwd.csv").symlink_to("/etc/passwd")
    (folder / "zero.csv").symlink_to("/dev/zero")
    (folder / "circle.csv").symlink_to("circle.csv")
    (folder / "up").symlink_to("..", target_is_directory=True)
    (folder / "root").symlink_to("/", target_is_directory=True)
    (folder / "proc.csv").symlink_to("/proc/self/environ")
    with (folder / "huge.csv").open("wb") as huge:
        huge.truncate(1 << 42)
    (folder / "long.csv").write_text("a\n" + "x" * 5_000_000)
    (folder / "quote.csv").write_text('a\n"' + "x" * 1_000_000)
    (folder / "columns.csv").write_text(",".join(f"c{n}" for n in range(20_000)) + "\n")
    (folder / "nul.csv").write_bytes(b"a\n\0\0\n")
    (folder / "wrong.csv").write_bytes(b"a\n\xff\xfe\xc3\x28\n")
    (folder / "escape.csv").write_text("\x1b[2J\x1b]0;x\x07,b\n1\n")
    (folder / "deep.json").write_text('[{"a": ' + "[" * 1_000 + "]" * 1_000 + "}]")
    (folder / "deeper.json").write_text("[" * 100_000)
    (folder / "numbers.json").write_text('[{"a": 1e400, "b": ' + "9" * 5_000 + "}]")
    (folder / "twice.json").write_text('[{"a": 1, "a": 2}]')
    (folder / "deep.jsonl").write_text('{"a": ' + '{"a": ' * 900 + "1" + "}" * 901 + "\n")
    (folder / "odd.txt").write_text("\x1b[2J" + "@" * 100_000 + "\n+1 " * 20_000)


#: files as a plan names them: each is tried as data, as a body and as latencies
NAMES = [
    "pipe.csv", "folder.csv", "passwd.csv", "zero.csv", "circle.csv", "proc.csv", "huge.csv",
    "long.csv", "quote.csv", "columns.csv", "nul.csv", "wrong.csv", "escape.csv", "deep.json",
    "deeper.json", "numbers.json", "twice.json", "deep.jsonl", "odd.txt", "up/plan.toml",
    "root/etc/passwd", "/dev/zero", "/dev/stdin", "/dev/fd/0", "/proc/self/mem", "/proc/kcore",
    "../../../etc/passwd", "/etc/passwd", "~/.ssh/id_rsa", "./././rows.csv", "rows.csv/..",
    "rows.csv/", "no such.csv", "x" * 300 + ".csv", "a/" * 3_000 + "b.csv", "http://a.test/b.csv",
]  # fmt: skip


def plans_with_files() -> dict[str, str]:
    """Every such file, by what names it."""
    plans = {}
    for name in NAMES:
        text = quoted(name)
        short = name[:40]
        plans[f"data from {short}"] = f"{BASE}[data.rows]\nfile = {text}\n"
        plans[f"body from {short}"] = f"{BASE}body_file = {text}\n"
        part = f"{{ file = {text} }}"
        plans[f"upload of {short}"] = f"{BASE}multipart = {{ a = {part} }}\n"
        empirical = quoted(f'empirical("{name}")')
        plans[f"latencies from {short}"] = (
            f'{BASE}[dependencies.d]\nsimulate = "email"\nlatency = {empirical}\n'
        )
        plans[f"secret from {short}"] = f"{BASE}[secrets]\nsecret_file = {{ a = {text} }}\n"
        plans[f"key from {short}"] = BASE.replace(
            "[scenarios", f"tls = {{ cert = {text}, key = {text}, ca = {text} }}\n[scenarios", 1
        )
    return plans
