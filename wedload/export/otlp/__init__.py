"""OTLP: a collector of OpenTelemetry is sent the figures of a run."""
