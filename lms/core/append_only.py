"""Tables that only grow: UPDATE and DELETE are refused by the database (invariant 16)."""

from typing import Any

from django.db import migrations

_PG_FUNCTION = """
CREATE OR REPLACE FUNCTION rambla_refuse_change() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END;
$$ LANGUAGE plpgsql;
"""


def refuse_truncate(table: str) -> str:
    """PostgreSQL empties a table without looking at its rows: a trigger of its own."""
    return (
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION rambla_refuse_change()"
    )


class AppendOnly(migrations.operations.base.Operation):
    """Migration operation: from now on the model's table refuses UPDATE and DELETE.

    `may_change`: columns that may still be updated (a tombstone, a delivery
    mark); every other column must keep its value.
    """

    reversible = True

    def __init__(self, model_name: str, may_change: tuple[str, ...] = ()) -> None:
        self.model_name = model_name
        self.may_change = may_change

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        columns = [field.column for field in model._meta.local_concrete_fields]
        guarded = [column for column in columns if column not in self.may_change]
        vendor = schema_editor.connection.vendor
        # Given again after a table was rebuilt or has a new column, it replaces itself.
        self._drop(table, schema_editor)
        if vendor == "postgresql":
            schema_editor.execute(_PG_FUNCTION, params=None)
            changed = " OR ".join(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in guarded)
            when = f"WHEN ({changed})" if self.may_change else ""
            schema_editor.execute(
                f'CREATE TRIGGER "{table}_no_update" BEFORE UPDATE ON "{table}" '
                f"FOR EACH ROW {when} EXECUTE FUNCTION rambla_refuse_change()"
            )
            schema_editor.execute(
                f'CREATE TRIGGER "{table}_no_delete" BEFORE DELETE ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION rambla_refuse_change()"
            )
            schema_editor.execute(refuse_truncate(table))
        elif vendor == "sqlite":
            changed = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in guarded)
            when = f"WHEN {changed}" if self.may_change else ""
            for verb, condition in (("UPDATE", when), ("DELETE", "")):
                schema_editor.execute(
                    f'CREATE TRIGGER "{table}_no_{verb.lower()}" BEFORE {verb} ON "{table}" '
                    f"{condition} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            raise NotImplementedError(f"Append-only tables on {vendor}")

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        self._drop(table, schema_editor)

    def _drop(self, table: str, schema_editor: Any) -> None:
        on_table = f' ON "{table}"' if schema_editor.connection.vendor == "postgresql" else ""
        for verb in ("update", "delete", "truncate"):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_{verb}"{on_table}')

    def describe(self) -> str:
        return f"Refuse UPDATE and DELETE on {self.model_name}"
