"""Publications: drafts, approval, and what becomes current."""
