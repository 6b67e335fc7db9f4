"""The seventh form of the tables: PostgreSQL shows each person the rows of its own programmes (row security)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SERVER = "current_setting('covolt.administer', true) = 'on'"
"""The server itself asks, for nobody: it looks who logs in, and takes programmes in."""
PERSON = "nullif(current_setting('covolt.person', true), '')"
MINE = "(SELECT covolt_programmes())"
BY_TABLE = {
    "programmes": f"id IN {MINE}",
    "people": f"id = {PERSON} OR id IN (SELECT covolt_people())",
    "tokens": f"person = {PERSON}",
    "answers": "EXISTS (SELECT FROM proposals WHERE proposals.id = answers.proposal)",
}
"""What is seen of tables that do not say of which programme a row is."""
LOG = "events"
FORM = "alembic_version"


def upgrade() -> None:
    """Guard every table; SQLite knows no such guard."""
    if op.get_bind().dialect.name != "postgresql":
        return
    # They look past the guard, as their owner does, so that the guard of memberships does not ask itself.
    op.execute(
        f"""CREATE FUNCTION covolt_programmes() RETURNS SETOF varchar LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public AS
        $$ SELECT programme FROM public.memberships WHERE person = {PERSON} AND ended IS NULL $$"""
    )
    op.execute(
        """CREATE FUNCTION covolt_people() RETURNS SETOF varchar LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public AS
        $$ SELECT person FROM public.memberships WHERE programme IN (SELECT public.covolt_programmes()) $$"""
    )
    inspector = sa.inspect(op.get_bind())
    for table in sorted(inspector.get_table_names()):
        if table != FORM:
            guard(table, {one["name"] for one in inspector.get_columns(table)})


def guard(table: str, columns: set[str]) -> None:
    """Show of a table what is of the programmes of who asks; nothing of one that says of no programme, but to the server."""
    own = BY_TABLE.get(table) or (f"programme IN {MINE}" if "programme" in columns else "false")
    seen = f"{SERVER} OR {own}"
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    # The log is read and added to; no policy lets anybody but its owner change or take out an entry.
    for command in ("SELECT", "INSERT") if table == LOG else ("ALL",):
        kind = "WITH CHECK" if command == "INSERT" else "USING"
        op.execute(f'CREATE POLICY "covolt_{command.lower()}" ON "{table}" FOR {command} {kind} ({seen})')
