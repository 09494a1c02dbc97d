"""Plans: what solved runs left, and what is asked about them."""
