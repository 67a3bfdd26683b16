"""Third parties that the platform depends on: a calendar and e-mail, and what waits for them."""
