"""Benchmarks of wedload itself: `make bench`."""
