"""Writes YAML that `yaml_reader` reads as it was.

PyYAML quotes what YAML 1.1 would take for a number, and 1.2 takes other texts for one, as 5E2.
"""

from __future__ import annotations

from typing import Any

import yaml

from models.files.yaml_reader import Loader

BREAKS = frozenset("\x85\u2028\u2029")
"""Line breaks that come back as others, unless they are escaped."""


def written(data: Any) -> str:
    """Return dicts, lists, texts, numbers, booleans and None as YAML.

    Raises
    ------
    RecursionError : it is nested too deeply
    """
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes what either version would not read as text."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, ()),
            *Loader.yaml_implicit_resolvers.get(first, ()),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *Loader.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, data: Any) -> bool:
        """Write what stands twice twice; the reader takes no aliases."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if BREAKS & set(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
