"""What can be wrong with a package, in words for the person who uploads it.

Codes are stable: tests, translations and the API refer to them.

The archive
    ``not-a-zip``         the file cannot be opened as a zip archive
    ``extension``         the file's own name does not end in .h5p
    ``too-large``         the package or one of its files is larger than allowed
    ``too-many-entries``  more files than allowed
    ``ratio``             a file grows suspiciously when unpacked (zip bomb)
    ``lying-size``        a file is not as long as the archive says
    ``damaged``           a file cannot be unpacked or its checksum is wrong
    ``compression``       a file is packed with a method that we do not read
    ``encrypted``         a file is protected with a password
    ``symlink``           an entry is a link or a device, not a file
    ``overlap``           two entries share the same bytes of the archive
    ``unsafe-path``       a path leads out of the package or cannot be a file name
    ``case-collision``    two paths differ only by case or by Unicode composition
    ``duplicate-entry``   one path occurs twice with different contents

The files
    ``missing-file``      a file that the package must have, or names, is not there
    ``not-utf8``          a text file is not UTF-8
    ``bad-json``          a JSON file cannot be read
    ``too-deep``          a JSON file is nested more deeply than allowed
    ``schema``            a JSON file lacks a field or has one of the wrong kind
    ``file-type``         the extension is not allowed there
    ``content-mismatch``  a file's bytes are not what its extension says
    ``active-content``    the content carries scripts or other code

The libraries
    ``folder-name``       a library's folder is not called after the library
    ``script``            a script cannot go into a bundle: it does not parse, is a module, or
                          declares what another one declares
    ``core-api``          a library needs a newer H5P than we have
    ``duplicate-library`` two folders hold the same library
    ``no-libraries``      the package has no libraries at all and needs some
    ``missing-library``   a library that is needed is neither here nor installed

Questions (`h5p.questions`)
    ``bad-yaml``, ``bad-table``   the file of questions cannot be read
    ``field-type``, ``unknown-field``, ``missing-text``, ``too-long``, ``too-few``, ``too-many``
    ``unknown-kind``      no such kind of question, or not a package of questions
    ``bad-id``, ``bad-language``, ``bad-number``
    ``duplicate``         two things that must differ are the same
    ``no-right-answer``, ``several-right-answers``
    ``gaps``              the text and its gaps do not fit together
    ``unknown-id``        a response names something that is not there
    ``response``          a response has the wrong shape
"""

from dataclasses import dataclass, field

from h5p.words import Translate, Words
from h5p.words import gettext_noop as _


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: a stable code, where, and a sentence for an editor.

    ``path`` is the path inside the package, or "" for the package as a whole.
    ``message`` is one or two English sentences: what is wrong, where, what to do.
    """

    code: str
    path: str
    message: str
    words: Words | None = field(default=None, compare=False, repr=False)

    def said(self, translate: Translate) -> str:
        """The sentence in another language (`h5p.words`)."""
        return self.message if self.words is None else self.words.said(translate)

    def as_dict(self) -> dict[str, str]:
        """The problem as it is written in JSON."""
        return {"code": self.code, "path": self.path, "message": self.message}


def problem(code: str, path: str, template: str, /, **values: object) -> Problem:
    """A problem whose sentence can be translated; ``{path}`` may stand in it too."""
    words = Words(template, {"path": path, **values})
    return Problem(code, path, words.said(), words)


def unreadable(name: str, error: OSError) -> Problem:
    """``missing-file`` for a file of this computer that is not there or not ours to open."""
    reason = error.strerror or type(error).__name__
    return problem(
        "missing-file", "", _("“{name}” cannot be opened: {reason}."), name=name, reason=reason
    )


class H5PError(Exception):
    """Anything this package refuses to do."""


class Refused(H5PError):
    """A package (or a table of questions) has problems; all of them are in ``problems``."""

    def __init__(self, *problems: Problem) -> None:
        self.problems: tuple[Problem, ...] = problems
        super().__init__(" ".join(problem.message for problem in problems))


class NotInstalled(H5PError):
    """Libraries are needed that are not on the shelf; ``missing`` are their API names."""

    def __init__(self, *missing: str) -> None:
        self.missing: tuple[str, ...] = missing
        super().__init__(f"Install {', '.join(missing)} first.")
