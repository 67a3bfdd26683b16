"""A run as others see it while it lasts: its figures sent on, and who is told of it.

Nothing here is ever in the way of the load: what cannot be sent is counted and said in the result.
"""
