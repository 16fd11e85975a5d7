"""Where a city's claims can be checked: an address in each line, then what stands there.

A person types these lines into one box; while they do, a line may be half of an address.
Only what is an address of the web becomes a link.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
LINKS_MOST = 30


@dataclass(frozen=True)
class EvidenceLink:
    url: str
    title: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def links_in(text: str) -> list[EvidenceLink]:
    """The links of all lines that have one; an address without words is its own title."""
    return [link for line in text.splitlines() if (link := _link_in(line))]


def lines_without_link(text: str) -> list[int]:
    """The numbers of lines that have words and no address, the first line being 1."""
    lines = enumerate(text.splitlines(), start=1)
    return [number for number, line in lines if line.strip() and not _link_in(line)]


def _link_in(line: str) -> EvidenceLink | None:
    found = _ADDRESS.search(line)
    if found is None or not _has_host(found[0]):
        return None
    url = found[0].rstrip(".,;:!?")
    words = (line[: found.start()] + line[found.end() :]).strip(" \t-–—|:;,")
    return EvidenceLink(url=url, title=words or url)


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        # “http://[”: half of an address that is a number.
        return False
