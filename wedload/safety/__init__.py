"""What keeps a load test from harming anybody."""
