"""What http steps can do, in a whole run: from the plan to the server and the result."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

SCENARIO = 'executor = "constant-vus"\nvus = 1\nduration = "10s"'
SECRET = "correct-horse-battery"


def test_files_batches_retries_and_credentials_reach_the_server_of_a_placed_name(
    run, server, plan_for, reply, tmp_path
):
    asked = Counter()

    def handle(seen):
        asked[seen.target] += 1
        if seen.target == "/films" and "authorization" not in seen.headers:
            challenge = 'Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256'
            return reply(401, b"", headers={"WWW-Authenticate": challenge})
        if seen.target == "/shaky" and asked["/shaky"] < 3:
            return reply(503)
        return reply(200, b'{"id": 7}')

    server.handle = handle
    (tmp_path / "small.png").write_bytes(b"\x89PNG small")
    film = bytes(range(256)) * 8_000  # 2 MB: streamed
    (tmp_path / "film.bin").write_bytes(film)
    port = server.url.rpartition(":")[2]
    plan = plan_for(
        SCENARIO,
        """
[[workflows.visit]]
name = "send"
http = "POST /films"
auth = { digest = { user = "ann", password = "${env.WEDLOAD_PASSWORD}" } }
multipart = { title = "Our day", photo = { file = "small.png" }, film = { file = "film.bin" } }
capture = { id = "json.id" }
[[workflows.visit]]
name = "raw"
http = "PUT /raw"
body_file = "film.bin"
discard_body = true
[[workflows.visit]]
group = "page"
batch = [
  { name = "one", http = "GET /page/${id}/1", check = ["json.id == 7"] },
  { name = "two", http = "GET /page/${id}/2" },
]
[[workflows.visit]]
name = "shaky"
http = "GET /shaky"
retry = { attempts = 5, base = "1ms", on = [503] }
""",
        '[benchmarks]\n"retried" = "http_retries{step=shaky}: count == 2"\n',
    ).replace(
        f'base_url = "{server.url}"',
        f'base_url = "http://shop.example/"\nhosts = {{ "shop.example" = "127.0.0.1:{port}" }}',
    )

    done = run(plan, "--once", WEDLOAD_PASSWORD=SECRET)

    assert done.code == 0, done.err
    assert {one.headers["host"] for one in server.requests} == {"shop.example"}
    # the challenge, its answer; raw; two of the batch; two that failed, one that did not
    assert done.count("http_reqs") == len(server.requests) == 8
    assert done.step("shaky")["outcomes"] == {"ok": 1, "status": 2}
    assert done.count("http_retries") == 2
    assert done.step("send")["outcomes"] == {"ok": 2}
    assert {done.step(name)["outcomes"]["ok"] for name in ("one", "two", "raw")} == {1}
    assert done.count("data_sent") == server.received_bytes
    raw = next(one for one in server.requests if one.target == "/raw")
    assert hashlib.sha256(raw.body).digest() == hashlib.sha256(film).digest()
    sent = [one for one in server.requests if one.target == "/films"]
    for one in sent:
        boundary = re.search("boundary=(.*)", one.headers["content-type"])[1].encode()
        assert one.body.count(b"--" + boundary) == 4
        assert film in one.body
        assert b"\x89PNG small" in one.body
    assert 'username="ann"' in sent[1].headers["authorization"]
    batched = [one.connection for one in server.requests if one.target.startswith("/page/7/")]
    assert len(set(batched)) == 2
    for text in (done.err, str(done.result), (tmp_path / "r.json").read_text()):
        assert SECRET not in text


def test_connections_of_an_iteration_end_with_it(run, server, plan_for):
    plan = plan_for(
        'executor = "constant-vus"\nvus = 2\nduration = "1s"\npace = "50ms"',
        '[[workflows.visit]]\nname = "a"\nhttp = "GET /a"\n'
        '[[workflows.visit]]\nname = "b"\nhttp = "GET /b"\n'
        '[http]\nconnections = "per-iteration"\n',
    )

    done = run(plan)

    iterations = done.count("iterations")
    assert iterations > 10
    assert done.count("http_req_connecting") == iterations
    requests_of = Counter(one.connection for one in server.requests)
    assert set(requests_of.values()) == {2}
    assert done.count("http_reconnects") == 0  # nobody but us ended them
