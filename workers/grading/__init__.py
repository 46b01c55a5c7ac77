"""Responses that were gathered elsewhere: what is given is read as a record without a report, and judged."""
