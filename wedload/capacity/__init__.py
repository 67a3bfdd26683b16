"""The capacity of a target: the highest rate at which the benchmark table holds, and how surely."""
