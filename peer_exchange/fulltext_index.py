"""The index behind the search: kept by the database itself, whoever writes the words.

PostgreSQL: a generated tsvector with a GIN index. SQLite: an FTS5 table over the words,
followed by triggers. Both see words in their normal form only (`normal_text`).
"""

from typing import Any

from django.db import migrations

WORDS = "peer_exchange_experiencewords"
FTS = "peer_exchange_experiencewords_fts"
# The order in which FTS5 counts its columns, and the weights of PostgreSQL.
COLUMNS = {"title": "A", "labels": "B", "summary": "C", "body": "D"}

_DOCUMENT = " || ".join(
    f"setweight(to_tsvector('simple'::regconfig, {name}), '{weight}')"
    for name, weight in COLUMNS.items()
)
_POSTGRESQL = (
    f"ALTER TABLE {WORDS} ADD COLUMN document tsvector GENERATED ALWAYS AS ({_DOCUMENT}) STORED",
    f"CREATE INDEX {WORDS}_document ON {WORDS} USING gin (document)",
)
_NAMES = ", ".join(COLUMNS)
_NEW = ", ".join(f"new.{name}" for name in COLUMNS)
_OLD = ", ".join(f"old.{name}" for name in COLUMNS)
_INTO = f"INSERT INTO {FTS}"
_ADD = f"{_INTO} (rowid, {_NAMES}) VALUES (new.experience_id, {_NEW});"
_DROP = f"{_INTO} ({FTS}, rowid, {_NAMES}) VALUES ('delete', old.experience_id, {_OLD});"
_OPTIONS = (
    f"content='{WORDS}', content_rowid='experience_id', "
    "tokenize='unicode61 remove_diacritics 0', prefix='3 4'"
)
_SQLITE = (
    f"CREATE VIRTUAL TABLE {FTS} USING fts5({_NAMES}, {_OPTIONS})",
    f"CREATE TRIGGER {WORDS}_added AFTER INSERT ON {WORDS} BEGIN {_ADD} END",
    f"CREATE TRIGGER {WORDS}_removed AFTER DELETE ON {WORDS} BEGIN {_DROP} END",
    f"CREATE TRIGGER {WORDS}_changed AFTER UPDATE ON {WORDS} BEGIN {_DROP} {_ADD} END",
    # Words that were there before the table was rebuilt.
    f"{_INTO} ({FTS}) VALUES ('rebuild')",
)
_SQLITE_AWAY = (
    *(f"DROP TRIGGER IF EXISTS {WORDS}_{name}" for name in ("added", "removed", "changed")),
    f"DROP TABLE IF EXISTS {FTS}",
)
_POSTGRESQL_AWAY = (f"ALTER TABLE {WORDS} DROP COLUMN IF EXISTS document",)


class FullTextIndex(migrations.operations.base.Operation):
    """Migration operation: from now on the words are indexed. To be given again after a
    migration that rebuilds their table on SQLite, where it loses its triggers."""

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        made = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}[schema_editor.connection.vendor]
        for statement in made:
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        away = {"postgresql": _POSTGRESQL_AWAY, "sqlite": _SQLITE_AWAY}
        for statement in away[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return "Index the words of experiences for the search"
