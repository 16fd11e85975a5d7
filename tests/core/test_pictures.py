"""Pictures of lessons, served without a web server's help and with DEBUG off."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

pytestmark = pytest.mark.django_db


# Wagtail leaves the file to the collector into which it wrote the rendition.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_rendition_is_served_for_good_to_everybody(client: Client) -> None:
    assert settings.DEBUG is False
    image = get_image_model().objects.create(title="Ferry", file=get_test_image_file())
    rendition = image.get_rendition("width-100")

    answer = client.get(rendition.url)

    with default_storage.open(rendition.file.name) as stored:
        assert b"".join(answer.streaming_content) == stored.read()
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    kept = {part.strip() for part in answer["Cache-Control"].split(",")}
    assert kept == {"public", "max-age=31536000", "immutable"}
    assert client.post(rendition.url).status_code == 405


@pytest.mark.parametrize(
    "stored",
    [
        "original_images/a.png",
        "documents/a.pdf",
        "images/a.svg",
        "images/a.html",
        "images/.a.png",
    ],
)
def test_nothing_else_of_the_media_folder_has_an_address(
    client: Client, stored: str, settings: Any
) -> None:
    path = Path(settings.MEDIA_ROOT) / stored
    default_storage.delete(stored)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"secret")

    assert client.get(f"/media/{stored}").status_code == 404


def test_a_name_leads_out_of_the_folder_nowhere(client: Client) -> None:
    default_storage.save("original_images/b.png", ContentFile(b"secret"))
    for name in ("..%2Foriginal_images%2Fb.png", "../original_images/b.png", "nothing.png"):
        assert client.get(f"/media/images/{name}").status_code == 404
