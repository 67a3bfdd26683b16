"""The inside of `tests.helpers.elsewhere`: run in a namespace, told what to do by lines of JSON."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.helpers.elsewhere import METADATA, OTHER, PROVEN, SIX
from tests.helpers.name_server import Names
from tests.helpers.places import WEDLOAD

_DEADLINE_S = 60


class Host(ThreadingHTTPServer):
    """Somebody at an address: counts connections, and answers `{}`, a file, or a redirect.

    A file that begins with `-> ` is a redirect to what follows.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    connections = 0
    files: dict[str, str] = {}  # noqa: RUF012 - one for all
    requests: list[str] = []  # noqa: RUF012 - one for all

    def __init__(self, address: str, port: int = 80) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the client is gone


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet a response

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.scheme:
            self._pass_on(parts.hostname or "", parts.port or 80, parts.path)
            return
        Host.requests.append(f"{self.headers['Host']} {parts.path}")
        text = Host.files.get(parts.path, "{}")
        (to,) = parse_qs(parts.query).get("to", [text.partition("-> ")[2]])
        self.send_response(302 if to else 200)
        if to:
            self.send_header("Location", to)
        self._end(text.encode())

    def _pass_on(self, host: str, port: int, path: str) -> None:
        """Be a forward proxy."""
        onward = http.client.HTTPConnection(host, port, timeout=10)
        onward.request("GET", path, headers={"Host": self.headers["Host"]})
        answer = onward.getresponse()
        self.send_response(answer.status)
        self._end(answer.read())
        onward.close()

    def _end(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def main(folder: Path) -> None:
    """Make it, and do as told until nobody is there any more."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (PROVEN, OTHER, METADATA, SIX):
        own = "128" if ":" in address else "32"
        more = ["nodad"] if ":" in address else []
        subprocess.run(["ip", "addr", "add", f"{address}/{own}", "dev", "lo", *more], check=True)
    files = {
        "resolv.conf": "nameserver 127.0.0.1\n",
        "nsswitch.conf": "hosts: files dns\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        if not Path("/etc", name).exists():
            continue
        subprocess.run(["mount", "--bind", str(folder / name), f"/etc/{name}"], check=True)
    names = Names()
    hosts = {address: Host(address) for address in (PROVEN, OTHER, METADATA, SIX)}
    Host("127.0.0.1", 3128)
    here = Host("127.0.0.1")
    _tell("ready")
    for line in sys.stdin:
        told = json.loads(line)
        if told["do"] == "begin":
            names.answers, names.asked = told["names"], []
            Host.files, Host.requests = told["files"], []
            for host in (*hosts.values(), here):
                host.connections = 0
        _tell(
            {
                "begin": lambda: None,
                "run": lambda told=told: _run(folder, told["arguments"], told["env"]),
                "connections": lambda: {
                    **{address: host.connections for address, host in hosts.items()},
                    "127.0.0.1": here.connections,
                },
                "asked": lambda: names.asked,
                "requests": lambda: Host.requests,
            }[told["do"]]()
        )


def _run(folder: Path, arguments: list[str], env: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [str(WEDLOAD), *arguments], cwd=folder, env={**os.environ, **env},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_DEADLINE_S, check=False,
    )  # fmt: skip
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def _tell(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
