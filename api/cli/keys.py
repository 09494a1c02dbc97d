"""`fairlead keys`: API keys, where nobody has one that may make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import output
from api.cli.installation import DataDir, existing_database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.services.access.roles import Role
    from api.store.tables import KeyRow

keys = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)
ACTOR = "fairlead keys"


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="For people, to tell keys apart.")],
    role: Annotated[
        str, typer.Option(help="viewer, rep, analyst, planner, approver or admin.")
    ] = "viewer",
    team: Annotated[
        list[str] | None, typer.Option(help="Only this team; may be said again.")
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Only this region; may be said again.")
    ] = None,
    rep: Annotated[
        str | None, typer.Option(metavar="REP_ID", help="Whose book it is, for the role rep.")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            help="Whose it is, by e-mail address; without it, it counts as a person of its own."
        ),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    data: DataDir = None,
) -> None:
    """Make a key and print it, once: only its hash is kept.

    Example: [bold]fairlead keys create "nightly import" --role planner --days 90[/]
    """
    from datetime import timedelta

    from api.services.access.keys import add_key
    from api.store.dialect import now

    chosen = _role(role, rep)
    if not 1 <= len(name) <= 255:
        raise typer.BadParameter("a name has 1 to 255 characters", param_hint="NAME")
    if person is not None and not 1 <= len(person.strip()) <= 255:
        raise typer.BadParameter("a person's name has 1 to 255 characters", param_hint="--person")
    limits = {"teams": team or None, "regions": region or None, "rep_id": rep}
    with existing_database(data) as database, database.writing() as session:
        expires_at = None if days is None else now(session) + timedelta(days=days)
        row, key = add_key(
            session,
            name,
            chosen,
            {limit: value for limit, value in limits.items() if value is not None},
            actor=ACTOR,
            expires_at=expires_at,
            person=None if person is None else [person],
            for_somebody_else=person is not None,
        )
        key_id = row.id
    output().print(
        f"Key {key_id}, which is not shown again:\n  {key}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@keys.command("list")
def list_(data: DataDir = None) -> None:
    """List keys: what they are for, not what they are.

    Example: [bold]fairlead keys list[/]
    """
    from rich.markup import escape
    from rich.table import Table
    from sqlalchemy import select

    from api.store.tables import KeyRow

    table = Table(box=None, pad_edge=False)
    for heading in ("id", "begins", "name", "role", "limits", "made", "state"):
        table.add_column(heading)
    with existing_database(data) as database, database.reading() as session:
        for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at)):
            limits = "; ".join(f"{name}: {value}" for name, value in sorted(row.limits.items()))
            state = _state(session, row)
            made = row.created_at.strftime("%Y-%m-%d")
            told = (row.id, row.prefix, row.name, row.role, limits or "-", made, state)
            table.add_row(*map(escape, told))
    output().print(table)


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, or how it begins.")],
    data: DataDir = None,
) -> None:
    """Let a key open nothing any more, at once.

    Example: [bold]fairlead keys revoke flk_9XkQ2a[/]
    """
    from sqlalchemy import or_, select

    from api.services.access.key_ring import revoke_key
    from api.services.access.principal import Principal
    from api.services.access.roles import Role
    from api.store.tables import KeyRow
    from models.errors import UsageError

    with existing_database(data) as database, database.writing() as session:
        found = session.scalars(select(KeyRow).where(or_(KeyRow.id == key, KeyRow.prefix == key)))
        ids = [row.id for row in found]
        if len(ids) != 1:
            count = "no key" if not ids else f"{len(ids)} keys"
            raise UsageError(
                f"{count} with the id or the beginning {key[:40]!r}; `fairlead keys list` tells "
                "the ids"
            )
        name = revoke_key(session, ids[0], Principal.of(ACTOR, ACTOR, Role.ADMIN, {})).name
    output().print(f"Key {name!r} is revoked.", highlight=False, markup=False)


def _role(name: str, rep: str | None) -> Role:
    from api.services.access.roles import Role

    if name not in list(Role):
        allowed = ", ".join(Role)
        raise typer.BadParameter(f"{name!r} is none of {allowed}", param_hint="--role")
    if (name == Role.REP) != (rep is not None):
        raise typer.BadParameter(
            "the role rep needs --rep, whose book it is, and no other role has one",
            param_hint="--rep",
        )
    return Role(name)


def _state(session: Session, row: KeyRow) -> str:
    from api.services.access.keys import is_valid

    if row.revoked_at is not None:
        return "revoked"
    if not is_valid(session, row):
        return "expired"
    return "valid" if row.expires_at is None else f"until {row.expires_at:%Y-%m-%d}"
