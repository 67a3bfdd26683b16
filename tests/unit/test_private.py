"""Folders of run data are their owner's alone."""

from __future__ import annotations

import pytest

from wedload.private import make_private


def test_folders_that_are_missing_are_made_for_their_owner_and_others_stay(tmp_path):
    (tmp_path / "there").mkdir(mode=0o755)

    make_private(tmp_path / "there" / "a" / "b")
    make_private(tmp_path / "there")

    modes = [(tmp_path / "there" / one).stat().st_mode & 0o777 for one in ("", "a", "a/b")]
    assert modes == [0o755, 0o700, 0o700]


def test_what_stands_in_the_place_of_a_folder_is_an_error(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="exists"):
        make_private(tmp_path / "file")
