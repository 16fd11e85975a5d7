"""The kinds of file that people may attach, and what a browser is told of them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FileType(TextChoices):
    """What may be attached at all; each place says which of these it takes."""

    PDF = "pdf", _("PDF")
    DOCX = "docx", _("Word")
    PPTX = "pptx", _("PowerPoint")
    XLSX = "xlsx", _("Excel")
    ODT = "odt", _("OpenDocument text")
    ODP = "odp", _("OpenDocument slides")
    PNG = "png", _("PNG picture")
    JPEG = "jpeg", _("JPEG picture")
    ZIP = "zip", _("ZIP archive")


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: f"{_OPEN_XML}wordprocessingml.document",
    FileType.PPTX: f"{_OPEN_XML}presentationml.presentation",
    FileType.XLSX: f"{_OPEN_XML}spreadsheetml.sheet",
    FileType.ODT: "application/vnd.oasis.opendocument.text",
    FileType.ODP: "application/vnd.oasis.opendocument.presentation",
    FileType.PNG: "image/png",
    FileType.JPEG: "image/jpeg",
    FileType.ZIP: "application/zip",
}
