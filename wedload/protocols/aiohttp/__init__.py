"""The second HTTP client, on aiohttp: what the wire client does not do, above all proxies."""
