"""Compiled passes over the pairs of a problem: numba on numpy arrays, the same with any threads."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from numba import config

# On a busy machine, threads that spin while they wait for others keep those from working.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
_HERE = Path(__file__).parent
# numba looks at the file of a function only, not at what it inlines from other files, and so would
# go on using what it compiled before one of those changed.
_SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.py"))))
if not config.CACHE_DIR:  # type: ignore[attr-defined]
    config.CACHE_DIR = str(_HERE / "__pycache__" / _SOURCES.hexdigest()[:16])  # type: ignore[attr-defined]
