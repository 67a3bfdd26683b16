"""What `check` tells of certificates."""

from __future__ import annotations

from wedload.plan.loader import parse_plan
from wedload.report.explain_certificates import certificate_lines, trust_line

PLAN = """
schema = 1
name = "trusting"
[targets.sure]
base_url = "https://127.0.0.1:9"
[targets.any]
base_url = "https://127.0.0.1:9"
tls = { verify = false }
[channels.hooks]
webhook = "/hooks"
key = "json.id"
signature = { scheme = "none" }
tls = { cert = "cert.pem", key = "key.pem" }
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
http = "GET /"
"""


def test_a_target_that_anybody_could_answer_for_is_told_and_others_are_not(tmp_path):
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    targets = parse_plan(PLAN, file="plan.toml", base=tmp_path).plan.targets

    assert list(trust_line(targets["sure"])) == []
    assert list(trust_line(targets["any"])) == [
        ("certificates of the target are not verified: tls.verify = false", "yellow")
    ]


def test_files_of_a_receiver_that_cannot_be_read_are_told_as_the_plan_calls_them(tmp_path):
    (tmp_path / "cert.pem").touch()
    loaded = parse_plan(PLAN, file=str(tmp_path / "plan.toml"), base=tmp_path)

    assert list(certificate_lines(loaded)) == [
        (
            "a run will refuse the channel hooks: tls: key.pem cannot be read from here",
            "yellow",
        )
    ]
