"""What one participant does: write, upload a file perhaps, and submit, once or twice at once."""

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from scripts.chaos.browser import (
    Answer,
    Browser,
    GivenUp,
    Unexpected,
    as_json,
)
from scripts.chaos.journal import Journal, Save
from scripts.chaos.mailbox import RECEIPT
from scripts.chaos.uploading import upload_file

WORDS = ("city", "water", "neighbours", "mobility", "council", "budget", "partners", "network")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Plan:
    """`submit_at`: of time.monotonic(). `clicks`: once, the same button twice at once, or
    the buttons of two tabs at once. `by_page`: with the pages that a person opens."""

    submit_at: float
    pause: float
    uploads: bool
    clicks: str
    by_page: bool

    @classmethod
    def draw(cls, chance: random.Random, begin: float, seconds: float) -> "Plan":
        return cls(
            submit_at=begin + seconds * chance.uniform(0.1, 0.75),
            pause=chance.uniform(0.3, 2.0),
            uploads=chance.random() < 0.25,
            clicks=chance.choices(("once", "double click", "two tabs"), (6, 2, 2))[0],
            by_page=chance.random() < 0.3,
        )


class Participant:
    def __init__(
        self, journal: Journal, browser: Browser, plan: Plan, chance: random.Random, edition: str
    ) -> None:
        self.journal = journal
        self.browser = browser
        self.plan = plan
        self.chance = chance
        place = {"edition_slug": edition}
        self.desk = reverse("assessments:project", kwargs=place)
        self.draft = f"{reverse('assessments:draft', kwargs=place)}?project={journal.submission}"
        self.check_page = reverse("assessments:submit", kwargs=place)
        self.project = reverse("api:v1:project-detail", args=[journal.submission])
        self.version = 0
        self.files: list[str] = []

    def run(self) -> None:
        """All of it, to the end or until the time is over. Never raises."""
        try:
            self._live()
            self.journal.is_done = True
        except GivenUp:
            self.journal.trouble = "not ready in time"
        except Unexpected as error:
            self.journal.trouble = str(error)
        except Exception as error:  # a mistake of this script must be seen, too
            self.journal.trouble = f"{type(error).__name__}: {error}"

    def _live(self) -> None:
        if self.plan.by_page:
            self._open_desk()
        upload_after = self.chance.randint(1, 3)
        written = 0
        while time.monotonic() < self.plan.submit_at or not written:
            self.save()
            written += 1
            if written == upload_after:
                self._upload()
            self.browser.wait(self.plan.pause * self.chance.uniform(0.5, 1.5))
        self._upload()
        self.submit()
        if self.chance.random() < 0.3:
            self._save_too_late()

    def _open_desk(self) -> None:
        """The page gives the CSRF cookie; who writes by the API alone has made their own."""
        del self.browser.cookies["csrftoken"]
        answer = self.browser.ask_until_answered("GET", self.desk)
        if answer.status != 200 or "csrftoken" not in self.browser.cookies:
            raise answer.unexpected("the desk")

    def _upload(self) -> None:
        if self.plan.uploads and not self.files:
            self.files.append(upload_file(self.browser, self.journal, self.chance))

    # --- Writing ---------------------------------------------------------------------

    def save(self) -> None:
        """One or two sections anew, sent until they are stored (frontend/src/autosave)."""
        keys = self.chance.sample(sorted(self.journal.texts), self.chance.choice((1, 1, 1, 2)))
        numbers = {key: self.journal.next_text(key, self._new_text(key)) for key in keys}
        values = {key: self.journal.texts[key][number] for key, number in numbers.items()}
        while not self._send(values):
            self.browser.wait(0.05)
        self.journal.saves += [Save(key, number) for key, number in numbers.items()]

    def _send(self, values: dict[str, str]) -> bool:
        answer = self._put(values)
        if answer.status == 200:
            said = answer.json()
            if said["values"]:
                raise answer.unexpected("a text that is stored otherwise than it was sent")
            self.version = said["version"]
            return True
        if answer.status != 409 or answer.code != "stale_version":
            raise answer.unexpected("a save")
        said = answer.json()
        self.version = said["version"]
        if all(said["stored"].get(key) == text for key, text in values.items()):
            self.journal.counts["409 to a save: an earlier try had arrived"] += 1
            return True
        self.journal.counts["409 to a save: sent again on the newer version"] += 1
        return False

    def _put(self, values: dict[str, str]) -> Answer:
        body = {"base_version": self.version, "text_format": "html", "values": values}
        return self.browser.ask_until_answered("PUT", self.draft, *as_json(body))

    def _save_too_late(self) -> None:
        """Another tab still sends what was typed: refused, or it is a write that is lost."""
        key = min(self.journal.texts)
        number = self.journal.next_text(key, self._new_text(key))
        answer = self._put({key: self.journal.texts[key][number]})
        if answer.status == 200:
            self.journal.saves.append(Save(key, number))
        elif answer.status == 409 and answer.code == "not_a_draft":
            self.journal.counts["409 to a save after the submission: refused, rightly"] += 1
        else:
            raise answer.unexpected("a save after the submission")

    def _new_text(self, key: str) -> str:
        number = len(self.journal.texts[key])
        paragraphs = (
            " ".join(self.chance.choices(WORDS, k=self.chance.randint(20, 90)))
            for _ in range(self.chance.randint(1, 4))
        )
        said = f"{self.journal.email}, {key}, text {number}."
        return "".join(f"<p>{text}</p>" for text in (said, *paragraphs))

    # --- Submitting --------------------------------------------------------------------

    def submit(self) -> None:
        self.journal.asked = True
        tabs = 2 if self.plan.clicks == "two tabs" else 1
        presses = [
            self._open_check_page() if self.plan.by_page else self._call() for _ in range(tabs)
        ]
        if self.plan.clicks == "double click":
            presses *= 2
        clicks = [threading.Thread(target=self._press, args=[press]) for press in presses]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        if self.journal.trouble:
            raise Unexpected(self.journal.trouble)

    def _press(self, press: Callable[[], str]) -> None:
        try:
            self.journal.receipts.append(press())
        except GivenUp:
            self.journal.trouble = "not ready in time"
        except Exception as error:  # of a thread of its own
            self.journal.trouble = f"{type(error).__name__}: {error}"

    def _call(self) -> Callable[[], str]:
        """Through the API; every try of one press has the same key."""
        body, headers = as_json({"base_version": self.version, "files": self.files})
        headers["Idempotency-Key"] = self._new_key()

        def press() -> str:
            path = f"{self.project}submit/"
            answer = self.browser.ask_until_answered("POST", path, body, headers)
            if answer.status == 201:
                return str(answer.json()["receipt"])
            return self._look_for_receipt(answer)

        return press

    def _open_check_page(self) -> Callable[[], str]:
        """Through the page, whose form carries the key."""
        page = self.browser.ask_until_answered("GET", self.check_page)
        hidden = r'<input type="hidden" name="([\w-]+)" value="([^"]*)"'
        # Of several forms, each field once; `without` has one for each upload.
        fields = dict.fromkeys(re.findall(hidden, page.body.decode()))
        if page.status != 200 or ("base_version", str(self.version)) not in fields:
            raise page.unexpected("the page before submitting")
        body = urlencode(list(fields)).encode()

        def press() -> str:
            answer = self.browser.ask_until_answered("POST", self.check_page, body, FORM)
            shown = RECEIPT.search(answer.headers.get("Location", ""))
            if answer.status == 302 and shown:
                return shown[0]
            return self._look_for_receipt(answer)

        return press

    def _look_for_receipt(self, answer: Answer) -> str:
        """Refused, since another press was quicker: the project shows its receipt."""
        if answer.status != 409:
            raise answer.unexpected("the submission")
        found = self.browser.ask_until_answered("GET", self.project).json()
        if not found["receipts"]:
            raise answer.unexpected("a refused submission without a receipt")
        self.journal.counts["409 to a submission: the receipt of the other press was found"] += 1
        return str(found["receipts"][-1])

    def _new_key(self) -> str:
        return UUID(int=self.chance.getrandbits(128), version=4).hex
