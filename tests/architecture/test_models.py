"""Every model of the house, also those nobody has written yet."""

import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from wagtail.models import Page, ReferenceIndex

from lms.core.append_only import AppendOnly
from lms.programme.models import Enrolment
from tests.architecture.repository import our_models

# Names that other packages chose for their own fields.
NOT_OUR_NAMES = {
    "accounts.User": {"date_joined", "last_login"},
    "accounts.PersonalToken": {"created", "expiry"},
}
# The wall time a deadline is read from; the instant beside it is `deadline_at`.
WALL_TIMES = {"deadline_wall", "until_wall", "wanted_wall"}
# An instant that says how long something holds is called after that.
UNTIL = {"embargo_until"}

# What may disappear with the thing it belongs to; everything else is evidence,
# PROTECTed and never cascaded away (invariant 13).
MAY_CASCADE = {
    # Choices of a person, evidence of nothing.
    "accounts.DigestLine.user",
    "accounts.KeptAnswer.user",
    "accounts.MailChoice.user",
    "accounts.PersonalToken.user",
    "modules.Course.page",
    "peer_exchange.ExperienceAuthor.experience",
    "peer_exchange.Follow.user",
    "peer_exchange.KeptAway.other",
    "peer_exchange.KeptAway.user",
    "peer_exchange.Notice.user",
    "peer_exchange.SharingPolicy.edition",
    "programme.Phase.edition",
    "programme.RoleAssignment.edition",
    "programme.RoleAssignment.user",
    "programme.Skill.programme",
    "timetable.AttendancePolicy.edition",
}


def own_fields(model: type[models.Model]) -> list[models.Field]:
    """Fields the model itself declares: not Wagtail's, and not the link to a parent."""
    return [
        field
        for field in model._meta.local_fields
        if not (field.remote_field and field.remote_field.parent_link)
    ]


def test_every_model_says_what_a_row_is() -> None:
    silent = [m._meta.label for m in our_models() if m.__str__ is models.Model.__str__]
    assert silent == []


def test_instants_end_in_at_dates_in_on_and_booleans_ask() -> None:
    endings = {models.DateTimeField: ("_at",), models.DateField: ("_on",)}
    misnamed = []
    for model in our_models():
        for field in own_fields(model):
            if field.name in NOT_OUR_NAMES.get(model._meta.label, set()) | WALL_TIMES | UNTIL | {
                "at"
            }:
                continue
            ending = endings.get(type(field))
            if ending and not field.name.endswith(ending):
                misnamed.append(f"{model._meta.label}.{field.name}")
            if isinstance(field, models.BooleanField) and "_" not in field.name:
                misnamed.append(f"{model._meta.label}.{field.name}")
    assert misnamed == []


def test_every_choice_is_held_to_its_values_by_the_database() -> None:
    """But for pages: the draft of one may lack what is asked for when it is published."""
    unheld = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        if not issubclass(model, Page)
        for field in own_fields(model)
        if field.choices and not any(field.name in names for names in checked_together(model))
    ]
    assert unheld == []


def test_an_instant_and_its_person_are_there_together_or_not_at_all() -> None:
    """`released_at` with `released_by`: where both may be empty, a constraint pairs them."""
    unpaired = []
    for model in our_models():
        empty = {field.name for field in own_fields(model) if field.null}
        for name in sorted(empty):
            pair = {name, f"{name.removesuffix('_at')}_by"}
            if not name.endswith("_at") or not pair <= empty:
                continue
            if not any(pair <= names for names in checked_together(model)):
                unpaired.append(f"{model._meta.label}.{name}")
    assert unpaired == []


def test_evidence_is_never_cascaded_away() -> None:
    cascading = {
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in own_fields(model)
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.CASCADE
        and "Page" not in model.__name__  # parts of a page live with it, versioned by Wagtail
    }
    assert cascading - MAY_CASCADE == set()


def test_what_learners_leave_in_lessons_is_not_in_the_reference_index() -> None:
    """Where a page is used is an editor's question: no answer to it names a learner, and
    nothing that a learner sends waits for the index."""
    records = {Enrolment}
    while more := {
        model
        for model in our_models()
        if not issubclass(model, Page) and model not in records
        if any(f.many_to_one and f.related_model in records for f in model._meta.fields)
    }:
        records |= more
    left = {model for model in records if model._meta.app_label == "modules"}
    assert {"ActivityProgress", "H5PStatement"} <= {model.__name__ for model in left}
    indexed = {m._meta.label for m in left if ReferenceIndex.model_is_indexable(m)}
    assert indexed == set()


def test_every_constraint_and_index_has_a_name_of_its_own() -> None:
    names = [
        thing.name
        for model in our_models()
        for thing in (*model._meta.constraints, *model._meta.indexes)
    ]
    assert sorted(names) == sorted(set(names))


@pytest.mark.django_db
def test_append_only_tables_have_their_triggers() -> None:
    """A model that calls itself append-only is guarded in the database (invariant 16).
    Also catches a later migration that rebuilt a table and lost its triggers."""
    declared = {
        (label, operation.model_name.lower())
        for (label, _), migration in MigrationLoader(None).disk_migrations.items()
        for operation in migration.operations
        if isinstance(operation, AppendOnly)
    }
    promised = {
        (model._meta.app_label, model._meta.model_name)
        for model in our_models()
        if "append-only" in (model.__doc__ or "").lower()
    }
    assert promised - declared == set()

    guarded = triggers()
    missing = {
        f"{table}_no_{verb}"
        for label, name in declared
        for verb in ("update", "delete")
        for table in [f"{label}_{name}"]
    } - guarded
    assert missing == set()


def triggers() -> set[str]:
    statement = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {row[0] for row in cursor.fetchall()}


def checked_together(model: type[models.Model]) -> list[set[str]]:
    """The names of the fields in each check constraint of a model."""
    return [
        set(named_in(constraint.condition))
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    ]


def named_in(condition: models.Q) -> list[str]:
    names = []
    for child in condition.children:
        if isinstance(child, models.Q):
            names += named_in(child)
        else:
            names.append(str(child[0]).split("__")[0])
    return names
