"""The live dashboard: a run under way, for a browser on this machine."""
