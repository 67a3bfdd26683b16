"""Bottlenecks that are there on purpose, one file each: something for an analysis to find."""
