"""The exchange of cities as its people use it: writing, finding, talking, taking up."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lms.accounts.models import City, User
from lms.programme.models import Edition
from peer_exchange.actions.indexing import index_experience
from peer_exchange.models import CityExperience, Report, Response, SavedSearch, Transfer
from tests.browser.conftest import PATIENCE, PHONE, SignIn, sign_in_to
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import ThemeFactory, draft, published, response_of
from tests.factories.pictures import photograph
from tests.factories.programme import EditionFactory, moderator, participant

SAVED = re.compile("^Saved")
STEPS = ("Understanding", "Assessing", "Adapting", "Piloting", "Adopted")


@pytest.fixture
def edition(live_server: Any, settings: LazySettings) -> Edition:
    # What a page asks of the database is watched elsewhere.
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]
    return EditionFactory.create()


@pytest.fixture
def harbour() -> City:
    return CityFactory.create(name="Harbour City", latitude=41.4, longitude=2.2)


@pytest.fixture
def author(edition: Edition, harbour: City) -> User:
    return participant(edition, harbour, name="Ada Author")


@pytest.fixture
def reader(edition: Edition) -> User:
    return participant(edition, CityFactory.create(name="River City"), name="Rita Reader")


def address_of(experience: CityExperience, more: str = "") -> str:
    return f"/exchange/{experience.edition.slug}/{experience.pk}/{more}"


def state(page: Page) -> Any:
    return page.locator("[data-autosave-state]").first


def follow(page: Page, role: Any, name: str) -> None:
    """By keyboard: to the thing, Enter, and on when the next page is there."""
    with page.expect_navigation():
        page.get_by_role(role, name=name, exact=True).press("Enter")


def test_from_the_draft_to_the_public_page(
    edition: Edition,
    harbour: City,
    author: User,
    page: Page,
    context: BrowserContext,
    browser: Browser,
    address: str,
    sign_in: SignIn,
) -> None:
    experience = draft(
        edition, harbour, author=author, title="Quiet ferries", visibility="public", failed=""
    )
    sign_in(author)
    page.goto(address_of(experience, "edit/"))
    field = page.locator("#section-failed [role=textbox]")

    # Written with a connection, without one, and with one again.
    field.click()
    page.keyboard.type("The first crane was too small.")
    expect(state(page)).to_have_text(SAVED)
    context.set_offline(True)
    page.keyboard.type(" So was the second.")
    expect(state(page)).to_contain_text("kept on this device")
    context.set_offline(False)
    expect(state(page)).to_have_text(SAVED)
    experience.refresh_from_db()
    assert experience.failed == "<p>The first crane was too small. So was the second.</p>"

    # A picture: words typed just before go along; then it is said what it shows.
    page.keyboard.type(" The third was not.")
    page.locator("#pictures input[type=file]").set_input_files(
        {"name": "harbour.jpg", "mimeType": "image/jpeg", "buffer": photograph().read()}
    )
    follow(page, "button", "Attach the picture")
    expect(field).to_contain_text("The third was not.")
    page.locator("#pictures").get_by_label("What it shows, for those who do not see it").fill(
        "A ferry at night"
    )
    expect(state(page)).to_have_text(SAVED)

    # Read through, handed in, cleared.
    follow(page, "button", "Read it through and submit")
    follow(page, "button", "Submit for clearance")
    page.goto(address_of(experience, "clearance/"))
    page.get_by_role("textbox").first.fill("Head of the mayor’s office")
    follow(page, "button", "It is cleared: send it to the moderators")
    context.clear_cookies()
    answer = page.goto(address_of(experience))
    assert answer is not None
    assert "too small" not in page.content()

    # A moderator, on a telephone.
    pocket = browser.new_context(base_url=address, viewport=PHONE, has_touch=True)
    pocket.set_default_timeout(PATIENCE)
    sign_in_to(pocket, moderator(edition), address)
    phone = pocket.new_page()
    phone.goto(f"/exchange/{edition.slug}/moderation/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    with phone.expect_navigation():
        phone.get_by_role("link", name="Read Quiet ferries").tap()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    with phone.expect_navigation():
        phone.get_by_role("button", name="Publish", exact=True).tap()
    pocket.close()

    # Anybody, without an account.
    page.goto(address_of(experience))
    expect(page.get_by_role("heading", level=1, name="Quiet ferries")).to_be_visible()
    expect(page.get_by_text("So was the second.")).to_be_visible()
    shown = page.get_by_role("img", name="A ferry at night")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => one.complete && one.naturalWidth > 0")
    assert page.locator("script[type='application/ld+json']").count() == 1
    expect(page.get_by_role("textbox")).to_have_count(0)
    assert "Ada Author" not in page.content()


def test_finding_with_a_typo_and_facets_and_keeping_the_search(
    edition: Edition, harbour: City, author: User, reader: User, page: Page, sign_in: SignIn
) -> None:
    ferries = published(edition, harbour, author=author, title="Quieter ferries for the harbour")
    ferries.themes.set([ThemeFactory.create(slug="transport")])
    index_experience(ferries)
    published(edition, harbour, author=author, title="Ferries that carry books")
    sign_in(reader)
    page.goto(f"/exchange/{edition.slug}/")
    keys = page.keyboard

    # One letter is missing.
    page.get_by_role("searchbox", name="Search").focus()
    keys.type("ferris")
    with page.expect_navigation():
        keys.press("Enter")
    results = page.locator("#results")
    expect(results.get_by_text("Showing results for ferries")).to_be_visible()
    expect(results.locator(".row__title")).to_have_count(2)
    expect(results.locator("mark").first).to_have_text(re.compile("ferries", re.IGNORECASE))

    # A facet, with its count: by keyboard. (At this width the outer fold is open.)
    page.locator(".facets > summary", has_text="Theme").press("Enter")
    page.get_by_role("checkbox", name="Transport (1)").press("Space")
    follow(page, "button", "Show these")
    expect(results.locator(".row__title")).to_have_text(["Quieter ferries for the harbour"])
    expect(results.get_by_role("status").filter(has_text="experience")).to_contain_text(
        "1 experience"
    )

    # Kept, and there again.
    results.locator(".finding__save > summary").press("Enter")
    page.get_by_label("Name", exact=True).fill("Quiet boats")
    page.get_by_label("Write to me about what is new in it").select_option("daily")
    follow(page, "button", "Save")
    search = SavedSearch.objects.get()
    assert (search.user, search.name, search.cadence) == (reader, "Quiet boats", "daily")
    page.goto(f"/exchange/{edition.slug}/searches/")
    follow(page, "link", "Quiet boats")
    expect(page.locator("#results .row__title")).to_have_text(["Quieter ferries for the harbour"])


def test_the_map_by_keyboard_and_the_list_beside_it(
    edition: Edition, harbour: City, author: User, reader: User, page: Page, sign_in: SignIn
) -> None:
    south = CityFactory.create(name="South City", latitude=-34.9, longitude=-56.2)
    published(edition, harbour, author=author, title="At the harbour")
    published(edition, south, title="In the south")
    published(edition, south, title="South again")
    sign_in(reader)
    page.goto(f"/exchange/{edition.slug}/map/")

    points = page.get_by_role("group", name="Map of the cities").get_by_role("link")
    names = [str(one.get_attribute("aria-label")) for one in points.all()]
    assert sorted(names) == ["Harbour City: 1 experience", "South City: 2 experiences"]
    listed = page.get_by_role("region", name="The cities").locator(".row")
    expect(listed).to_have_count(2)
    for name in names:
        city, said = name.split(": ")
        expect(listed.filter(has_text=city)).to_contain_text(said)

    # From point to point with Tab; the one that has the focus is seen, and its name.
    points.first.focus()
    page.keyboard.press("Tab")
    expect(points.nth(1)).to_be_focused()
    expect(points.nth(1).locator("text")).to_be_visible()
    expect(points.first.locator("text")).to_be_hidden()
    chosen = names[1].split(":")[0]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#results .row__main .meta", has_text=chosen).first).to_be_visible()
    wanted = 1 if chosen == "Harbour City" else 2
    expect(page.locator("#results .row__title")).to_have_count(wanted)


def test_a_conversation_with_a_name_an_answer_and_a_report(
    edition: Edition, harbour: City, author: User, reader: User, page: Page, sign_in: SignIn
) -> None:
    experience = published(edition, harbour, author=author, title="Quiet ferries")
    rude = response_of(author, experience, "You are all wrong about boats, buy mine.", city=harbour)
    sign_in(reader)
    page.goto(address_of(experience))
    keys = page.keyboard
    form = page.locator("#respond")

    # A question that calls somebody by name, chosen from the list under the @.
    form.get_by_role("radio", name="Ask the city a question").press("Space")
    field = form.get_by_role("textbox", name="Your response")
    field.focus()
    # The script that knows the names has come.
    expect(field).to_have_attribute("aria-autocomplete", "list")
    keys.type("Who paid, @ad")
    people = page.get_by_role("listbox")
    expect(people.get_by_role("option", selected=True)).to_contain_text("Ada Author")
    assert field.get_attribute("aria-activedescendant")
    keys.press("Enter")
    expect(people).to_have_count(0)
    keys.type("for the second crane?")
    expect(field).to_have_value(re.compile(r"^Who paid, @Ada Author.* for the second crane\?$"))
    # A browser that has lost its cookie for forms asks for another one.
    page.context.clear_cookies(name="csrftoken")
    form.get_by_role("button", name="Publish your response").press("Enter")
    expect(page.get_by_text("Question · open")).to_be_visible()
    expect(page.locator(".called")).to_have_text(re.compile("Ada Author"))
    question = Response.objects.get(kind="question")
    assert [one.user for one in question.mentions.all()] == [author]

    # Somebody else's words, reported.
    said = page.locator(f"#response-{rude.pk}")
    said.locator("summary").press("Enter")
    follow(page, "link", "Report it")
    page.get_by_role("radio", name="It is advertising, or flooding").press("Space")
    follow(page, "button", "Send the report")
    assert Report.objects.get().reporter == reader

    # The city answers.
    sign_in(author)
    page.goto(f"/exchange/{edition.slug}/questions/")
    follow(page, "link", "Answer Rita Reader")
    page.get_by_role("textbox", name="Your answer").focus()
    keys.type("The port did, from its own budget.")
    page.get_by_role("checkbox", name="This answers the question").press("Space")
    follow(page, "button", "Publish your answer")
    expect(page.get_by_text("Question · answered")).to_be_visible()
    expect(page.get_by_text("The city’s answer")).to_be_visible()

    # A moderator hides what was reported, and takes it back.
    sign_in(moderator(edition))
    page.goto(f"/exchange/{edition.slug}/reports/")
    page.get_by_role("textbox", name="Why?").fill("Advertising has no place here.")
    follow(page, "button", "Hide it")
    sign_in(reader)
    page.goto(address_of(experience))
    expect(page.get_by_text("Question · answered")).to_be_visible()
    expect(page.locator(f"#response-{rude.pk}")).to_have_count(0)
    assert "buy mine" not in page.content()


def test_a_transfer_from_interest_to_adopted_and_the_page_for_the_mayor(
    edition: Edition, harbour: City, author: User, reader: User, page: Page, sign_in: SignIn
) -> None:
    experience = published(edition, harbour, author=author, title="Quiet ferries")
    sign_in(reader)
    page.goto(address_of(experience))
    follow(page, "link", "Our city is interested")
    page.get_by_role("textbox", name="What do you hope to take home?").fill("Quiet nights.")
    follow(page, "button", "Say so")
    here = page.url

    for number, step in enumerate(STEPS):
        page.get_by_role("radio", name=re.compile(f"^{step}")).press("Space")
        page.get_by_role("textbox", name="What happened, and why?").fill(f"Step {number}.")
        follow(page, "button", "Save the step")
        expect(page.locator(".timeline__item[data-state=here]")).to_contain_text(step)
    page.locator("summary", has_text="Add evidence").press("Enter")
    page.get_by_label("What it shows").fill("The council’s decision")
    page.get_by_label("Link").fill("https://example.org/decision")
    follow(page, "button", "Add")
    expect(page.get_by_role("link", name="The council’s decision")).to_be_visible()

    # The city it came from gives its word.
    sign_in(author)
    page.goto(here)
    expect(page.get_by_text("River City says: Adopted. Is it so?")).to_be_visible()
    follow(page, "button", "Yes, we confirm it")
    expect(page.locator(".page-head .tag").last).to_have_text("Confirmed by the source city")
    transfer = Transfer.objects.get()
    assert (transfer.status, transfer.answer) == ("adopted", "confirmed")

    # One page for the mayor, on the screen and on paper.
    sign_in(reader)
    page.goto("/cities/river-city/report/")
    expect(page.locator(".report-rows").first).to_contain_text("Quiet ferries")
    expect(page.locator(".report-rows").first).to_contain_text("Adopted · confirmed")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as PDF").press("Enter")
    with open(download.value.path(), "rb") as paper:
        assert paper.read(5) == b"%PDF-"
