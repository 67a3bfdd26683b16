"""The second pass over a plan: that what it names exists and fits together; see `every`."""
