"""Faults of the platform's own services, armed over HTTP and in force at given times."""
