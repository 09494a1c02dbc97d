"""Mappings and policies that ship with Fairlead, one folder per example."""

from __future__ import annotations

from pathlib import Path

LIBRARY = Path(__file__).parent


def library_names() -> list[str]:
    """Return the names of the examples."""
    return sorted(path.parent.name for path in LIBRARY.glob("*/mapping.yaml"))


def shipped_mapping(name: str) -> Path | None:
    """Return the mapping of an example, None if there is none of that name."""
    return LIBRARY / name / "mapping.yaml" if name in library_names() else None
