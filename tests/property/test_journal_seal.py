"""What is sealed is had back as it was, and holds no secret in any form."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

import orjson
from hypothesis import given
from hypothesis import strategies as st

from wedload.safety.journal.seal import Sealer, UntoldError
from wedload.safety.journal.unseal import Unsealer
from wedload.workload.request import Origin, Request

secrets = st.dictionaries(
    st.tuples(st.sampled_from(["env", "file"]), st.text("ABC_", min_size=1)),
    st.text(min_size=4, max_size=12) | st.text("ab/+ é\"", min_size=4, max_size=8),
    max_size=3,
)  # fmt: skip


@st.composite
def texts(draw, known):
    """Bytes with some of the secrets in them, in some form."""
    alphabet = st.binary(max_size=12)
    forms = [
        str.encode,
        lambda value: quote(value, safe="").encode(),
        lambda value: quote(value, safe="").lower().encode(),
        lambda value: quote_plus(value).encode(),
        lambda value: json.dumps(value)[1:-1].encode(),
        lambda value: orjson.dumps(value)[1:-1],
        lambda value: b64encode(value.encode()),
    ]
    values = [value for value in known.values() if value.isprintable() or value.isascii()]
    hidden = st.sampled_from(values).flatmap(
        lambda value: st.sampled_from(forms).map(lambda form: form(value))
    )
    pieces = alphabet | hidden if values else alphabet
    return b"".join(draw(st.lists(pieces, max_size=5)))


@st.composite
def cases(draw):
    known = draw(secrets)
    lines = st.builds(
        lambda name, value: name.encode() + b": " + value.replace(b"\r\n", b" ") + b"\r\n",
        st.sampled_from(["Accept", "X-Note", "Authorization", "X-Api-Key"]),
        texts(known),
    )
    origins = st.builds(
        Origin,
        st.sampled_from(["http", "https"]),
        st.sampled_from(["127.0.0.1", "::1", "forms.example"]),
        st.integers(1, 65535),
    )
    request = Request(
        draw(origins),
        draw(st.sampled_from(["DELETE", "POST"])),
        b"/" + draw(texts(known)),
        b"".join(draw(st.lists(lines, max_size=3))),
        draw(st.none() | texts(known)),
    )
    return known, request


def contents(sealed):
    """Every text that stands in what is sealed; bytes as they are."""
    if isinstance(sealed, str):
        yield sealed.encode()
    elif isinstance(sealed, list):
        for part in sealed:
            yield from contents(part)
    elif not sealed.keys() & {"env", "file"}:
        for value in sealed.values():
            yield from contents(value)


@given(cases())
def test_a_request_is_had_back_or_is_not_told(case):
    known, request = case
    try:
        sealed = Sealer(known).request(request)
    except UntoldError:
        return
    again = orjson.loads(orjson.dumps(sealed))
    found = Unsealer(known).request(again, again["at"])

    assert (found.origin, found.method, found.target) == (
        request.origin, request.method, request.target
    )  # fmt: skip
    assert (found.headers, found.body) == (request.headers, request.body)
    forms = Sealer(known).forms
    for text in contents([sealed["at"], sealed["head"], sealed.get("body", "")]):
        assert not [form for form in forms if form in text]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(secrets, json_values)
def test_a_variable_is_had_back_or_is_not_told(known, value):
    try:
        sealed = Sealer(known).value("venue", value)
    except UntoldError:
        return
    found = Unsealer(known).value(orjson.loads(orjson.dumps(sealed)))

    assert found == value
    assert type(found) is type(value)
