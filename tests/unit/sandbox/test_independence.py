"""The `sandbox` shares no code with what measures it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import wedload.sandbox
from wedload.sandbox.ids import is_id, new_id
from wedload.sandbox.options import signin_keys

HOUSE = Path(wedload.sandbox.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))


def test_no_file_imports_another_part_of_wedload():
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= len(file.relative_to(HOUSE).parts), file
                assert not (node.module or "").startswith("wedload"), file
            elif isinstance(node, ast.Import):
                assert not any(name.name.startswith("wedload") for name in node.names), file


def test_what_only_some_need_is_not_loaded_for_all():
    heavy = {"asyncpg", "opentelemetry", "requests"}
    program = f"import sys, wedload.sandbox.server; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_ids_are_distinct_ordered_by_time_and_recognised():
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [i[:13] for i in ids] == sorted(i[:13] for i in ids)
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-.{12}", i)
        for i in ids
    )
    assert all(map(is_id, ids))
    assert not is_id(ids[0].upper() + "x")


def test_keys_do_not_show_in_a_representation():
    keys, exports = signin_keys({"WEDLOAD_SUPPLIER_KEY": "hush", "WEDLOAD_COUPLE_KEY": "quiet"})
    assert exports == []
    assert "hush" not in repr(keys)
    assert "quiet" not in repr(keys)
