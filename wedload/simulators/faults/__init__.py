"""What can go wrong, one file each: decided purely, carried out by `flow` and by the services."""
