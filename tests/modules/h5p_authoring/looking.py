"""What the tests of authoring look at, and what a browser sends."""

import json
import re
from typing import Any

from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User
from modules.models import H5PContent, H5PLibrary, H5PVersion
from tests.factories.h5p import package


def nothing_is_stored() -> bool:
    return not (
        H5PContent.objects.exists() or H5PVersion.objects.exists() or H5PLibrary.objects.exists()
    )


def waiting_uploads() -> list[str]:
    try:
        return storages["h5p"].listdir("uploads")[0]
    except FileNotFoundError:
        return []


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tides(title: str = "Tides", **files: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile("tides.h5p", package(title, **files).getvalue())


def shown_version(client: Client, url: str) -> str:
    """What a form on the page says that it was made from."""
    page = client.get(url).content.decode()
    (number,) = re.findall(r'name="base_version" value="(\d+)"', page)
    return str(number)


def screens(content: H5PContent) -> list[str]:
    version = content.current_id
    named = [
        reverse(f"h5p_library:{name}")
        for name in (
            "index",
            "archived",
            "csv",
            "libraries",
            "upload",
            "write",
            "import",
            "import_example",
        )
    ]
    kind = ["texts", "replace"] if content.origin == "uploaded" else ["edit_questions"]
    of_one = [reverse(f"h5p_library:{name}", args=[content.pk]) for name in ["content", *kind]]
    return [*named, *of_one, reverse("h5p_library:download", args=[version])]


def posted(stream: list[dict[str, Any]], **more: str) -> dict[str, str]:
    """What the browser sends for single-choice questions."""
    data = {
        "title": "Written",
        "language": "en",
        "introduction": "",
        "pass_percentage": "50",
        "retry": "on",
        "base_version": "0",
        "questions-count": str(len(stream)),
        **more,
    }
    for place, child in enumerate(stream):
        at = f"questions-{place}"
        data |= {f"{at}-deleted": "", f"{at}-order": str(place), f"{at}-type": "single"}
        data[f"{at}-id"] = child.get("id", "")
        prompt = {"blocks": [{"key": "a", "text": child["prompt"], "type": "unstyled"}]}
        data[f"{at}-value-prompt"] = json.dumps(prompt | {"entityMap": {}})
        data |= {f"{at}-value-points": "1", f"{at}-value-right": "", f"{at}-value-wrong": ""}
        data[f"{at}-value-options-count"] = str(len(child["options"]))
        for number, (text, correct) in enumerate(child["options"]):
            row = f"{at}-value-options-{number}"
            data |= {f"{row}-deleted": "", f"{row}-order": str(number), f"{row}-type": "item"}
            data |= {f"{row}-id": "", f"{row}-value-text": text, f"{row}-value-feedback": ""}
            if correct:
                data[f"{row}-value-correct"] = "on"
    return data
