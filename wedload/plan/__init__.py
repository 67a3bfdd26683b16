"""What the user wrote: a plan file to a typed, checked `Plan`."""
