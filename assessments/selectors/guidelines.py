"""Versions of the guidelines: who follows which, and what a newer one changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import ALONE, STILL_WRITTEN
from assessments.models import GuidelinesVersion, Project, Submission
from lms.core.file_types import FileType
from lms.core.rich_text import clean_html, html_from_text, words_of
from lms.core.word_diff import Difference, difference_of


@dataclass(frozen=True)
class Followers:
    """How many that are still being written follow a version."""

    number: int
    count: int


@dataclass(frozen=True)
class TextChange:
    label: str
    difference: Difference

    @property
    def html(self) -> SafeString:
        return spoken(self.difference)


@dataclass(frozen=True)
class SectionChange:
    """`kind`: added, removed or changed. `written`: words that the draft has there."""

    kind: str
    key: str
    title: str
    sentences: tuple[str, ...] = ()
    help: SafeString | None = None
    written: int = 0


@dataclass(frozen=True)
class DeadlineMoved:
    before: datetime
    after: datetime
    zone: str


@dataclass
class GuidelinesChanges:
    """What differs between two versions. `holds_anyway`: what applies to everybody, however
    old their guidelines are (deadline, grace, rubric)."""

    before: GuidelinesVersion
    after: GuidelinesVersion
    sections: list[SectionChange] = field(default_factory=list)
    texts: list[TextChange] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    deadline: DeadlineMoved | None = None
    holds_anyway: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.sections or self.texts or self.limits or self.has_conditions)

    @property
    def has_conditions(self) -> bool:
        return bool(self.deadline or self.holds_anyway)

    @property
    def sets_aside(self) -> list[SectionChange]:
        """Sections that go and in which the draft has words."""
        return [one for one in self.sections if one.kind == "removed" and one.written]


def outdated_by(submission: Submission) -> GuidelinesVersion | None:
    """The version of the guidelines that staff require, where the draft follows an older."""
    required = submission.project.required_guidelines
    if required is None or submission.guidelines.number >= required.number:
        return None
    return required


def followers_of(project: Project) -> list[Followers]:
    """Projects still being written, by the version they follow, the newest first."""
    counted = (
        Submission.objects.filter(project=project, status__in=STILL_WRITTEN, parked_at=None)
        .values_list("guidelines__number")
        .annotate(count=Count("pk"))
        .order_by("-guidelines__number")
    )
    return [Followers(number, count) for number, count in counted]


def said_of_followers(project: Project) -> list[str]:
    """What publishing changes for those who write already: nothing, until they adopt it."""
    return [
        ngettext(
            "%(count)d draft is on version %(number)d; nothing changes for it until its writers "
            "adopt a newer one.",
            "%(count)d drafts are on version %(number)d; nothing changes for them until their "
            "writers adopt a newer one.",
            one.count,
        )
        % {"count": one.count, "number": one.number}
        for one in followers_of(project)
    ]


def changes_between(
    before: GuidelinesVersion, after: GuidelinesVersion, texts: Mapping[str, str] | None = None
) -> GuidelinesChanges:
    """`texts`: section key → HTML of a draft, to say what would be set aside."""
    changes = GuidelinesChanges(before, after)
    old, new = before.content, after.content
    changes.sections = _sections_changed(old, new, texts or {})
    changes.texts = [
        TextChange(label, difference)
        for label, difference in (
            (_("Title"), _of_text(old, new, "title")),
            (_("Summary"), _of_text(old, new, "summary")),
            (_("Introduction"), _of_html(old["intro"], new["intro"])),
            (_("Files"), _of_text(old["files"], new["files"], "note")),
            (_("Your own work"), _of_html(old["integrity"], new["integrity"])),
        )
        if not difference.is_none
    ]
    changes.limits = _limits_changed(old, new)
    changes.deadline, changes.holds_anyway = _conditions_changed(old, new)
    return changes


def spoken(difference: Difference) -> SafeString:
    """With words for those who do not see what is struck out and underlined."""
    words = {"ins": _("added:"), "del": _("removed:")}
    html = str(difference.html)
    for tag, word in words.items():
        html = html.replace(f"<{tag}>", f'<{tag}><span class="visually-hidden">{word} </span>')
    return mark_safe(html)  # noqa: S308 - `Difference.html` is escaped, and the words are ours


def _sections_changed(
    old: dict[str, Any], new: dict[str, Any], texts: Mapping[str, str]
) -> list[SectionChange]:
    was = {section["key"]: section for section in old["sections"]}
    now = {section["key"]: section for section in new["sections"]}
    stays_was = [key for key in was if key in now]
    stays_now = [key for key in now if key in was]
    changes = []
    for key, section in now.items():
        if key not in was:
            changes.append(_came(section))
            continue
        has_moved = stays_was.index(key) != stays_now.index(key)
        changed = _changed(was[key], section, has_moved)
        if changed is not None:
            changes.append(changed)
    return changes + [
        SectionChange("removed", key, section["title"], written=words_of(texts.get(key, "")))
        for key, section in was.items()
        if key not in now
    ]


def _came(section: dict[str, Any]) -> SectionChange:
    sentences = [_("It is required.") if section["required"] else _("It is optional.")]
    if section["recommended_words"]:
        sentences.append(_about(section["recommended_words"]))
    help_text = mark_safe(clean_html(section["help"]))  # noqa: S308 - cleaned
    return SectionChange("added", section["key"], section["title"], tuple(sentences), help_text)


def _changed(was: dict[str, Any], now: dict[str, Any], has_moved: bool) -> SectionChange | None:
    sentences = []
    if was["title"] != now["title"]:
        sentences.append(_("It was called “%(title)s”.") % {"title": was["title"]})
    if was["required"] != now["required"]:
        sentences.append(_("It is required now.") if now["required"] else _("It is optional now."))
    if was["recommended_words"] != now["recommended_words"]:
        sentences.append(
            _("About %(now)s words instead of %(was)s.")
            % {"now": now["recommended_words"], "was": was["recommended_words"]}
        )
    if has_moved:
        sentences.append(_("It stands in another place."))
    difference = _of_html(was["help"], now["help"])
    if not sentences and difference.is_none:
        return None
    shown = None if difference.is_none else spoken(difference)
    return SectionChange("changed", now["key"], now["title"], tuple(sentences), shown)


def _limits_changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    was, now = old["files"], new["files"]
    said = []
    if was["max_count"] != now["max_count"]:
        said.append(
            _("Files: up to %(now)s instead of %(was)s.")
            % {"now": now["max_count"], "was": was["max_count"]}
        )
    if was["max_mb"] != now["max_mb"]:
        said.append(
            _("Size of a file: up to %(now)s MB instead of %(was)s MB.")
            % {"now": now["max_mb"], "was": was["max_mb"]}
        )
    if was["types"] != now["types"]:
        said.append(
            _("Kinds of file: %(now)s; before: %(was)s.")
            % {"now": _kinds(now["types"]), "was": _kinds(was["types"])}
        )
    team_was, team_now = old.get("team") or ALONE, new.get("team") or ALONE
    if team_was != team_now:
        said.append(
            _("Teams of up to %(count)s people may hand in together.")
            % {"count": team_now["max_members"]}
            if team_now["allowed"]
            else _("Everybody hands in a project of their own.")
        )
    return said


def _conditions_changed(
    old: dict[str, Any], new: dict[str, Any]
) -> tuple[DeadlineMoved | None, list[str]]:
    """Older versions do not say what held then."""
    moved, said = None, []
    was, now = old.get("deadline"), new.get("deadline")
    if was and now:
        if was["at"] != now["at"]:
            moved = DeadlineMoved(
                datetime.fromisoformat(was["at"]), datetime.fromisoformat(now["at"]), now["zone"]
            )
        if was["grace_minutes"] != now["grace_minutes"]:
            said.append(
                _("Grace after the deadline: %(now)s minutes instead of %(was)s.")
                % {"now": now["grace_minutes"], "was": was["grace_minutes"]}
            )
        if was["accepts_late"] != now["accepts_late"]:
            said.append(
                _("Late projects are accepted now, and marked as late.")
                if now["accepts_late"]
                else _("Late projects are no longer accepted.")
            )
    rubric_was, rubric_now = old.get("rubric"), new.get("rubric")
    if "rubric" in old and rubric_now and rubric_was != rubric_now:
        said.append(
            _("Projects are marked on version %(number)s of the rubric “%(title)s”.")
            % {"number": rubric_now["number"], "title": rubric_now["title"]}
        )
    return moved, said


def _of_html(before: str, after: str) -> Difference:
    return difference_of(clean_html(before), clean_html(after))


def _of_text(old: dict[str, Any], new: dict[str, Any], key: str) -> Difference:
    return difference_of(html_from_text(old[key]), html_from_text(new[key]))


def _kinds(types: list[str]) -> str:
    labels = dict(FileType.choices)
    return ", ".join(str(labels.get(kind, kind)) for kind in types)


def _about(words: int) -> str:
    return ngettext("About %(count)d word.", "About %(count)d words.", words) % {"count": words}
