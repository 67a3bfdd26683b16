"""The result file: what it holds, how it is built, saved and read."""
