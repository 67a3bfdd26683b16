"""Remote write: a Prometheus, or what speaks like one, is sent the figures of a run."""
