"""Long lists, durably: a list that was accepted is finished, whatever happens to the process."""
