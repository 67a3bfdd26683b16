"""What a load process imports."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("package", ["aiohttp", "picows"])
def test_a_load_process_imports_only_for_a_plan_that_asks_for_it(package):
    code = f"import sys, wedload.fleet.worker; print('{package}' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"False\n"


@pytest.mark.parametrize("package", ["phonenumbers", "wedload.plan.personal_data.scan"])
def test_a_load_process_does_not_know_whose_data_is_looked_for(package):
    test_a_load_process_imports_only_for_a_plan_that_asks_for_it(package)
