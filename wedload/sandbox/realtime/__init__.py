"""The platform's realtime side: Supabase's protocol, plain WebSocket conversations, event streams.

Each way to listen has its files; all of them write through one fan-out, which makes a message's
bytes once, counts every copy and can be given weaknesses.
"""
