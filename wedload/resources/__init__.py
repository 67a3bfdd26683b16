"""Resources sampled beside the load: what a system uses of its machines and databases."""
