"""What users see of records: one module a format, the sink that writes them, and the summary at the end."""
