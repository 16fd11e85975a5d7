"""Sending a file of a project: as it was attached, or without names to an anonymous marker."""

from django.core.files.base import ContentFile
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from assessments.anonymous_copies import CannotHide, anonymous_copy
from assessments.models import ProjectFile
from assessments.selectors.anonymity import file_name_shown, is_hidden
from lms.accounts.models import User
from lms.core.downloads import as_attachment
from lms.core.errors import Conflict
from lms.core.storage import evidence

# Counted on when `anonymous_copies` takes more out, so that older copies are made anew.
MADE_BY = 2


class NamesInFile(Conflict):
    """The edition marks anonymously, and the names in this file cannot be taken out."""

    code = "names_in_file"


def send_project_file(file: ProjectFile, user: User) -> StreamingHttpResponse:
    """The file as an attachment. Where names are hidden from `user`, a copy without what
    the document says of its author, under the code of the project. Raises NamesInFile."""
    if not is_hidden(file.submission, user):
        return as_attachment(
            file.stored_as, name=file.name, media_type=file.media_type, size=file.size
        )
    stored_as, size = _copy_without_names(file)
    return as_attachment(
        stored_as, name=file_name_shown(file), media_type=file.media_type, size=size
    )


def _copy_without_names(file: ProjectFile) -> tuple[str, int]:
    """Made once for each content; the original stays as it is (invariant 1)."""
    storage = evidence()
    name = f"without-names/{MADE_BY}/{file.sha256[:2]}/{file.sha256}"
    if not storage.exists(name):
        with storage.open(file.stored_as) as original:
            content = original.read()
        try:
            copy = anonymous_copy(content, file.media_type)
        except CannotHide as error:
            raise NamesInFile(
                _(
                    "Names are hidden while you mark, and they cannot be taken out of this file. "
                    "Ask the coordinator for what you need of it."
                )
            ) from error
        storage.save(name, ContentFile(copy))
    return name, storage.size(name)
