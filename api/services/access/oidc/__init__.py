"""Callers whom an identity provider knows (OpenID Connect Core 1.0)."""
