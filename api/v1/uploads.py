"""Files of projects that arrive in pieces: a tus 1.0 server (docs/uploads.md)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.http.request import UnreadablePostError
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from api import tus
from api.pagination import CursorPagination
from api.serializers import NoBodySerializer
from api.views import ResourceViewSet
from assessments.actions.receiving import ALGORITHMS, receive_bytes
from assessments.actions.uploads import (
    begin_upload,
    cancel_upload,
    finish_upload,
    stored_upload,
)
from assessments.enums import UploadStatus
from assessments.models import ProjectFile, Submission, Upload
from assessments.models.guidelines import MAX_FILE_MB
from lms.core.numbers import whole_number
from lms.core.permissions import require_in_person


class NewestFirst(CursorPagination):
    ordering = "-created_at"


class PieceThrottle(UserRateThrottle):
    """Pieces have a measure of their own: a large file must not use up the ordinary one."""

    scope = "upload"


class UploadSerializer(serializers.ModelSerializer[Upload]):
    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    file = serializers.PrimaryKeyRelatedField[ProjectFile](read_only=True, allow_null=True)

    class Meta:
        model = Upload
        fields: tuple[str, ...] = (
            "id", "project", "name", "size", "offset", "sha256", "status", "refused_because",
            "created_at", "expires_at", "file",
        )  # fmt: skip


class UploadDetailSerializer(UploadSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(UploadSerializer.Meta):
        fields = (*UploadSerializer.Meta.fields, "abilities")

    def get_abilities(self, upload: Upload) -> dict[str, bool]:
        is_arriving = upload.status == UploadStatus.RECEIVING
        has_arrived = upload.status == UploadStatus.RECEIVED
        return {
            "append": is_arriving,
            "finish": has_arrived,
            "cancel": is_arriving or has_arrived,
        }


def _header(name: str, description: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(
        name, location=OpenApiParameter.HEADER, required=required, description=description
    )


RESUMABLE = _header("Tus-Resumable", "1.0.0; otherwise 412.")
CHECKSUM = _header(
    "Upload-Checksum",
    "`sha256` or `sha1`, a space, and the hash of this request's bytes in base64. "
    "460 where it does not match: nothing of the piece is kept.",
    required=False,
)


class UploadViewSet(ResourceViewSet):
    """Uploads of one's own. Beside GET, the requests of tus 1.0: core, creation,
    creation-with-upload, checksum, expiration, termination."""

    queryset = Upload.objects.none()
    serializer_class = UploadSerializer
    detail_serializer_class = UploadDetailSerializer
    pagination_class = NewestFirst
    parser_classes = (*ResourceViewSet.parser_classes, tus.PieceParser)
    filterset_fields = ("submission", "status")
    own_keys = frozenset({"begin"})
    # A file is put into its store between two transactions.
    keyless = frozenset({"finish"})

    def get_queryset(self) -> Any:
        return Upload.objects.visible_to(self.by).select_related("submission__owner")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # For clients behind proxies that know only GET and POST.
        meant = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and meant in {"PATCH", "DELETE", "HEAD"}:
            request.method = meant
        return super().dispatch(request, *args, **kwargs)

    def get_throttles(self) -> list[BaseThrottle]:
        if self.request.method in {"PATCH", "HEAD"}:
            return [PieceThrottle()]
        return super().get_throttles()

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = tus.VERSION
        if response.status_code == tus.WrongVersion.status:
            response["Tus-Version"] = tus.VERSION
        if response.status_code == 460:
            response.reason_phrase = "Checksum Mismatch"
        return response

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(
            status=204,
            headers={
                "Tus-Version": tus.VERSION,
                "Tus-Extension": ",".join(tus.EXTENSIONS),
                "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
                "Tus-Max-Size": str(MAX_FILE_MB * 1024 * 1024),
            },
        )

    @extend_schema(
        request={tus.PIECE: OpenApiTypes.BINARY},
        responses={201: None},
        parameters=[
            RESUMABLE,
            _header("Upload-Length", "Size of the whole file in bytes."),
            _header(
                "Upload-Metadata",
                "`filename` and `project` (its id), and perhaps `sha256` (of the whole file, "
                "hexadecimal): key, space, value in base64; separated by commas.",
            ),
            _header(
                "Idempotency-Key",
                "8 to 80 visible ASCII characters of your own. Sent again after a lost answer, "
                "it gives the same upload; with another file, 409.",
                required=False,
            ),
            CHECKSUM,
        ],
    )
    def begin(self, request: Request) -> Response:
        """Announce a file; the answer's `Location` takes its pieces. The first piece may
        come along. 413 over the limit, 422 with the reason when refused. `Upload-Offset`
        is where to go on: not 0 where an earlier request with the same key came further."""
        said = tus.read_metadata(request)
        submission = self._project_named(said.get("project", ""))
        tus.require_version(request)
        checksum = tus.read_checksum(request)
        upload = begin_upload(
            submission=submission,
            name=said.get("filename", ""),
            size=tus.read_number(request, "Upload-Length"),
            sha256=said.get("sha256", ""),
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            by=self.by,
            at=self.at,
        )
        if tus.is_piece(request) and not upload.offset:
            upload = self._receive(upload, 0, tus.read_content_length(request), checksum)
        address = reverse("api:v1:upload-detail", args=[upload.pk], request=request)
        return self._answer(upload, 201, {"Location": address})

    @extend_schema(exclude=True)
    def offset(self, request: Request, pk: UUID) -> Response:
        """HEAD: how much has arrived."""
        upload = self.get_object()
        tus.require_version(request)
        upload = stored_upload(upload=upload, by=self.by, at=self.at)
        return self._answer(
            upload, 200, {"Upload-Length": str(upload.size), "Cache-Control": "no-store"}
        )

    @extend_schema(
        request={tus.PIECE: OpenApiTypes.BINARY},
        responses={204: None},
        parameters=[
            RESUMABLE,
            _header("Upload-Offset", "Where this piece begins: what HEAD says; otherwise 409."),
            CHECKSUM,
        ],
    )
    def append(self, request: Request, pk: UUID) -> Response:
        """Send the next piece. With the last one the file is checked and attached: 422 with
        the reason when it is refused, 503 while the file store is away (`finish` later)."""
        upload = self.get_object()
        tus.require_version(request)
        tus.require_piece(request)
        upload = self._receive(
            upload,
            tus.read_number(request, "Upload-Offset"),
            tus.read_content_length(request),
            tus.read_checksum(request),
        )
        return self._answer(upload, 204)

    @extend_schema(request=None, responses={204: None}, parameters=[RESUMABLE])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """End an upload; what has arrived is deleted."""
        upload = self.get_object()
        tus.require_version(request)
        cancel_upload(upload=upload, by=self.by, at=self.at)
        return Response(status=204)

    @extend_schema(request={"application/json": NoBodySerializer}, responses=UploadDetailSerializer)
    def finish(self, request: Request, pk: UUID) -> Response:
        """Try once more to attach a file that has arrived whole."""
        upload = self.get_object()
        self.read_body(NoBodySerializer)
        upload = finish_upload(upload=upload, by=self.by, at=self.at)
        context = self.get_serializer_context()
        return Response(UploadDetailSerializer(upload, context=context).data)

    def _receive(
        self, upload: Upload, offset: int, length: int, checksum: tus.Checksum | None
    ) -> Upload:
        return receive_bytes(
            upload=upload,
            read=_reader(self.request._request),
            length=length,
            offset=offset,
            checksum=checksum,
            by=self.by,
            at=self.at,
        )

    def _answer(
        self, upload: Upload, status: int, headers: dict[str, str] | None = None
    ) -> Response:
        said = {"Upload-Offset": str(upload.offset), **(headers or {})}
        if upload.status == UploadStatus.RECEIVING:
            said["Upload-Expires"] = http_date(upload.expires_at.timestamp())
        return Response(status=status, headers=said)

    def _project_named(self, pk: str) -> Submission:
        rows = Submission.objects.visible_to(self.by).select_related("owner", "guidelines")
        submission = get_object_or_404(rows, pk=whole_number(pk, digits=18) or 0)
        require_in_person(self.by, "assessments.write_submission", submission)
        return submission


def _reader(request: HttpRequest) -> Callable[[int], bytes]:
    """The body as it comes; a broken connection is its end."""

    def read(size: int) -> bytes:
        try:
            return bytes(request.read(size))
        except UnreadablePostError:
            return b""

    return read
