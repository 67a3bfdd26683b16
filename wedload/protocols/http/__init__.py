"""HTTP: the wire client and its parts. It knows neither plans nor metrics beyond an outcome."""
