"""Why there is no plan: what contradicts, and what to relax."""
