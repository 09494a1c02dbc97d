"""Durable runs: asked for once, taken by a worker under a lease, done with a single effect.

A lease cannot tell a dead worker from a slow one, so the work of a run may be done twice. Its
effect is single: each taking of a run has a higher token, and whoever writes must name the highest.
"""
