"""Certificates and keys of a plan lie beside it, wherever wedload is started."""

from __future__ import annotations

import os

import pytest

PLACES = {
    "ca": ("targets.sandbox.tls.ca", 'tls = { ca = "FILE" }'),
    "cert": ("targets.sandbox.tls.cert", 'tls = { cert = "FILE", key = "b.key" }'),
    "key": ("targets.sandbox.tls.key", 'tls = { cert = "a.pem", key = "FILE" }'),
}
HOOK = """
[channels.hooks]
webhook = "/hooks"
key = "json.id"
signature = { scheme = "none" }
tls = { cert = "FILE", key = "b.key" }
"""


@pytest.mark.parametrize("part", PLACES)
def test_a_file_of_tls_outside_of_the_folder_is_refused_where_the_plan_names_it(
    problems, valid, part
):
    path, tls = PLACES[part]
    text = valid.replace("sandbox = true", f"sandbox = true\n{tls.replace('FILE', '/etc/a.pem')}")

    (problem,) = problems(text)

    assert problem.startswith(
        f'plan.toml:5: {path}: "/etc/a.pem" lies outside of the plan\'s folder'
    )


def test_a_receivers_file_is_refused_likewise_and_a_pipe_too(problems, valid, tmp_path):
    os.mkfifo(tmp_path / "pipe.pem")
    (outside,) = problems(valid + HOOK.replace("FILE", "../a.pem"))
    (pipe,) = problems(valid + HOOK.replace("FILE", "pipe.pem"))

    assert 'channels.hooks.tls.cert: "../a.pem" lies outside' in outside
    assert 'channels.hooks.tls.cert: "pipe.pem" is a pipe' in pipe


def test_they_are_told_by_where_they_are(load, valid, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    text = valid.replace("sandbox = true", 'sandbox = true\ntls = { ca = "ca.pem" }')

    plan = load(text + HOOK.replace("FILE", "below/a.pem")).plan

    assert plan.targets["sandbox"].tls.ca == str(tmp_path / "ca.pem")
    assert plan.targets["sandbox"].tls.cert is None
    assert plan.channels["hooks"].tls.cert == str(tmp_path / "below" / "a.pem")
