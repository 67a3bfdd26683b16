"""Benchmarks of wedload: its own core (`make bench`), and beside its peers (`make bench-peers`)."""
