"""The worker processes' side: syntax, checks and grades. Pure, and ignorant of the event loop."""
