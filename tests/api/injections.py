"""Texts that would do something if they became a part of SQL, and the inputs of an API that take
text: each parameter, header and field that its description tells of.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.services.paging import encode_cursor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi.testclient import TestClient
    from httpx2 import Response

    Place = tuple[str | int, ...]

COUNT = 500
SLEEPS = 9
"""Seconds that some of the texts below would have the database wait."""
SEED = 20261122
PLAIN = "' OR 1=1--"
# How a text gets out of where it stands: quotes as they are, escaped, encoded, in other letters.
WAYS_OUT = (
    *("'", '"', "`", "')", "'))", '")', "1", "1)", "]", "$$", "E'\\'", "\\'", "%'", "''", "x''"),
    *("%27", "%2527", "&#39;", "\\u0027", "\\x27", "\u2019", "\u02bc", "\uff07", "\u00bf'"),
    *("\x00'", "\n'", "\ud800'", "\U0001f525'"),
)
KINDS: Mapping[str, tuple[str, ...]] = {
    "boolean": (" OR 1=1", " OR '1'='1", " AND 1=0", " OR true", "||'a'='a", "/**/oR/**/1=1"),
    "stacked": (
        "; DROP TABLE policies",
        "; DELETE FROM keys",
        "; UPDATE keys SET role='admin'",
        "; TRUNCATE audit CASCADE",
        "; COMMIT; BEGIN",
        "; ATTACH DATABASE 'x.db' AS x",
        "; COPY keys TO PROGRAM 'id'",
        "; PRAGMA writable_schema=ON",
    ),
    "union": (
        " UNION SELECT 1",
        " UNION ALL SELECT NULL,NULL,NULL",
        " UNION SELECT sql FROM sqlite_master",
        " UNION SELECT usename FROM pg_user",
    ),
    "time": (
        "; SELECT pg_sleep(9)",
        " AND 1=(SELECT 1 FROM pg_sleep(9))",
        " AND 1=LIKE('A',UPPER(HEX(RANDOMBLOB(300000000))))",
        "; WAITFOR DELAY '0:0:9'",
    ),
    "error": (
        " AND 1=CAST(version() AS int)",
        " AND 1=1/0",
        " AND load_extension('x')",
        " AND pg_read_file('/etc/passwd')=''",
    ),
    "order": (" ORDER BY 99", ",(SELECT 1)", " DESC", " LIMIT 1 OFFSET 1", " HAVING 1=1"),
    "like": ("%", "_", "%%", "[a-z]%", " ESCAPE '\\", " LIKE '%"),
    "json": ("->>'a'", "#>>'{a}'", "$.a[*] ? (@ == 1)", " @> '{}'", '": {"$ne": null}'),
    "parameter": ("%s", "%(id)s", ":id", "?1", "$1", "{0}", "{id}"),
    "comment": ("/*", "--", "#", ";--", "/*!50000 x*/"),
}
ENDS = ("", "--", "-- -", "#", "/*", ";", "\x00")
KEY = "\0the text"
"""Stands in a place for a name that the text itself is."""
PLACE = ("2026-11-20T18:00:00+00:00",)
"""Of most lists, what a cursor has before the id."""
FREE = "anything"
"""A name where all names are taken."""


def sql_texts() -> list[str]:
    """Return 500 texts of all kinds, each another, in an order that mixes kinds; first the one
    that does most wherever text is put between quotes.
    """
    cores = itertools.chain.from_iterable(KINDS.values())
    every = ["".join(parts) for parts in itertools.product(WAYS_OUT, cores, ENDS)]
    distinct = [text for text in dict.fromkeys(every) if text != PLAIN]
    return [PLAIN, *random.Random(SEED).sample(distinct, COUNT - 1)]  # noqa: S311


@dataclass(frozen=True)
class Input:
    """Where a text may be sent.

    Attributes
    ----------
    operation : as "GET /v1/plans"
    where : path, query, header, json, form, file or, within a cursor that fits else, cursor
    place : the name, or the way through a body to it
    """

    operation: str
    where: str
    place: Place


@dataclass(frozen=True)
class Sent:
    """A request that succeeded: its path without what was asked, its headers, its JSON."""

    path: str
    headers: Mapping[str, str]
    body: Any

    @classmethod
    def of(cls, answer: Response) -> Sent:
        """Return what was answered so."""
        request = answer.request
        kept = {name: request.headers[name] for name in ("If-Match",) if name in request.headers}
        is_json = request.headers.get("content-type") == "application/json"
        return cls(request.url.path, kept, json.loads(request.content) if is_json else None)


def inputs(description: Mapping[str, Any], sent: Mapping[str, Sent]) -> Iterator[Input]:
    """Give each input of an API, by its description and by what was sent."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", ()):
                yield Input(name, parameter["in"], (parameter["name"],))
                if parameter["name"] == "cursor":
                    yield Input(name, "cursor", ("cursor",))
            for kind, media in operation.get("requestBody", {}).get("content", {}).items():
                where = "json" if kind == "application/json" else "form"
                told = _places(media["schema"], description)
                body = sent[name].body if name in sent else None
                for place in dict.fromkeys([*told, *_leaves(body)]):
                    yield Input(name, where, place)
                if where == "form":
                    yield from (Input(name, "file", (part,)) for part in ("name", "content"))


def send(client: TestClient, given: Input, text: str, sent: Mapping[str, Sent]) -> Response:
    """Send a text to an input, in a request that is otherwise one that succeeded."""
    method, _, template = given.operation.partition(" ")
    usual = sent.get(given.operation, Sent(template, {}, None))
    path, headers, more = quote(usual.path), dict(usual.headers), {}
    if given.where == "path":
        path = _path(template, usual.path, str(given.place[0]), text)
    elif given.where == "query":
        path += f"?{given.place[0]}={_quoted(text)}"
    elif given.where == "cursor":
        path += f"?cursor={encode_cursor(*PLACE, text)}"
    elif given.where == "header":
        # A server of HTTP lets no other letters through.
        headers[str(given.place[0])] = re.sub(r"[^\x20-\x7e\xa1-\xff]", "", text).strip()
    body = placed(usual.body, given.place, text) if given.where == "json" else usual.body
    if given.where in ("form", "file"):
        more = _form(given, text)
    elif body is not None:
        headers["Content-Type"] = "application/json"
        more = {"content": json.dumps(body)}
    coded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    return client.request(method, path, headers=coded, follow_redirects=False, **more)


def placed(value: Any, place: Place, text: str) -> Any:
    """Return a body with a text at a place; what is on the way there is made."""
    if not place:
        return text
    first, rest = place[0], place[1:]
    if isinstance(first, int):
        items = value if isinstance(value, list) and value else [None]
        return [placed(items[0], rest, text), *items[1:]]
    fields = value if isinstance(value, dict) else {}
    if first == KEY:
        return {**fields, text: 1}
    return {**fields, first: placed(fields.get(first), rest, text)}


def texts_in(value: Any) -> Iterator[str]:
    """Give the texts of an answer, and its names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)


def _leaves(body: Any) -> Iterator[Place]:
    """Give the places of a body's texts; of a list, those of its first item."""
    if isinstance(body, str):
        yield ()
    elif isinstance(body, dict):
        for name, value in body.items():
            yield from ((name, *place) for place in _leaves(value))
    elif isinstance(body, list) and body:
        yield from ((0, *place) for place in _leaves(body[0]))


def _places(schema: Mapping[str, Any], description: Mapping[str, Any]) -> Iterator[Place]:
    """Give the places at which a schema allows text."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _places(description["components"]["schemas"][name], description)
        return
    for parts in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(parts, ()):
            yield from _places(part, description)
    kind = schema.get("type")
    if kind == "string" or not schema.keys() - {"title", "description"}:
        yield ()
    elif kind == "array":
        yield from ((0, *place) for place in _places(schema.get("items", {}), description))
    elif kind == "object":
        for name, part in schema.get("properties", {}).items():
            yield from ((name, *place) for place in _places(part, description))
        if others := schema.get("additionalProperties"):
            part = others if isinstance(others, dict) else {}
            yield (KEY,)
            yield from ((FREE, *place) for place in _places(part, description))


def _path(template: str, usual: str, name: str, text: str) -> str:
    """Return a path with a text in one place, and in the others what usually is there."""
    names = re.findall(r"\{(\w+)\}", template)
    found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", template), usual)
    values = dict(zip(names, found.groups() if found else names, strict=True))
    parts = {key: _quoted(text) if key == name else quote(value) for key, value in values.items()}
    return template.format(**parts)


def _form(given: Input, text: str) -> dict[str, Any]:
    """Return parts of which one has a text: a field, a file's name or what is in it."""
    fields = {} if given.where == "file" else {str(given.place[0]): _sendable(text)}
    name = text if given.place == ("name",) else "leads.csv"
    content = f"lead_id,rep_id\n{text}\n" if given.place == ("content",) else "lead_id,rep_id\n"
    part = "assignments" if given.operation.endswith("/evaluations") else "files"
    return {"data": fields, "files": [(part, (_sendable(name), _sendable(content).encode()))]}


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
