"""Secrets of a plan: where they come from, how a run holds them, and which must not be there.

A plan says where a secret is (`environment`, `files`), a run holds it by a name (`vault`) and looks
at what it holds (`held`, `tokens`). What is a credential by its look (`credentials`) or by its name
(`names`) and is written out all the same is refused (`checking`, `literal`).
"""
