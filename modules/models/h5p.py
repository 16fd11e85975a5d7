"""Interactive content: installed libraries, contents with their versions, built bundles.

`files` everywhere: path → [SHA-256, size in bytes]; the bytes are in the h5p store
(modules/h5p_store.py).
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from h5p.names import LibraryName
from h5p.outside import Allowance, allowance, named_outside
from lms.accounts.models import User
from modules.enums import H5POrigin


class H5PLibrary(models.Model):
    """A library as one package brought it, known by the hash of its files. Append-only.

    The same name and version may be here with several contents: what plays an
    activity is found by name and hash (`H5PVersion.pins`).
    """

    machine_name = models.CharField(max_length=255)
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    patch = models.PositiveIntegerField()
    title = models.CharField(max_length=255)
    content_hash = models.CharField(max_length=64, unique=True)
    is_runnable = models.BooleanField()
    metadata = models.JSONField(help_text=_("library.json"))
    semantics = models.JSONField(null=True, help_text=_("semantics.json, if it has one."))
    languages = models.JSONField(default=dict, help_text=_("Language code → language file."))
    files = models.JSONField()
    installed_at = models.DateTimeField()
    installed_by = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: it came with the program."),
    )

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["machine_name", "-major", "-minor", "-patch", "id"]
        verbose_name = _("H5P library")
        verbose_name_plural = _("H5P libraries")
        indexes = [
            models.Index(fields=["machine_name", "major", "minor"], name="h5p_library_by_name")
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.major}.{self.minor}.{self.patch}"

    @property
    def name(self) -> LibraryName:
        return LibraryName(self.machine_name, self.major, self.minor, self.patch)


class H5PContent(models.Model):  # type: ignore[django-manager-missing]
    """An interactive content, whatever version of it is played now."""

    title = models.CharField(max_length=250)
    origin = models.CharField(max_length=10, choices=H5POrigin.choices)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: it came with the program."),
    )
    current = models.ForeignKey(
        "modules.H5PVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since then it is off the list; no page plays it.")
    )
    archived_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["title", "id"]
        verbose_name = _("interactive content")
        verbose_name_plural = _("interactive contents")
        constraints = [
            models.CheckConstraint(
                condition=Q(origin__in=H5POrigin.values), name="h5p_origin_known"
            ),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=True, archived_by__isnull=True)
                | Q(archived_at__isnull=False, archived_by__isnull=False),
                name="h5p_archived_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class H5PVersion(models.Model):
    """A content as it stood: what was played can always be played again. Append-only.

    `parameters`: content.json, sanitised; of our own question sets it is what `questions`
    makes of it, with the key, and never goes to a reader (`h5p.questions.served_content`).
    `pins`: API name → content hash of every library it needs, editors' included.
    """

    content = models.ForeignKey(H5PContent, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text=_("1, 2, 3 … within the content."))
    main_library = models.ForeignKey(H5PLibrary, on_delete=models.PROTECT, related_name="versions")
    pins = models.JSONField()
    metadata = models.JSONField(help_text=_("h5p.json, sanitised."))
    parameters = models.JSONField()
    files = models.JSONField(default=dict)
    questions = models.JSONField(
        null=True, help_text=_("Our own questions with their answers (h5p.questions data).")
    )
    resolution_key = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, help_text=_("Of the whole, as canonical JSON."))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: it came with the program."),
    )
    note = models.CharField(max_length=250, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["content", "-number"]
        verbose_name = _("version of an interactive content")
        verbose_name_plural = _("versions of interactive contents")
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="h5p_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="h5p_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id}, version {self.number}"

    @property
    def is_marked_here(self) -> bool:
        """Whether the server has the key and marks (our own question types)."""
        return self.questions is not None

    @property
    def allowed_outside(self) -> Allowance:
        """What it has on other hosts, and what of it the settings allow (H5P_MEDIA_HOSTS)."""
        main = str(self.metadata.get("mainLibrary", ""))
        return allowance(named_outside(self.parameters, main), settings.H5P_MEDIA_HOSTS)


class H5PArrival(models.Model):
    """An uploaded package that was brought in: once, however often somebody says so."""

    upload = models.CharField(
        max_length=100, unique=True, help_text=_("The folder it waited in, or its form.")
    )
    arrived_at = models.DateTimeField()
    version = models.ForeignKey(
        H5PVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("What it became. Empty: only its libraries were wanted."),
    )

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.upload


class H5PBundle(models.Model):
    """One script and one stylesheet for a set of libraries, built once and kept."""

    key = models.CharField(max_length=64, unique=True)
    js_sha256 = models.CharField(max_length=64)
    js_brotli_sha256 = models.CharField(max_length=64)
    js_gzip_sha256 = models.CharField(max_length=64)
    css_sha256 = models.CharField(max_length=64)
    css_brotli_sha256 = models.CharField(max_length=64)
    css_gzip_sha256 = models.CharField(max_length=64)
    needs_eval = models.BooleanField(help_text=_("Some script makes code from text."))
    built_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.key

    def blob(self, kind: str, encoding: str) -> str:
        """The SHA-256 of the `js` or `css` as it is sent with `""`, `br` or `gzip`."""
        suffix = {"": "", "br": "_brotli", "gzip": "_gzip"}[encoding]
        return str(getattr(self, f"{kind}{suffix}_sha256"))
