"""The ear for realtime: a population of subscribers, over WebSocket or server-sent events."""
