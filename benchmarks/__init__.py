"""Benchmarks of wedload: its own core (`make bench`), and beside its peers (`make bench-peers`)."""

import os

# as wedload starts its load processes: threads of numpy's would make system calls dearer
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
