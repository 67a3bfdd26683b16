"""A TCP proxy that wedload puts before a service, to make faults happen there."""
