"""HTTP/2 end to end: a plan, the command line, load processes, and nginx."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest
import trustme

DEADLINE_S = 30
PLAN = """\
schema = 1
name = "over HTTP/2"
[targets.nginx]
base_url = "https://localhost:{port}"
tls = {{ ca = "{ca}" }}
hosts = {{ localhost = "127.0.0.1" }}
http = "{http}"
[scenarios.main]
executor = "per-vu-iterations"
vus = 3
iterations = 20
workflow = "visit"
[[workflows.visit]]
name = "page"
http = "GET /page"
check = ["status == 200", "text == 'a page'", "headers['x-version'] == '{version}'"]
[[workflows.visit]]
name = "upload"
http = "POST /page"
body = "what nginx does not take"
expected_status = [405]
[[workflows.visit]]
batch = [
  {{ name = "one", http = "GET /page?1", check = ["status == 200"] }},
  {{ name = "two", http = "GET /page?2" }},
  {{ name = "three", http = "GET /missing", expected_status = [404] }},
]
[benchmarks]
"Nothing fails" = "http_req_failed: rate < 0.1%"
"All checks hold" = "checks: rate > 99.9%"
"""
CONFIGURATION = """\
daemon off;
{user}
worker_processes 1;
error_log {folder}/error.log crit;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  log_format seen '$server_protocol $connection $request_uri';
  access_log {folder}/access.log seen;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl{http2};
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    root {folder}/www;
    add_header X-Version $server_protocol;
  }}
}}
"""


class Nginx:
    """A real server, in a folder of its own."""

    def __init__(self, folder, *, http2: bool) -> None:
        found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        assert found is not None, "nginx is not installed: apt-get install nginx-light"
        self.folder = folder
        (folder / "www").mkdir(parents=True)
        (folder / "www" / "page").write_text("a page")
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        certificate.private_key_pem.write_to_path(str(folder / "server.key"))
        certificate.cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        configuration = CONFIGURATION.format(
            folder=folder,
            port=self.port,
            http2=" http2" if http2 else "",
            user="user root;" if os.geteuid() == 0 else "",  # pytest's folders are its own alone
        )
        (folder / "nginx.conf").write_text(configuration)
        self.process = subprocess.Popen(
            [found, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"],
        )
        deadline = time.monotonic() + DEADLINE_S
        while True:
            with (
                suppress(ConnectionRefusedError),
                socket.create_connection(("127.0.0.1", self.port)),
            ):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"nginx does not start: {(folder / 'error.log').read_text()}")
            time.sleep(0.02)

    def seen(self) -> list[tuple[str, str, str]]:
        """Each request: version, connection, target."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [tuple(line.split(" ")) for line in lines]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(DEADLINE_S)


@pytest.fixture
def nginx(tmp_path):
    started = []

    def start(*, http2: bool) -> Nginx:
        started.append(Nginx(tmp_path / "nginx", http2=http2))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def run(wedload, server, http, version):
    shutil.copy(server.folder / "ca.pem", wedload.folder)  # as plans name what lies beside them
    text = PLAN.format(port=server.port, ca="ca.pem", http=http, version=version)
    return wedload("run", wedload.plan(text), "--output", "-")


@pytest.mark.parametrize(
    ("http", "http2", "version", "connections"),
    [
        ("2", True, "HTTP/2.0", [3]),
        ("auto", True, "HTTP/2.0", [3]),
        # each user's own, and at most three more at the same time
        ("auto", False, "HTTP/1.1", range(3, 10)),
        ("1.1", True, "HTTP/1.1", range(3, 13)),
    ],
)
def test_a_plan_is_driven_over_the_version_that_it_asks_for(
    wedload, nginx, http, http2, version, connections
):
    server = nginx(http2=http2)
    done = run(wedload, server, http, version)
    assert done.code == 0, done.err
    result = done.result
    assert result["verdict"] == "pass"
    assert result["metrics"]["http_reqs"]["count"] == 3 * 20 * 5
    seen = server.seen()
    assert len(seen) == 3 * 20 * 5
    assert {one[0] for one in seen} == {version}
    assert len({one[1] for one in seen}) in connections


def test_a_server_without_http2_is_said_to_have_none(wedload, nginx):
    server = nginx(http2=False)
    done = run(wedload, server, "2", "HTTP/2.0")
    assert done.code == 1
    said = {failure["message"].partition(": ")[2] for failure in done.result["failures"]}
    where = f"https://localhost:{server.port}"
    assert said == {f"{where}: no HTTP/2: h2 was offered by ALPN, and it agreed to nothing"}
    assert server.seen() == []


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("http", ["2", "auto"])
def test_without_the_package_a_plan_that_asks_for_http2_is_refused(wedload, command, http):
    plan = wedload.plan(PLAN.format(port=9, ca="ca.pem", http=http, version=""))
    # a Python in which ngh2 cannot be found, and nothing else is different
    hide = (
        "import sys, importlib.machinery as m\n"
        "find = m.PathFinder.find_spec\n"
        "m.PathFinder.find_spec = lambda name, *a: None if name == 'ngh2' else find(name, *a)\n"
        f"sys.argv = ['wedload', {command!r}, {str(plan)!r}]\n"
        "from wedload.cli import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide],
        cwd=wedload.folder,
        env=wedload.environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 2
    assert f'target nginx: http = "{http}" needs the package ngh2' in done.stderr
    assert "pip install 'wedload[http2]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_http3_is_not_driven_yet_and_the_sandbox_has_no_http2(wedload):
    plan = wedload.plan(PLAN.format(port=9, ca="ca.pem", http="3", version=""))
    done = wedload("check", plan)
    assert done.code == 2
    assert 'http = "3" is part of the plan format but not driven' in done.err
    text = plan.read_text().replace('base_url = "https://localhost:9"', "sandbox = true")
    done = wedload("check", wedload.plan(text.replace('http = "3"', 'http = "2"')))
    assert done.code == 2
    assert "the sandbox speaks HTTP/1.1" in done.err
