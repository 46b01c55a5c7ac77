"""One URL's way from a line of text to a record; `flow` tells it on one screen."""
