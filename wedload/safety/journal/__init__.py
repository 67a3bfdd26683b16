"""The clean-up journal: what a run creates, kept where `kill -9` does not reach.

A folder of files, one line of JSON a record, each appended to by one process alone. What is to be
created is told before the request that creates it is sent (`intend`), what became of it after.
Secrets and tokens are never in it: secrets stand as references to where they come from, and
whoever is to delete signs in again.
"""
