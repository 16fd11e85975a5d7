from celery import shared_task

from lms.core import clock
from modules import h5p_lrs, h5p_uploads
from modules.models import H5PStatement, H5PVersion


@shared_task
def build_h5p_bundle(version_id: int) -> None:
    """Before anybody plays it, and smaller than in a hurry."""
    # Actions queue these tasks, so they are imported when a task runs.
    from modules.actions.h5p_bundles import BEST, bundle_for
    from modules.h5p_staging import resolution_of

    version = H5PVersion.objects.select_related("main_library").get(pk=version_id)
    bundle_for(resolution=resolution_of(version), at=clock.now(), quality=BEST)


@shared_task
def sweep_h5p_uploads() -> None:
    """Packages that were reviewed and never decided on, and what killed processes left."""
    h5p_uploads.sweep_uploads(clock.now())


@shared_task
def forward_h5p_statements(statement_ids: list[int]) -> None:
    """To the learning record store, if there is one. A failure is tried again later."""
    rows = H5PStatement.objects.filter(pk__in=statement_ids).order_by("pk")
    h5p_lrs.send(list(rows.select_related("enrolment")))
