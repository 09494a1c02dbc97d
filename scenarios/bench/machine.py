"""On what a benchmark ran."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import models

LIBRARIES = ("ortools", "numba", "numpy")
CPU_INFO = Path("/proc/cpuinfo")


def machine() -> str:
    """Return processor, cores, memory and system in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count() or 1
    noun = "core" if cores == 1 else "cores"
    return f"{_processor()}, {cores} {noun}, {memory:.0f} GB, {platform.system()}"


def versions() -> dict[str, str]:
    """Return the versions of what solves."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"fairlead": models.__version__, **libraries, "python": platform.python_version()}


def _processor() -> str:
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
