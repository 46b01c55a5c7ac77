"""The event loop's side: a list of URLs comes in, is fetched on one loop, and leaves as one record a URL."""

__version__ = "0.1.0"
