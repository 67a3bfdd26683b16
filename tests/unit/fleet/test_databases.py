"""Databases before any load: files that a plan may name, hosts that load may go to, TLS names."""

from __future__ import annotations

import asyncio
import sqlite3
import ssl

import pytest
import trustme

from tests.helpers.plans import SMALLEST
from wedload.errors import PlanError, TargetError, UsageError
from wedload.fleet import packages
from wedload.fleet.databases import reach_databases
from wedload.plan.loader import parse_plan
from wedload.plan.secrets.vault import Vault
from wedload.safety.redactor import KNOWN
from wedload.safety.target_guard import LOOPBACK_ONLY
from wedload.workload.compile_plan import Settings

PASSWORD = "n0body.Guesses-this1"


@pytest.fixture(autouse=True)
def nothing_known():
    yield
    KNOWN.forget()


@pytest.fixture
def reach(tmp_path):
    async def reached(dsn):
        folder = tmp_path / "plans"
        folder.mkdir(exist_ok=True)
        plan = SMALLEST + '[databases.shop]\ndsn = "${env.WEDLOAD_DSN}"\n'
        loaded = parse_plan(plan, file="p.toml", base=folder)
        settings = Settings("sandbox", "", env=Vault({"WEDLOAD_DSN": dsn}))
        target = loaded.plan.targets["sandbox"]
        return await reach_databases(loaded, target, settings, LOOPBACK_ONLY, lambda _: None)

    return reached


async def test_a_file_is_found_beside_the_plan(reach, tmp_path):
    (tmp_path / "plans").mkdir()
    sqlite3.connect(tmp_path / "plans" / "shop.db").close()
    found = await reach("sqlite:///shop.db")
    assert found["shop"].file == str(tmp_path / "plans" / "shop.db")


async def test_a_file_that_is_not_there_is_no_new_database(reach, tmp_path):
    with pytest.raises(PlanError, match=r"p.toml:\d+: databases.shop.dsn: .*cannot be opened"):
        await reach("sqlite:///shop.db")
    assert list((tmp_path / "plans").iterdir()) == []


@pytest.mark.parametrize("dsn", ["sqlite:///../shop.db", "sqlite:////etc/passwd"])
async def test_a_file_elsewhere_is_refused(reach, tmp_path, dsn):
    (tmp_path / "shop.db").touch()
    with pytest.raises(PlanError, match="leads to a file that it may not"):
        await reach(dsn)


async def test_a_file_of_another_kind_is_no_database(reach, tmp_path):
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "shop.db").write_text("not a database, and long enough to be none " * 9)
    with pytest.raises(TargetError, match="file is not a database"):
        await reach("sqlite:///shop.db")


async def test_a_host_that_is_not_declared_is_refused_and_the_password_kept(reach):
    with pytest.raises(UsageError, match="the target does not declare it") as error:
        await reach(f"postgresql://ann:{PASSWORD}@192.0.2.7/shop")
    assert PASSWORD not in str(error.value)
    assert KNOWN(f"because of {PASSWORD}") == "because of [redacted]"


async def test_a_dsn_that_is_none_is_refused_at_its_line_without_its_value(reach):
    with pytest.raises(PlanError, match=r"p.toml:\d+: databases.shop.dsn") as error:
        await reach(f"postgresq://ann:{PASSWORD}@127.0.0.1/shop")
    assert PASSWORD not in str(error.value)


async def test_a_database_that_does_not_answer_is_told_with_what_to_look_at(reach):
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(TargetError, match="cannot be reached") as error:
        await reach(f"postgresql://ann:{PASSWORD}@127.0.0.1:{port}/shop")
    assert error.value.hint == "is it running, and is its dsn right?"


async def test_a_missing_package_is_said_before_anything_is_connected_to(reach, monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="PostgreSQL needs the package asyncpg") as error:
        await reach("postgresql://ann@127.0.0.1/shop")
    assert error.value.hint == "install it with: pip install 'wedload[postgres]'"


# --- TLS --------------------------------------------------------------------------------------


@pytest.fixture
async def speaking_tls(tmp_path):
    """What speaks TLS as PostgreSQL does, and hangs up then; by the name that it can show."""
    authority = trustme.CA()
    (tmp_path / "plans").mkdir()
    authority.cert_pem.write_to_path(tmp_path / "plans" / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    shaken = []

    async def serve(reader, writer):
        await reader.readexactly(8)  # SSLRequest
        writer.write(b"S")
        try:
            await writer.start_tls(context)
            shaken.append(await reader.read(1000))
        except (OSError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], shaken
    server.close()


@pytest.mark.parametrize(
    ("host", "mode", "believed"),
    [
        ("localhost", "verify-full", True),  # although connected to at its address
        ("127.0.0.1", "verify-full", False),
        ("127.0.0.1", "verify-ca", True),
        ("127.0.0.1", "require", True),
    ],
)
async def test_the_name_of_the_url_is_what_a_certificate_must_be_for(
    reach, speaking_tls, host, mode, believed
):
    port, shaken = speaking_tls
    dsn = f"postgresql://ann@{host}:{port}/shop?sslmode={mode}&sslrootcert=ca.pem"
    with pytest.raises(TargetError) as error:
        await reach(dsn)
    assert ("certificate verify failed" in error.value.message) is not believed
    assert bool(shaken and shaken[0]) is believed
