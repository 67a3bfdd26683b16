"""What of the target gives way under load, and why: pure functions of a result."""
