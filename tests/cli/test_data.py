"""Whose data is not sent, and which files a plan may name, as a user sees it."""

from __future__ import annotations

import json

REASON = "our own mailbox, which nobody reads"
BODY = 'http = "POST /look"\nbody_file = "note.txt"'


def test_a_real_address_is_refused_before_anything_is_sent_and_passes_with_a_reason(
    wedload, server, small_text
):
    text = small_text.replace("{url}", server.url).replace('http = "GET /look"', BODY)
    (wedload.folder / "note.txt").write_text("one\nanna@gmail.com\n")
    plan = wedload.plan(text)

    refused = wedload("run", plan)

    assert refused.code == 2
    assert 'note.txt:2: "an…@gmail.com" may be the e-mail address of somebody' in refused.err
    assert "anna@" not in refused.err + refused.out
    assert server.requests == []

    plan = wedload.plan(f'{text}[safety.accept]\n"note.txt" = "{REASON}"\n')
    checked, done = wedload("check", plan), wedload("run", plan, "-o", "r.json")

    told = f"accepted: note.txt (1 value): {REASON}"
    assert checked.code == 0, checked.err
    assert told in checked.out
    assert done.code == 0, done.err
    assert told in done.err.partition("verdict: PASS")[2]
    assert done.result["run"]["accepted_data"] == [
        {"what": "note.txt", "kind": "data file", "count": 1, "reason": REASON}
    ]
    again = wedload("report", "r.json", "-o", "r.html", "--markdown", "r.md")
    assert again.code == 0, again.err
    assert REASON in (wedload.folder / "r.html").read_text()
    assert REASON in (wedload.folder / "r.md").read_text()


def test_a_file_elsewhere_is_refused_and_can_be_allowed_by_option_or_environment(
    wedload, server, small_text, tmp_path
):
    text = small_text.replace("{url}", server.url).replace('http = "GET /look"', BODY)
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    (elsewhere / "note.txt").write_text("x")
    plan = wedload.plan(text.replace("note.txt", str(elsewhere / "note.txt")))

    refused = wedload("check", plan)
    by_option = wedload("check", plan, "--allow-files", elsewhere)
    by_environment = wedload("check", plan, env={"WEDLOAD_ALLOW_FILES": f"/usr:{elsewhere}"})
    mistaken = wedload("check", plan, "--allow-files", elsewhere / "no such")

    assert refused.code == 2
    assert f"{plan}:15: workflows.visit[0].body_file:" in refused.err
    assert "lies outside of the plan's folder" in refused.err
    assert f"--allow-files {elsewhere}" in refused.err
    assert by_option.code == by_environment.code == 0, by_option.err + by_environment.err
    assert mistaken.code == 2


def test_what_is_no_text_is_named_by_check(wedload, small_text):
    text = small_text.replace("{url}", "http://127.0.0.1:9").replace('http = "GET /look"', BODY)
    (wedload.folder / "note.txt").write_bytes(b"\x89PNG\0\0")

    done = wedload("check", wedload.plan(text))

    assert done.code == 0, done.err
    assert "not looked into for personal data: note.txt (not a text)" in done.out


def test_simulate_refuses_the_same(wedload, small_text):
    text = small_text.replace("{url}", "http://127.0.0.1:9") + (
        '[dependencies.mail]\nsimulate = "email"\nlatency = \'empirical("/etc/hosts")\'\n'
    )

    done = wedload("simulate", wedload.plan(text))

    assert done.code == 2
    assert "lies outside of the plan's folder" in done.err
    assert json.dumps("127.0.0.1") not in done.out
