"""Runs whose alerts are silenced and told, with a real Alertmanager."""

from __future__ import annotations

import pytest

from tests.helpers.alertmanagers import alertmanager_in
from tests.helpers.servers import Server


@pytest.fixture
def alertmanager(tmp_path):
    folder = tmp_path / "alertmanager-of-the-test"
    folder.mkdir()
    with alertmanager_in(folder) as found:
        yield found


@pytest.fixture
def target():
    server = Server()
    yield server
    server.close()
