"""How bytes get to the target and back, one folder a protocol."""
