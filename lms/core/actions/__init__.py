from lms.core.actions.rows import remove_row, store_row

__all__ = ["remove_row", "store_row"]
