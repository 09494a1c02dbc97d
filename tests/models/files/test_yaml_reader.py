"""YAML is read as YAML 1.2 reads it; faults and parts know their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.errors import PolicyError
from models.files.yaml_reader import MAX_BYTES, parse_yaml, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (
    *("NO", "no", "yes", "on", "off", "Y", "n"),  # YAML 1.1 makes booleans of these
    *("2017-12-31", "2017-12-31T00:00:00Z", "12:30", "190:20:30"),  # dates and sexagesimals
    *("0o17", "0x1F", "0b1", "017", "007", "01.5", "1_000", "+", ".", "1e", "e5", "1.2.3"),
    *(".inf", "-.Inf", ".nan", "NaN", "TrUe", "nULL", "1234567890123456789", "<<", "=", "5%", "~~"),
)  # fmt: skip


def test_halves_of_a_character_become_it_or_are_told() -> None:
    assert parse_yaml(r'{"\ud83d\udd25": "a\ud83d\udd25b"}').data == {"\U0001f525": "a\U0001f525b"}
    with pytest.raises(PolicyError) as caught:
        parse_yaml('a: "x\\ud800"\n"\\udd25": "y"\nb: "\\udd25\\ud83d"')
    assert caught.value.faults == tuple(
        f"line {line}: {text} has half a character; write whole ones"
        for line, text in ((1, r"'x\ud800'"), (2, r"'\udd25'"), (3, r"'\udd25\ud83d'"))
    )


@pytest.mark.parametrize(
    "text", [r'a: "\U00110000"', r'a: "\UFFFFFFFF"', f"%YAML {'9' * 5000}.1\n---\na: 1"]
)
def test_signs_and_numbers_that_there_are_not(text: str) -> None:
    with pytest.raises(PolicyError, match="a sign or a number that there is not") as caught:
        parse_yaml("# a note\n" + text)
    assert caught.value.faults[0].startswith("line 2: ")


@pytest.mark.parametrize("scalar", TEXT)
def test_what_is_not_plainly_a_number_stays_text(scalar: str) -> None:
    assert parse_yaml(f"key: {scalar}").data == {"key": scalar}


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+4", 4),
        ("-12", -12),
        ("123456789012345678", 123456789012345678),
        ("1e3", 1000.0),
        ("1E-2", 0.01),
        ("0e0", 0.0),
        (".5", 0.5),
        ("-.5e1", -5.0),
        ("5.", 5.0),
        ("1.50", 1.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"true"', "true"),
        ("'1'", "1"),
    ],
)
def test_numbers_booleans_and_null(scalar: str, value: object) -> None:
    got = parse_yaml(f"key: {scalar}").data["key"]
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: [1", "line 2: not YAML: while parsing a flow sequence, expected ',' or ']', but "
         "got '<stream end>'"),
        ("a: 1\n\tb: 2", "line 2: not YAML: while scanning for the next token, found character "
         "'\\t' that cannot start any token"),
        ("a: 1\n---\nb: 2", "line 2: not YAML: expected a single document in the stream, but found "
         "another document"),
        ("a: 1\nb: \x07", "line 2: not YAML: the character U+0007 is not allowed"),
        ("a: &x 1\nb: *x", "line 2: not YAML: aliases (*name) are not allowed; repeat the part"),
        ("a: &x [*x]", "line 1: not YAML: aliases (*name) are not allowed; repeat the part"),
        ("a: !!str 1", "line 1: not YAML: tags (!name) are not allowed; write the plain value"),
        ("a: 1\n? [b]\n: c", "line 2: a key must be a word"),
        ("a: 1\nb: 2\na: 3\nb: 4", "line 3: 'a' stands twice; remove one of them"),
        ("a: 1e999", "line 1: the number is too large"),
        ("\n".join(" " * depth + "a:" for depth in range(60)), "line 42: nested more than 40 deep"),
        ("[" * 10_000, "the file is nested too deeply"),
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_faults_name_line_and_reason(text: str, fault: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_yaml(text, "policy.yaml")
    assert caught.value.source == "policy.yaml"
    assert caught.value.faults[0] == fault


def test_every_repeated_key_is_named() -> None:
    with pytest.raises(PolicyError) as caught:
        parse_yaml("a: 1\nb: 2\na: 3\nb: 4")
    assert [fault[:6] for fault in caught.value.faults] == ["line 3", "line 4"]


def test_each_part_knows_its_line() -> None:
    document = parse_yaml("name: a\nmust:\n  - region: {}\n  - match: {lead: x,\n      rep: y}\n")
    assert document.line(("must",)) == 2
    assert document.line(("must", 1)) == 4
    assert document.line(("must", 1, "match", "rep")) == 5
    assert document.line(("must", 1, "match", "no such key")) == 4
    assert document.line(("nothing",)) == 1


def test_keys_are_text() -> None:
    assert parse_yaml("1: a\nno: b\nnull: c\n2017-12-31: d\ntrue: e").data == {
        "1": "a", "no": "b", "null": "c", "2017-12-31": "d", "true": "e",
    }  # fmt: skip


# Without digits: what is a number is tested above, and YAML 1.1 sees other numbers.
words = st.text(st.characters(codec="utf-8", categories=["L", "P", "S", "Zs"]), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
plain = st.recursive(
    scalars,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(words, parts, max_size=3),
    max_leaves=8,
)


@given(plain)
def test_what_was_written_is_read(data: Any) -> None:
    assert parse_yaml(yaml.safe_dump(data, allow_unicode=True)).data == data


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a: K\xf6ln", "line 1: the text is not UTF-8; save the file as UTF-8"),
        (b"a: 1\n\xff\xfe", "line 2: the text is not UTF-8; save the file as UTF-8"),
        (b"#" * (MAX_BYTES + 1), "the file is over 500,000 bytes"),
    ],
    ids=["Latin-1", "bytes", "too large"],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(content)
    with pytest.raises(PolicyError) as caught:
        read_yaml(path)
    assert caught.value.faults == (fault,)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_yaml(path).data == {"a": 1}


def test_what_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="it is not a file"):
        read_yaml(tmp_path)
    with pytest.raises(PolicyError, match="there is no such file"):
        read_yaml(tmp_path / "policy.yaml")
