"""Pages on paper: receipts and certificates, from templates, without the network."""

from typing import Any

from django.template.loader import render_to_string

# Built from frontend/ for names from every city (templates/components/paper_fonts.css).
# What they lack comes from the fonts of the server.
SUBSETS = ("latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext", "greek")
FONTS = {
    "subsets": SUBSETS,
    "serif": ", ".join([*(f"'Serif {one}'" for one in SUBSETS), "'Noto Serif'", "serif"]),
    "sans": ", ".join([*(f"'Sans {one}'" for one in SUBSETS), "'Noto Sans'", "sans-serif"]),
}


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """The template, with `fonts` beside its context, as a tagged PDF. Fonts and images
    come from `static:` only."""
    from lms.core.paper import print_page

    return print_page(render_to_string(template, {"fonts": FONTS, **context}))
