"""Comparing runs: which can be compared, what changed between them, and how surely."""
