"""SVG pictures without scripts, links and anything from elsewhere.

The picture is read by an XML parser and written anew from lists of what is allowed, so that
nothing gets through that we did not mean to let through.
"""

import re
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from h5p.problems import Problem, Refused, problem
from h5p.words import Words
from h5p.words import gettext_noop as _

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_BETWEEN: Final = "\n"  # stands between a namespace and a name; neither can contain it
_LARGEST: Final = 5 * 1024 * 1024
_DEEPEST: Final = 200

_ELEMENTS_NAMES: Final = (
    "svg g defs symbol use title desc metadata path rect circle ellipse line polyline polygon text "
    "tspan textPath image style linearGradient radialGradient stop pattern clipPath mask marker "
    "switch view filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix "
    "feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB "
    "feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight "
    "feSpecularLighting feSpotLight feTile feTurbulence"
)
_ELEMENTS: Final = frozenset(_ELEMENTS_NAMES.split())
_HAS_TEXT: Final = frozenset({"title", "desc", "text", "tspan", "textPath", "style"})
_ATTRIBUTE: Final = re.compile(r"(?!on)[a-zA-Z][a-zA-Z0-9\-]{0,40}", re.IGNORECASE)
_ADDRESSES: Final = frozenset({"href", "src", "action", "formaction", "from", "to", "values"})
_INSIDE: Final = re.compile(r"#[^\s\"'<>]*|data:image/(?:png|jpeg|gif|webp);base64,[\w+/=\s]*")
# Anything that reaches out of the picture, or hides what it does behind escapes.
_REACHES_OUT: Final = re.compile(
    r"url\s*\(\s*(?![\"']?#)|@|expression|javascript|\\|<|-moz-binding|behavior\s*:|image-set",
    re.IGNORECASE,
)


def clean_svg(data: bytes) -> bytes:
    """The picture as UTF-8, with everything active left out.

    Raises Refused (``content-mismatch``) for what is not an SVG picture.
    """
    if len(data) > _LARGEST:
        raise Refused(_not_svg(Words(_("it is larger than {most:,} bytes"), {"most": _LARGEST})))
    writer = _Writer()
    try:
        writer.parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refused(_not_svg(str(error))) from error
    if not writer.parts:
        raise Refused(_not_svg(Words(_("it has no picture in it"))))
    return "".join(writer.parts).encode("utf-8", "replace")


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity
        self._open: list[str] = []
        self._skipped = 0
        self._style: list[str] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _between, tag = name.rpartition(_BETWEEN)
        if len(self._open) + self._skipped >= _DEEPEST:
            raise Refused(_not_svg(Words(_("it is nested too deeply"))))
        is_allowed = tag in _ELEMENTS and namespace in (_SVG, "")
        if not self._open and (self.parts or tag != "svg" or not is_allowed):
            raise Refused(_not_svg(Words(_("it does not begin as one"))))
        if self._skipped or not is_allowed:
            self._skipped += 1
            return
        written = "".join(_written(key, value) for key, value in attributes.items())
        if not self._open:
            written = f' xmlns="{_SVG}" xmlns:xlink="{_XLINK}"{written}'
        self._open.append(tag)
        self.parts.append(f"<{tag}{written}>")

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        tag = self._open.pop()
        if tag == "style":
            css = "".join(self._style)
            self._style = []
            self.parts.append("" if _REACHES_OUT.search(css) else escape(css))
        self.parts.append(f"</{tag}>")

    def _text(self, text: str) -> None:
        if self._skipped or not self._open:
            return
        if self._open[-1] == "style":
            self._style.append(text)
        elif self._open[-1] in _HAS_TEXT:
            self.parts.append(escape(text))

    def _entity(self, *_given: object) -> None:
        raise Refused(_not_svg(Words(_("it defines its own characters"))))


def _written(name: str, value: str) -> str:
    """One attribute as it is written; "" when it is not allowed."""
    namespace, _between, key = name.rpartition(_BETWEEN)
    if namespace not in ("", _XLINK, _XML) or not _ATTRIBUTE.fullmatch(key):
        return ""
    if key.lower() in _ADDRESSES:
        # href leads somewhere; from, to and values belong to animations, which are not let in.
        if key.lower() != "href" or not _INSIDE.fullmatch(value.strip()):
            return ""
    elif _REACHES_OUT.search(value):
        return ""
    prefix = {"": "", _XLINK: "xlink:", _XML: "xml:"}[namespace]
    return f" {prefix}{key}={quoteattr(value)}"


def _not_svg(reason: Words | str) -> Problem:
    return problem(
        "content-mismatch",
        "",
        _("This is not an SVG picture that can be shown: {reason}."),
        reason=reason,
    )
