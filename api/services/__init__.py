"""What the service does, whoever asks: each function works in its caller's transaction."""
