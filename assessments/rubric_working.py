"""A rubric while it is being written: as it was typed, right or wrong.

{"pass_percent", "next", "criteria": [{"id", "key", "title", "description", "weight", "levels":
[{"id", "key", "title", "points", "descriptor"}]}], "undo": […]}. Each part has an id by which
the fields of the page are named; `key` is empty for what is new since the last version.
Nothing here knows the database; what changes is the dictionary that is handed in.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from assessments.rubric_content import (
    LONGEST_KEY,
    MOST_CRITERIA,
    MOST_LEVELS,
    weight_of,
)
from assessments.rubric_weights import shared_out
from lms.core.errors import Conflict, InvalidInput, Sentence
from lms.core.text import clean_text

CRITERION_TEXTS = ("title", "description", "weight")
LEVEL_TEXTS = ("title", "points", "descriptor")
MOST_UNDONE = 20
MAX_FIELD_BYTES = 20_000


class NoSuchPart(Conflict):
    """What a button was about is gone, or cannot move further."""

    code = "no_such_part"


def working_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a published content looks like when it is opened to be changed. Always the same,
    so that a page that was opened before anything was saved still names the right parts."""
    return {
        "pass_percent": _plain(content["pass_percent"]),
        "next": 1,
        "criteria": [
            {
                "id": criterion["key"],
                "key": criterion["key"],
                "title": criterion["title"],
                "description": criterion["description"],
                "weight": _plain(criterion["weight"]),
                "levels": [
                    {
                        "id": level["key"],
                        "key": level["key"],
                        "title": level["title"],
                        "points": _plain(level["points"]),
                        "descriptor": level["descriptor"],
                    }
                    for level in criterion["levels"]
                ],
            }
            for criterion in content["criteria"]
        ],
        "undo": [],
    }


def new_working() -> dict[str, Any]:
    """A rubric that nobody has written yet: one criterion with three levels."""
    working: dict[str, Any] = {"pass_percent": "50", "next": 1, "criteria": [], "undo": []}
    _add_criterion(working)
    working["criteria"][0]["weight"] = "100"
    return working


def content_in(working: Mapping[str, Any]) -> dict[str, Any]:
    """What would be published: parts that are new get a key of their title."""
    return {
        "pass_percent": working["pass_percent"],
        "criteria": [
            {
                "key": key,
                **{name: criterion[name] for name in CRITERION_TEXTS},
                "levels": [
                    {"key": of_level, **{name: level[name] for name in LEVEL_TEXTS}}
                    for level, of_level in _keyed(criterion["levels"], "level")
                ],
            }
            for criterion, key in _keyed(working["criteria"], "criterion")
        ],
    }


def with_keys(content: Mapping[str, Any]) -> dict[str, Any]:
    """A content somebody sends, in which keys may be left out or empty. What is too much
    stays as it is, to be refused."""
    criteria = content.get("criteria")
    if not isinstance(criteria, list) or len(criteria) > MOST_CRITERIA:
        return dict(content)
    filled = []
    for criterion in criteria:
        levels = criterion.get("levels") if isinstance(criterion, Mapping) else None
        if not isinstance(criterion, Mapping):
            filled.append(criterion)
        elif isinstance(levels, list) and len(levels) <= MOST_LEVELS:
            filled.append({**criterion, "levels": _filled(levels, "level")})
        else:
            filled.append(criterion)
    return {**content, "criteria": _filled(filled, "criterion")}


def give_keys(working: dict[str, Any]) -> None:
    """Once it is published: from now on each part is known by the key it got."""
    for criterion, key in _keyed(working["criteria"], "criterion"):
        criterion["key"] = key
        for level, of_level in _keyed(criterion["levels"], "level"):
            level["key"] = of_level


def texts_of(working: Mapping[str, Any]) -> dict[str, str]:
    """Every field of the page by its name, in order."""
    texts = {"pass_percent": working["pass_percent"]}
    for criterion in working["criteria"]:
        for name in CRITERION_TEXTS:
            texts[f"c.{criterion['id']}.{name}"] = criterion[name]
        for level in criterion["levels"]:
            for name in LEVEL_TEXTS:
                texts[f"l.{criterion['id']}.{level['id']}.{name}"] = level[name]
    return texts


def write_texts(working: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Put texts where they belong, as they were typed. InvalidInput for a field there is
    none of: the part was removed meanwhile."""
    places = dict(_places(working))
    errors: dict[str, list[Sentence]] = {
        str(name): [_("This part of the rubric was removed meanwhile. Open the page again.")]
        for name in values
        if name not in places
    }
    if errors:
        raise InvalidInput(errors=errors)
    for name, value in values.items():
        holder, key = places[name]
        holder[key] = clean_text(value, field=name, max_bytes=MAX_FIELD_BYTES)


def field_of(working: Mapping[str, Any], where: str) -> str:
    """The field that a refusal of `clean_rubric` is about: “criteria[1].levels[2].points” →
    “l.need.strong.points”; for a whole part, its title."""
    if not where.startswith("criteria["):
        return where
    number, _bracket, rest = where.removeprefix("criteria[").partition("]")
    criterion = working["criteria"][int(number)]
    if not rest.startswith(".levels["):
        name = rest.lstrip(".")
        return f"c.{criterion['id']}.{name if name in CRITERION_TEXTS else 'title'}"
    number, _bracket, rest = rest.removeprefix(".levels[").partition("]")
    level = criterion["levels"][int(number)]
    name = rest.lstrip(".")
    return f"l.{criterion['id']}.{level['id']}.{name if name in LEVEL_TEXTS else 'title'}"


# --- Moves ------------------------------------------------------------------------


def move(working: dict[str, Any], wanted: str) -> str:
    """Do what a button says: “add”, “add:C”, “remove:C”, “remove:C:L”, “up:…”, “down:…”,
    “duplicate:…”, “scale”, “equal”, “undo”. Returns what to look at next: “C” or “C:L”.

    Raises NoSuchPart, or InvalidInput for a button there is none of.
    """
    verb, *path = wanted.split(":")
    if verb in {"scale", "equal"} and not path:
        _share_out(working, keeps_proportions=verb == "scale")
        return ""
    if verb == "undo" and not path:
        return _undo(working)
    if verb == "add" and not path:
        return _add_criterion(working)
    if verb == "add" and len(path) == 1:
        return _add_level(working, path[0])
    if verb in {"remove", "up", "down", "duplicate"} and len(path) in {1, 2}:
        things, place = _find(working, path)
        if verb == "remove":
            return _remove(working, path, things, place)
        if verb == "duplicate":
            return _duplicate(working, path, things, place)
        return _shift(path, things, place, by=-1 if verb == "up" else 1)
    raise InvalidInput(errors={"move": [_("There is no such button.")]})


def replace_all(working: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Another content in its place; what stood there can be brought back."""
    _remember(working, {"what": "all", "before": _whole(working)})
    working |= {name: deepcopy(other[name]) for name in ("pass_percent", "criteria")}
    working["next"] = max(working["next"], other["next"])


def undo_label(working: Mapping[str, Any]) -> str:
    """What “undo” would bring back; empty when there is nothing."""
    if not working["undo"]:
        return ""
    entry = working["undo"][-1]
    if entry["what"] == "weights":
        return _("the weights as they were")
    if entry["what"] == "all":
        return _("the rubric as it was before")
    title = entry["thing"]["title"] or _("without a title")
    said = _("the criterion “%(title)s”") if entry["what"] == "criterion" else _(
        "the level “%(title)s”"
    )  # fmt: skip
    return said % {"title": title}


def sum_of_weights(working: Mapping[str, Any]) -> Decimal | None:
    """None while one of them is no number."""
    weights = [weight_of(criterion["weight"]) for criterion in working["criteria"]]
    return None if None in weights else sum((w for w in weights if w is not None), Decimal(0))


def _share_out(working: dict[str, Any], *, keeps_proportions: bool) -> None:
    """Make the weights add up to 100: all alike, or each in its proportion."""
    criteria = working["criteria"]
    if not criteria:
        raise NoSuchPart(_("There is no criterion yet."))
    before = {criterion["id"]: criterion["weight"] for criterion in criteria}
    _remember(working, {"what": "weights", "weights": before})
    given = [weight_of(criterion["weight"]) for criterion in criteria]
    shares = shared_out(given if keeps_proportions else [None] * len(criteria))
    for criterion, share in zip(criteria, shares, strict=True):
        criterion["weight"] = _plain(share)


def _undo(working: dict[str, Any]) -> str:
    if not working["undo"]:
        raise NoSuchPart(_("There is nothing to bring back."))
    entry = working["undo"].pop()
    if entry["what"] == "weights":
        for criterion in working["criteria"]:
            criterion["weight"] = entry["weights"].get(criterion["id"], criterion["weight"])
        return ""
    if entry["what"] == "all":
        # What is replaced now waits below: nothing is lost by going back and forth.
        working["undo"].insert(0, {"what": "all", "before": _whole(working)})
        working |= entry["before"]
        return ""
    if entry["what"] == "criterion":
        things, path = working["criteria"], [entry["thing"]["id"]]
    else:
        things, _place = _levels(working, entry["of"])
        path = [entry["of"], entry["thing"]["id"]]
    thing = entry["thing"]
    if thing["key"] in {other["key"] for other in things}:
        thing["key"] = ""  # Something new has been published under its name meanwhile.
    things.insert(min(entry["at"], len(things)), thing)
    return ":".join(path)


def _remember(working: dict[str, Any], entry: dict[str, Any]) -> None:
    working["undo"] = [*working["undo"], entry][-MOST_UNDONE:]


def _add_criterion(working: dict[str, Any]) -> str:
    if len(working["criteria"]) >= MOST_CRITERIA:
        raise NoSuchPart(_("A rubric has at most %(most)d criteria.") % {"most": MOST_CRITERIA})
    others = working["criteria"][-1:]
    # New criteria mostly have the levels of the one before, in other words.
    scale = [(level["title"], level["points"]) for one in others for level in one["levels"]]
    criterion: dict[str, Any] = {
        "id": _new_id(working), "key": "", "title": "", "description": "", "weight": "",
    }  # fmt: skip
    first = [(_("Fully"), "2"), (_("In part"), "1"), (_("Not yet"), "0")]
    criterion["levels"] = [
        {"id": _new_id(working), "key": "", "title": title, "points": points, "descriptor": ""}
        for title, points in scale or first
    ]
    working["criteria"].append(criterion)
    return str(criterion["id"])


def _add_level(working: dict[str, Any], criterion: str) -> str:
    levels, _place = _levels(working, criterion)
    if len(levels) >= MOST_LEVELS:
        raise NoSuchPart(_("A criterion has at most %(most)d levels.") % {"most": MOST_LEVELS})
    level = {"id": _new_id(working), "key": "", "title": "", "points": "", "descriptor": ""}
    levels.append(level)
    return f"{criterion}:{level['id']}"


def _remove(working: dict[str, Any], path: list[str], things: list[Any], place: int) -> str:
    thing = things.pop(place)
    entry = {"what": "level" if len(path) == 2 else "criterion", "at": place, "thing": thing}
    _remember(working, entry | ({"of": path[0]} if len(path) == 2 else {}))
    near = things[min(place, len(things) - 1)]["id"] if things else ""
    return ":".join([*path[:-1], near]).rstrip(":")


def _duplicate(working: dict[str, Any], path: list[str], things: list[Any], place: int) -> str:
    most = MOST_LEVELS if len(path) == 2 else MOST_CRITERIA
    if len(things) >= most:
        raise NoSuchPart(_("There are as many already as there may be: %(most)d.") % {"most": most})
    copy = deepcopy(things[place])
    for part in (copy, *copy.get("levels", ())):
        part |= {"id": _new_id(working), "key": ""}
    title = _("%(title)s (copy)") % {"title": copy["title"]}
    copy["title"] = title if copy["title"] else ""
    things.insert(place + 1, copy)
    return ":".join([*path[:-1], copy["id"]])


def _shift(path: list[str], things: list[Any], place: int, *, by: int) -> str:
    if not 0 <= place + by < len(things):
        raise NoSuchPart(_("It cannot move further."))
    things[place], things[place + by] = things[place + by], things[place]
    return ":".join(path)


def _find(working: Mapping[str, Any], path: list[str]) -> tuple[list[Any], int]:
    things = working["criteria"]
    if len(path) == 2:
        things, _place = _levels(working, path[0])
    for place, thing in enumerate(things):
        if thing["id"] == path[-1]:
            return things, place
    raise NoSuchPart(_("This part of the rubric was removed meanwhile. Open the page again."))


def _levels(working: Mapping[str, Any], criterion: str) -> tuple[list[Any], int]:
    things, place = _find(working, [criterion])
    return things[place]["levels"], place


def _places(working: dict[str, Any]) -> Iterator[tuple[str, tuple[dict[str, Any], str]]]:
    """Field name → the dictionary it stands in, and its name there."""
    yield "pass_percent", (working, "pass_percent")
    for criterion in working["criteria"]:
        for name in CRITERION_TEXTS:
            yield f"c.{criterion['id']}.{name}", (criterion, name)
        for level in criterion["levels"]:
            for name in LEVEL_TEXTS:
                yield f"l.{criterion['id']}.{level['id']}.{name}", (level, name)


def _keyed(things: list[dict[str, Any]], word: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Each part with its key; new ones get one that no other has."""
    taken = [thing["key"] for thing in things]
    for number, thing in enumerate(things, start=1):
        if thing["key"]:
            yield thing, thing["key"]
            continue
        wanted = slugify(thing["title"])[:LONGEST_KEY].strip("-") or f"{word}-{number}"
        key, count = wanted, 2
        while key in taken:
            key = f"{wanted[: LONGEST_KEY - 5]}-{count}"
            count += 1
        taken.append(key)
        yield thing, key


def _filled(things: list[Any], word: str) -> list[Any]:
    readable = [
        {**thing, "key": thing.get("key") or ""}
        for thing in things
        if isinstance(thing, Mapping) and isinstance(thing.get("title"), str)
    ]
    keyed = iter([{**thing, "key": key} for thing, key in _keyed(readable, word)])
    return [
        next(keyed) if isinstance(thing, Mapping) and isinstance(thing.get("title"), str) else thing
        for thing in things
    ]


def _new_id(working: dict[str, Any]) -> str:
    """With a sign that no key has."""
    number = working["next"]
    working["next"] = number + 1
    return f"~{number}"


def _whole(working: Mapping[str, Any]) -> dict[str, Any]:
    return deepcopy({name: working[name] for name in ("pass_percent", "criteria")})


def _plain(number: object) -> str:
    """“40.00” → “40”, as people write it."""
    return f"{Decimal(str(number)).normalize():f}"
