"""The commands, one module each: thin shells that read options, run the flow, and choose the exit status."""
