"""The whole model, as it is, to one solver: what engines are measured against, no engines."""
