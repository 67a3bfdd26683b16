"""Databases that can be asked beside the server, and who sends requests of a test run."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest

from tests.helpers.third_parties import playing


class File:
    """An SQLite file, asked beside the server that uses it."""

    def __init__(self, path):
        self.args = ("--dsn", f"sqlite:///{path}")
        self._path = path

    async def rows(self, sql):
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        try:
            return [tuple(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    async def tables(self):
        found = await self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        # but for what SQLite itself makes, and keeps its index of texts in
        return {row[0] for row in found if not row[0].startswith(("sqlite_", "supplier_text"))}


class Postgres:
    """A PostgreSQL database, asked beside the server that uses it."""

    def __init__(self, dsn):
        self.args = ("--dsn", dsn)
        self._dsn = dsn

    async def rows(self, sql):
        settings = {"search_path": "wedload_sandbox"}
        connection = await asyncpg.connect(self._dsn, server_settings=settings)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def tables(self):
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'wedload_sandbox'"
        return {row[0] for row in await self.rows(sql)}


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request, tmp_path):
    """A fresh database, for a server and for statements beside it."""
    if request.param == "sqlite":
        return File(tmp_path / "sandbox.db")
    return Postgres(request.getfixturevalue("cluster").new_database())


@pytest.fixture
async def provider():
    async with playing() as provider:
        yield provider


@pytest.fixture
def providers(provider):
    """What has a server ask it."""
    return ("--calendar-url", provider.url, "--email-url", provider.url)
