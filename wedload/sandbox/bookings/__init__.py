"""Bookings: one transaction over a form, a calendar, e-mail and webhooks, or none of it."""
