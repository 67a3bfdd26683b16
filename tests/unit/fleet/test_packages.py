import pytest

from wedload.errors import UsageError
from wedload.fleet import packages
from wedload.fleet.packages import (
    exposition_missing,
    require_exposition,
    require_tracing,
    tracing_missing,
)


def test_what_reads_spans_is_here():
    assert not tracing_missing()
    require_tracing()


def nothing_of_it(_: str) -> None:
    raise ModuleNotFoundError


@pytest.mark.parametrize("find", [lambda _: None, nothing_of_it])
def test_a_missing_package_is_named_with_how_to_install_it(monkeypatch, find):
    monkeypatch.setattr(packages, "find_spec", find)
    assert tracing_missing()
    with pytest.raises(UsageError) as caught:
        require_tracing()
    assert caught.value.hint == "install it with: pip install 'wedload[tracing]'"


def test_what_writes_metrics_is_here():
    assert not exposition_missing()
    require_exposition()


def test_without_it_nobody_can_be_told_and_the_package_is_named(monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    assert exposition_missing()
    with pytest.raises(UsageError) as caught:
        require_exposition()
    assert "prometheus-client" in caught.value.message
    assert caught.value.hint == "install it with: pip install 'wedload[monitoring]'"
