"""The servers that are loaded: nginx, one with known delays, and one for `make bench`."""
