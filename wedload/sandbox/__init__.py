"""The embedded wedding-supplier platform: a real server over a real database, in its own process.

Wedload tests itself, and its users' first runs, against it. It knows nothing of the code that
measures: it imports no other part of wedload, so that a shared bug cannot cancel itself out.
Start it with ``python -m wedload.sandbox``.
"""
