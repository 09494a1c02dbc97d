"""Engines: what turns a problem into an outcome."""
