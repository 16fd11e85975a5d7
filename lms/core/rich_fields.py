"""A formatted text in a form: what is typed and not saved yet, for the editor and without it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from lms.core.errors import InvalidInput
from lms.core.rich_text import clean_html, html_from_text, html_keeping_format, text_of


class TextFormat(TextChoices):
    """How a text is sent or stored. Plain text never is read as HTML."""

    TEXT = "text", _("Plain text")
    HTML = "html", _("Formatted text")


def as_typed(stored: str, value: str, text_format: str) -> tuple[str, str]:
    """What was typed over the `stored` HTML and not saved, as (HTML, plain text)."""
    if text_format == TextFormat.HTML:
        try:
            html = clean_html(value)
        except InvalidInput:
            html = html_from_text(value)
        return html, text_of(html)
    value = value.replace("\r\n", "\n")
    return html_keeping_format(stored, value), value
