"""What holds for all tests: a property has no deadline, as no test may ask for a fast machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("wedload", deadline=None)
settings.load_profile("wedload")
