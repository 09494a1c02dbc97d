"""The command line: `fairlead COMMAND`."""

from api.cli.app import main

__all__ = ["main"]
