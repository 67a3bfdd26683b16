"""HTTP/2: what differs from HTTP/1.1. It needs `ngh2`, so only plans that ask for it import it."""
