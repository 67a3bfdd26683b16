"""What keeps somebody else's failure from becoming one's own; pure but for `call`."""
