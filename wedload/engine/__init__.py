"""Driving load: virtual users, executors, and the load process's own health."""
