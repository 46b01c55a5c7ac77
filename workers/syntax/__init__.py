"""Header syntax: text in, values out. Linear time, no input or output, no judgement."""
