"""A comparison for people, pull requests, build servers and programs: a file for each."""
