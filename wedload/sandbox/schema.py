"""The tables and their indexes, written once for both databases. Knows no rows.

Four parts: the *workflow* tables that requests write, what concerns *third parties*, the queue of
*webhooks*, and the *catalogue* that searches read. All but the last know *runs*.
Indexes on the catalogue come apart from its tables: they are built after the bulk insert, which
is several times faster than keeping them up to date during it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .dialect import Dialect

# Raised when the tables or the generated catalogue change: an older database is then refused.
VERSION = "4"

META = "CREATE TABLE IF NOT EXISTS sandbox_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)"

# A couple's id is no foreign key: the index that deleting an account would then need costs a third
# of an insert, and only a sweep deletes accounts.
_WORKFLOW = (
    """CREATE TABLE IF NOT EXISTS accounts (
        id TEXT PRIMARY KEY, role TEXT NOT NULL, email TEXT NOT NULL,
        created_ms {bigint} NOT NULL, run_id TEXT, UNIQUE (role, email)) {clustered}""",
    """CREATE TABLE IF NOT EXISTS forms (
        id TEXT PRIMARY KEY,
        supplier_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        title TEXT NOT NULL, fields TEXT NOT NULL, submissions {bigint} NOT NULL DEFAULT 0,
        created_ms {bigint} NOT NULL, run_id TEXT) {clustered}""",
    "CREATE INDEX IF NOT EXISTS forms_of_supplier ON forms (supplier_id, created_ms)",
    """CREATE TABLE IF NOT EXISTS connections (
        id TEXT NOT NULL, form_id TEXT NOT NULL REFERENCES forms (id) ON DELETE CASCADE,
        couple_id TEXT NOT NULL, supplier_id TEXT NOT NULL,
        wedding_date TEXT NOT NULL, venue TEXT NOT NULL,
        created_ms {bigint} NOT NULL, run_id TEXT, PRIMARY KEY (form_id, couple_id)) {clustered}""",
    "CREATE INDEX IF NOT EXISTS connections_of_supplier ON connections (supplier_id, created_ms)",
    """CREATE TABLE IF NOT EXISTS submissions (
        id TEXT PRIMARY KEY, form_id TEXT NOT NULL REFERENCES forms (id) ON DELETE CASCADE,
        couple_id TEXT NOT NULL, supplier_id TEXT NOT NULL,
        responses TEXT NOT NULL, created_ms {bigint} NOT NULL,
        cancelled_ms {bigint}, run_id TEXT) {clustered}""",
    "CREATE INDEX IF NOT EXISTS submissions_of_form ON submissions (form_id)",
    """CREATE INDEX IF NOT EXISTS submissions_of_supplier
        ON submissions (supplier_id, created_ms, cancelled_ms)""",
    """CREATE TABLE IF NOT EXISTS journeys (
        submission_id TEXT PRIMARY KEY REFERENCES submissions (id) ON DELETE CASCADE,
        state TEXT NOT NULL, started_ms {bigint}) {clustered}""",
    """CREATE TABLE IF NOT EXISTS journey_steps (
        submission_id TEXT NOT NULL REFERENCES journeys (submission_id) ON DELETE CASCADE,
        position INTEGER NOT NULL, name TEXT NOT NULL, due_ms {bigint} NOT NULL,
        PRIMARY KEY (submission_id, position)) {clustered}""",
)

# A booking goes with its submission, so it refers to it; appointments and messages are also in a
# calendar or in somebody's mail, and outlive what they were made for.
_THIRD_PARTIES = (
    """CREATE TABLE IF NOT EXISTS appointments (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, owner_id TEXT, kind TEXT NOT NULL,
        supplier_id TEXT NOT NULL, couple_id TEXT NOT NULL, event_type TEXT NOT NULL,
        starts_at TEXT NOT NULL, event_id TEXT, link TEXT NOT NULL,
        created_ms {bigint} NOT NULL, run_id TEXT) {clustered}""",
    "CREATE INDEX IF NOT EXISTS appointments_of_owner ON appointments (owner_id)",
    "CREATE INDEX IF NOT EXISTS appointments_of_event ON appointments (event_id)",
    """CREATE TABLE IF NOT EXISTS communications (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
        body TEXT NOT NULL, attempts INTEGER NOT NULL, created_ms {bigint} NOT NULL,
        run_id TEXT) {clustered}""",
    """CREATE TABLE IF NOT EXISTS loose_submissions (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, responses TEXT NOT NULL,
        created_ms {bigint} NOT NULL, run_id TEXT) {clustered}""",
    """CREATE TABLE IF NOT EXISTS bookings (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, repeat_key TEXT NOT NULL,
        request TEXT NOT NULL, state TEXT NOT NULL,
        submission_id TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
        calendar_id TEXT NOT NULL, event_id TEXT NOT NULL, parts TEXT NOT NULL,
        created_ms {bigint} NOT NULL, UNIQUE (account_id, repeat_key)) {clustered}""",
    "CREATE INDEX IF NOT EXISTS bookings_of_submission ON bookings (submission_id)",
)

# Only a sweep deletes anything here, and nothing refers to forms: what was sent was sent, whatever
# has become of what it told of. So no foreign keys, which would be checked for every delivery.
# `last_sequence` is the last number that was given before a sweep deleted the delivery that had it.
_WEBHOOKS = (
    """CREATE TABLE IF NOT EXISTS webhook_endpoints (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, url TEXT NOT NULL, events TEXT,
        accounts TEXT NOT NULL, secret TEXT NOT NULL, state TEXT NOT NULL,
        created_ms {bigint} NOT NULL, last_sequence {bigint} NOT NULL DEFAULT 0,
        run_id TEXT) {clustered}""",
    """CREATE TABLE IF NOT EXISTS webhook_messages (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, type TEXT NOT NULL,
        created_ms {bigint} NOT NULL, data TEXT NOT NULL, run_id TEXT) {clustered}""",
    """CREATE TABLE IF NOT EXISTS webhook_deliveries (
        message_id TEXT NOT NULL, endpoint_id TEXT NOT NULL, sequence {bigint},
        state TEXT NOT NULL, attempts INTEGER NOT NULL, weakness TEXT, due_ms {bigint},
        answer TEXT, run_id TEXT, PRIMARY KEY (message_id, endpoint_id)) {clustered}""",
)

#: The tables whose rows know the test run whose request made them (NULL: none), with their keys.
#: What hangs on one of them by its foreign key, and is made by the same request, goes with it.
OF_RUNS: Final = {
    "submissions": "id",
    "connections": "form_id, couple_id",
    "forms": "id",
    "appointments": "id",
    "communications": "id",
    "loose_submissions": "id",
    "webhook_deliveries": "message_id, endpoint_id",
    "webhook_messages": "id",
    "webhook_endpoints": "id",
    "accounts": "id",
}

# Of those rows only that have a run, in the order of the key: a sweep takes part after part.
_RUNS = tuple(
    f"CREATE INDEX IF NOT EXISTS {table}_of_run ON {table} (run_id, {key}) WHERE run_id IS NOT NULL"
    for table, key in OF_RUNS.items()
)

_CATALOGUE = (
    """CREATE TABLE IF NOT EXISTS cities (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, lat {float} NOT NULL, lon {float} NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS styles (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    # x, y, z: the place on the unit sphere. The straight line between two such points grows with
    # the distance along the ground, so SQL needs no trigonometry to compare and sort distances.
    """CREATE TABLE IF NOT EXISTS suppliers (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL,
        category_id INTEGER NOT NULL, city_id INTEGER NOT NULL,
        lat {float} NOT NULL, lon {float} NOT NULL,
        x {float} NOT NULL, y {float} NOT NULL, z {float} NOT NULL,
        price_from INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS supplier_styles (
        supplier_id INTEGER NOT NULL, position INTEGER NOT NULL, style_id INTEGER NOT NULL,
        PRIMARY KEY (supplier_id, position)) {clustered}""",
    """CREATE TABLE IF NOT EXISTS packages (
        supplier_id INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
        price INTEGER NOT NULL, PRIMARY KEY (supplier_id, position)) {clustered}""",
    """CREATE TABLE IF NOT EXISTS booked_days (
        supplier_id INTEGER NOT NULL, day TEXT NOT NULL,
        PRIMARY KEY (supplier_id, day)) {clustered}""",
    """CREATE TABLE IF NOT EXISTS ratings (
        supplier_id INTEGER PRIMARY KEY, rating {float} NOT NULL, reviews INTEGER NOT NULL)""",
)

CATALOGUE_TABLES = (
    "ratings",
    "booked_days",
    "packages",
    "supplier_styles",
    "suppliers",
    "styles",
    "categories",
    "cities",
)

CATALOGUE_INDEXES = (
    # Wide enough to answer distances and prices by themselves, without a visit to each row.
    """CREATE INDEX IF NOT EXISTS suppliers_category
        ON suppliers (category_id, lat, lon, x, y, z, price_from)""",
    """CREATE INDEX IF NOT EXISTS suppliers_place
        ON suppliers (lat, lon, x, y, z, category_id, price_from)""",
    "CREATE INDEX IF NOT EXISTS suppliers_price ON suppliers (price_from, id)",
    "CREATE INDEX IF NOT EXISTS styles_supplier ON supplier_styles (style_id, supplier_id)",
    "CREATE INDEX IF NOT EXISTS ratings_best ON ratings (rating DESC, supplier_id)",
    "ANALYZE",
)


def tables(dialect: Dialect) -> list[str]:
    """The statements that create every table that is not there yet."""
    written_once = (*_WORKFLOW, *_THIRD_PARTIES, *_WEBHOOKS, *_RUNS, *_CATALOGUE)
    return [sql.format_map(dialect.types) for sql in written_once] + list(dialect.text_schema)
