"""Content codings whose packages are not there: neither offered nor decoded, and said so."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib

import pytest

from wedload.protocols.http.decoding import ACCEPT_ENCODING, decode_body


def without(code: str, *packages: str) -> str:
    """What some code prints in a process where these packages cannot be imported."""
    hidden = "".join(f"sys.modules[{name!r}] = None\n" for name in packages)
    text = f"import sys\n{hidden}from wedload.protocols.http import decoding\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_all_codings_are_offered_where_their_packages_are_installed():
    assert ACCEPT_ENCODING == "gzip, deflate, br, zstd"


def test_a_coding_whose_package_is_missing_is_not_offered():
    print_it = "print(decoding.ACCEPT_ENCODING)"
    assert without(print_it, "brotli") == "gzip, deflate, zstd"
    zstd = ("compression.zstd", "backports.zstd")
    assert without(print_it, "brotli", *zstd) == "gzip, deflate"


def test_a_body_in_a_coding_whose_package_is_missing_says_what_to_install():
    code = """
try:
    decoding.decode_body(b"x", b"br", 100)
except ValueError as error:
    print(error)
"""
    assert without(code, "brotli") == (
        "unknown Content-Encoding 'br'; it needs the package brotli: "
        "pip install 'wedload[compression]'"
    )


def test_a_coding_that_nobody_knows_needs_no_package():
    with pytest.raises(ValueError, match=r"^unknown Content-Encoding 'compress'$"):
        decode_body(b"x", b"compress", 100)


def test_members_without_end_are_no_body():
    """Each is 20 bytes that decode to nothing, and costs a copy of all that follow."""
    empty = gzip.compress(b"")

    assert decode_body(empty * 1_000, b"gzip", 100) == b""
    with pytest.raises(ValueError, match="more than 1,000 members"):
        decode_body(empty * 200_000, b"gzip", 100)


def test_frames_without_end_are_no_body():
    zstd = pytest.importorskip("backports.zstd")
    empty = zstd.compress(b"")

    assert decode_body(empty * 1_000, b"zstd", 100) == b""
    with pytest.raises(ValueError, match="more than 1,000 frames"):
        decode_body(empty * 200_000, b"zstd", 100)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_small_body_that_decodes_to_a_large_one_is_stopped_at_the_limit(coding):
    zeros = bytes(50_000_000)
    small = {
        "gzip": gzip.compress, "deflate": zlib.compress,
        "br": lambda data: pytest.importorskip("brotli").compress(data, quality=1),
        "zstd": lambda data: pytest.importorskip("backports.zstd").compress(data),
    }[coding](zeros)  # fmt: skip
    assert len(small) < 100_000

    with pytest.raises(OverflowError, match="more than 1,000 bytes"):
        decode_body(small, coding.encode(), 1_000)
