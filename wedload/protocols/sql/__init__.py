"""Databases as `sql` steps ask them: a port, a pool, and an adapter for each kind."""
