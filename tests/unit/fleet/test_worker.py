"""What a load process imports."""

from __future__ import annotations

import subprocess
import sys


def test_a_load_process_imports_aiohttp_only_for_a_plan_that_asks_for_it():
    code = "import sys, wedload.fleet.worker; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"False\n"
