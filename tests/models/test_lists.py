"""Lists and region paths inside a cell."""

from __future__ import annotations

import pytest

from models.lists import lies_under, split_list, split_path


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("audit;cloud", ("audit", "cloud")),
        (" audit ; ;cloud;", ("audit", "cloud")),
        ("*", ("*",)),
        (" ; ", ()),
        ("", ()),
    ],
)
def test_a_list_is_divided_by_semicolons(cell: str, parts: tuple[str, ...]) -> None:
    assert split_list(cell) == parts


def test_a_path_is_divided_by_slashes() -> None:
    assert split_path("US / West/CA") == ("US", "West", "CA")
    assert split_path("US//CA") == ("US", "", "CA")


@pytest.mark.parametrize(
    ("path", "region", "lies"),
    [
        ("US/West/CA", "US/West", True),
        ("US/West", "US/West", True),
        ("US / West", "US/West", True),
        ("US/Western", "US/West", False),
        ("US", "US/West", False),
        ("US/West", "us/west", False),
        ("US", "*", True),
        ("*", "US", False),
    ],
)
def test_a_region_covers_by_segment(path: str, region: str, lies: bool) -> None:
    assert lies_under(path, region) is lies
