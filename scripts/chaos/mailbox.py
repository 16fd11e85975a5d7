"""A mail server that forgets nothing: each letter handed to it is a file of its own.

Like a real one it has the letter before its sender knows: the answer takes up to
`ANSWERS_WITHIN` seconds, and a sender killed meanwhile will send it again.
"""

import os
import random
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

ANSWERS_WITHIN = 0.4
RECEIPT = re.compile(r"RB-\d{4}-[0-9A-Z]+")


class MailboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        for message in email_messages:
            name = uuid4().hex
            part = folder / f"{name}.part"
            part.write_bytes(message.message().as_bytes())
            # Whole or not at all.
            os.replace(part, folder / f"{name}.eml")
            time.sleep(random.uniform(0, ANSWERS_WITHIN))
        return len(email_messages)


@dataclass
class Letters:
    """`receipts`: receipt number → Message-ID → to whom. `handed_over`: letters of all kinds,
    each as often as it came; `repeated`: those that had come before."""

    receipts: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    handed_over: int = 0
    repeated: int = 0


def read_letters(folder: Path) -> Letters:
    letters, seen = Letters(), set()
    for path in folder.glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        letters.handed_over += 1
        number = str(message["Message-ID"])
        letters.repeated += number in seen
        seen.add(number)
        if receipt := RECEIPT.search(str(message["Subject"])):
            letters.receipts[receipt[0]][number] = str(message["To"])
    return letters
