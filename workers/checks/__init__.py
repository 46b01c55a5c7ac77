"""The checks, one module a header or concern. A new one is a file here and its test; nothing else."""
