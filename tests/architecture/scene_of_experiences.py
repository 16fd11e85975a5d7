"""What there is of the participant's experiences: files, versions, a new version in work."""

from typing import Any
from uuid import uuid4

from lms.accounts.models import User
from peer_exchange.actions import attach, rework_experience
from peer_exchange.actions.taking_over import keep_as_published
from peer_exchange.models import CityExperience, ExperienceFile, ExperienceVersion
from tests.factories.pictures import drawing


def at_experiences(
    scene: Any, participant: User, published: CityExperience, draft: CityExperience, at: Any
) -> None:
    picture = attach(experience=draft, kind="picture", upload=drawing(), by=participant, at=at)
    shown = ExperienceFile.objects.get(pk=picture.pk)
    shown.pk, shown.experience = uuid4(), published
    shown.save(force_insert=True)
    paper = ExperienceFile.objects.get(pk=shown.pk)
    paper.pk, paper.kind, paper.sizes = uuid4(), "file", []
    paper.save(force_insert=True)
    revision = keep_as_published(published, by=participant, at=at)
    reworking = rework_experience(experience=published, by=participant, at=at)
    version = ExperienceVersion.objects.create(
        experience=published, kind="writing", version=1, sections={}, changed=[], saved_at=at,
        saved_by=participant,
    )  # fmt: skip

    scene.at("peer_exchange:picture", pk=shown.pk, width=shown.widest["width"])
    scene.at("peer_exchange:attachment", pk=paper.pk)
    for address in ("remove_attachment", "restore_attachment"):
        scene.at(f"peer_exchange:{address}", pk=picture.pk)
    for address in ("attach", "give_up", "take_up"):
        scene.at(f"peer_exchange:{address}", pk=draft.pk)
    scene.at("peer_exchange:changes", pk=reworking.pk)
    scene.at("peer_exchange:version", number=revision.number)
    for address in ("draft_version", "restore_version"):
        scene.at(f"peer_exchange:{address}", pk=published.pk, version_pk=version.pk)
    for address in ("attach", "give-up", "take-up", "remove-file", "restore-file"):
        scene.at(f"api:v1:experience-{address}", pk=draft.pk)
    scene.at("api:v1:experience-revision", pk=revision.pk)
    scene.at("api:v1:experience-version", pk=version.pk)
    of_file = {"file": str(picture.pk)}
    read = {"base_version": draft.version}
    scene.bodies |= {
        "POST peer_exchange:embargo": {"embargo_until": ""},
        "POST peer_exchange:give_up": read,
        "POST peer_exchange:restore_version": read,
        "POST api:v1:experience-give-up": read,
        "POST api:v1:experience-embargo": {"embargo_until": None},
        "POST api:v1:experience-attach": {"kind": "file"},
        "POST api:v1:experience-remove-file": of_file,
        "POST api:v1:experience-restore-file": of_file,
        "POST api:v1:experience-version-restore": read,
    }
