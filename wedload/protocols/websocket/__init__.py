"""WebSocket (RFC 6455) on `picows`: only plans that speak it import it."""
