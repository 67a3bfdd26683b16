"""E-mail services: what each takes, refuses and answers. Nothing is ever sent."""
