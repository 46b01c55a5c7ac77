"""The daemon's HTTP API: thin shells over the one flow, on aiohttp's server."""
