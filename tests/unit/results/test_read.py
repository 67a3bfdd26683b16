"""Which files of a folder can be results."""

from __future__ import annotations

import os

from wedload.results.read import json_files


def test_only_files_are_looked_at_in_a_folder(tmp_path):
    (tmp_path / "a" / "folder.json").mkdir(parents=True)
    (tmp_path / "a" / "folder.json" / "in.json").write_text("{}")
    (tmp_path / "b.json").write_text("{}")
    os.mkfifo(tmp_path / "pipe.json")  # whoever opens it waits for ever

    names = [str(one.relative_to(tmp_path)) for one in json_files(tmp_path)]

    assert names == ["a/folder.json/in.json", "b.json"]
