"""Leads that change hands one by one: claims, returns, overrides."""
