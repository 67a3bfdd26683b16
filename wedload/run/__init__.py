"""A run, from its first process to its verdict: its course, what it tells, how it ends early."""
