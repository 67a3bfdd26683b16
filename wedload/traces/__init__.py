"""Spans of what is under load: read, made trees, and reduced to whose time it was. Pure."""
