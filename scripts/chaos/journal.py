"""What participants have sent and what they were told: the only witness beside the database."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Save:
    """An acknowledged save: the text's place among all of its section."""

    section: str
    number: int


@dataclass(frozen=True)
class FinishedUpload:
    """An upload acknowledged as attached to the draft."""

    id: str
    name: str
    sha256: str


@dataclass
class Journal:
    """Of one participant. Each has one thread, and two while they submit twice at once."""

    submission: int
    email: str
    # Section → every text ever sent, in order; the first is what the draft began with.
    texts: dict[str, list[str]]
    saves: list[Save] = field(default_factory=list)
    uploads: list[FinishedUpload] = field(default_factory=list)
    # Whether they have pressed the button, and the receipts they were shown.
    asked: bool = False
    receipts: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    is_done: bool = False
    trouble: str = ""

    @property
    def acknowledged(self) -> int:
        """Writes: saves, files, and the submission, however often it was confirmed."""
        return len(self.saves) + len(self.uploads) + len(set(self.receipts))

    def next_text(self, section: str, text: str) -> int:
        self.texts[section].append(text)
        return len(self.texts[section]) - 1

    def last_saved(self, section: str) -> int:
        """The number of the last text acknowledged; 0 is what the draft began with."""
        return max((save.number for save in self.saves if save.section == section), default=0)
