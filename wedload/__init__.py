"""wedload: a load orchestrator."""

__version__ = "0.1.0"
