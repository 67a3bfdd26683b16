"""Bodies with files: what is sent, as a parser of somebody else reads it."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest

from wedload.workload.request import FileContent, StreamedBody

LARGE = 1_000_001


@pytest.fixture
def files(tmp_path):
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n--wedload\x00")
    (tmp_path / "film.bin").write_bytes(b"f" * LARGE)


def content_type(request) -> bytes:
    return re.search(rb"Content-Type: (.*)\r\n", request.headers)[1]


def parsed(request, body: bytes):
    """The parts of a multipart body: (name, file name, media type, content)."""
    head = b"Content-Type: %b\r\n\r\n" % content_type(request)
    message = message_from_bytes(head + body, policy=policy.HTTP)
    assert message.is_multipart()
    assert not message.defects
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


def test_fields_and_files_are_parts_in_the_order_of_the_plan(step, scope, files):
    call = step(
        'http = "POST /x"\nlet = { who = "" }\n'
        'multipart = { title = "Dear ${who}", n = 5, photo = { file = "photo.png", '
        'type = "image/png", name = "${who}.png" }, more = ["a", { file = "photo.png" }] }'
    )
    request = call.request.render(scope(who="Zoë"))
    assert parsed(request, request.body) == [
        ("title", None, "text/plain", "Dear Zoë".encode()),
        ("n", None, "text/plain", b"5"),
        ("photo", "Zoë.png", "image/png", b"\x89PNG\r\n--wedload\x00"),
        ("more", None, "text/plain", b"a"),
        ("more", "photo.png", "application/octet-stream", b"\x89PNG\r\n--wedload\x00"),
    ]


def test_a_multipart_body_in_which_nothing_varies_is_bytes(step, files):
    call = step('http = "POST /x"\nmultipart = { a = "b", photo = { file = "photo.png" } }')
    assert type(call.request.body) is bytes


def test_names_cannot_break_out_of_their_quotes(step, scope, files):
    call = step(
        'http = "POST /x"\nlet = { n = "" }\n'
        """multipart = { 'a"; b' = "x", photo = { file = "photo.png", name = "${n}" } }"""
    )
    request = call.request.render(scope(n='q"\r\nX-Evil: 1'))
    assert b'name="a%22; b"' in request.body
    assert b'filename="q%22%0D%0AX-Evil: 1"' in request.body


def test_a_small_file_as_body_is_bytes_and_has_a_type_unless_the_step_names_one(step, scope, files):
    call = step('http = "PUT /x"\nbody_file = "photo.png"')
    assert call.request.body == b"\x89PNG\r\n--wedload\x00"
    assert content_type(call.request.render(scope())) == b"application/octet-stream"
    call = step(
        'http = "PUT /x"\nbody_file = "photo.png"\nheaders = { content-type = "image/png" }'
    )
    assert b"image/png" in call.request.render(scope()).headers
    assert b"octet-stream" not in call.request.render(scope()).headers


def test_a_large_file_is_streamed_and_its_length_is_known(step, scope, files, tmp_path):
    film = FileContent(str(tmp_path / "film.bin"), LARGE)
    request = step('http = "PUT /x"\nbody_file = "film.bin"').request.render(scope())
    assert [part for part in request.body.parts if part] == [film]
    assert request.encode().endswith(b"Content-Length: %d\r\n\r\n" % LARGE)


def test_a_multipart_body_with_a_large_file_is_streamed_around_it(step, scope, files, tmp_path):
    call = step(
        'http = "POST /x"\nlet = { who = "" }\n'
        'multipart = { film = { file = "film.bin" }, to = "${who}" }'
    )
    request = call.request.render(scope(who="Ann"))
    assert isinstance(request.body, StreamedBody)
    before, film, after = request.body.parts
    assert film == FileContent(str(tmp_path / "film.bin"), LARGE)
    body = before + b"f" * LARGE + after
    assert len(body) == request.body.length
    assert [part[0::3] for part in parsed(request, body)] == [
        ("film", b"f" * LARGE),
        ("to", b"Ann"),
    ]
