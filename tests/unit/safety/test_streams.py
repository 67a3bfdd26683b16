"""Standard streams show no secret, whoever writes to them."""

from __future__ import annotations

import sys
import traceback

import pytest

from tests.helpers.credentials import SECRET
from wedload.plan.secrets.vault import MASK
from wedload.safety.streams import redacted_streams

pytestmark = pytest.mark.usefixtures("known")


def test_what_is_printed_is_redacted(capsys):
    with redacted_streams():
        sys.stdout.write(f"out {SECRET}\n")
        sys.stderr.write(f"err {SECRET}\n")
        sys.stderr.writelines(["a ", f"{SECRET}\n"])
        traceback.print_exception(ValueError(SECRET))

    out, err = capsys.readouterr()
    assert out == f"out {MASK}\n"
    assert err.startswith(f"err {MASK}\na {MASK}\nValueError")
    assert f"ValueError: {MASK}" in err


def test_streams_are_what_they_were_afterwards_and_meanwhile_in_all_else():
    before = sys.stdout, sys.stderr

    def fail() -> None:
        with redacted_streams():
            assert sys.stdout.isatty() == before[0].isatty()
            assert sys.stderr.encoding == before[1].encoding
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (sys.stdout, sys.stderr) == before


def test_as_much_as_was_asked_for_counts_as_written(capsys):
    with redacted_streams():
        assert sys.stdout.write(f"{SECRET}\n") == len(SECRET) + 1
    capsys.readouterr()
