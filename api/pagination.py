from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Field
from rest_framework import exceptions, pagination
from rest_framework.request import Request

from lms.core.text import refuse_unstorable


class CursorPagination(pagination.CursorPagination):
    """Every list is paged by cursor: stable while rows are added, cheap at any depth."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        cursor = self.decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            column = self.get_ordering(request, queryset, view)[0].lstrip("-")
            if not _is_place_in(_field_of(queryset, column), str(cursor.position)):
                # Well-formed, but a place in another list, or made up.
                raise exceptions.NotFound(self.invalid_cursor_message)
        return super().paginate_queryset(queryset, request, view)


def _field_of(queryset: Any, column: str) -> "Field[Any, Any]":
    """The field a list is ordered by: one of its model, or an annotation of the query."""
    annotation = queryset.query.annotations.get(column)
    field: Field[Any, Any] = (
        annotation.output_field if annotation else queryset.model._meta.get_field(column)
    )
    return field


def _is_place_in(field: "Field[Any, Any]", position: str) -> bool:
    """Whether the database can compare the column with it."""
    try:
        refuse_unstorable(position)
        value = field.to_python(position)
        if isinstance(value, datetime):
            value.astimezone(UTC)
    except (ValidationError, OverflowError):
        return False
    if isinstance(value, int):
        least, most = connection.ops.integer_field_range(field.get_internal_type())
        return (least is None or value >= least) and (most is None or value <= most)
    return True
