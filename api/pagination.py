from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """Every list is paged by cursor: stable while rows are added, cheap at any depth."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 100
