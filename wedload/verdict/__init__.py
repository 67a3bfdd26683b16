"""Judging: pure functions from a summary to a verdict."""
