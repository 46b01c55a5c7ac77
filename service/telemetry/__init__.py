"""What happened, told once as frozen events; metrics and logs are hooks that count and print."""
