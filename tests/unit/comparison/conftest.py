from __future__ import annotations

import pytest

from tests.helpers.compared_results import sided


@pytest.fixture(scope="session")
def side():
    """Makes sides."""
    return sided
