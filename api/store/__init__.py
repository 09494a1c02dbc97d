"""What the service keeps: one schema on SQLite and PostgreSQL, and transactions on it."""
