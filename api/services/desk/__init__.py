"""Work on tables and plans that is too heavy for the server, done in processes beside it.

Each function takes directories and plain values, so that it can be called in another process.
"""
