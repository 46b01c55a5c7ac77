"""One URL held to what a module expects of it, and told as metrics: blackbox_exporter's way, for headers."""
