from __future__ import annotations

import pytest

from tests.compared_results import make_result


@pytest.fixture(scope="session")
def result():
    """Makes results."""
    return make_result
