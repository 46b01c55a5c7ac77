"""A small fleet of sites on loopback, good and bad, to show masthead at work without a network."""
