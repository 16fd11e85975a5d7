"""Writing a project with form: by keyboard, from Word, from a lesson, on a phone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.test_autosave import SAVED, open_desk, section, state, stored, submission, write
from tests.factories import assessments

__all__ = ["submission"]

# As Word puts it on the clipboard: lines broken anywhere, lists as paragraphs, o:p, a style
# sheet in a comment, a table with a nested span in every cell.
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta name=Generator content="Microsoft Word 15"><style><!--
p.MsoNormal {margin:0cm; font-size:12.0pt; font-family:"Calibri",sans-serif;}
@list l0:level1 {mso-level-text:\\F0B7;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='margin-top:12.0pt'>A water strategy<o:p></o:p></h1>
<p class=MsoNormal style='text-align:justify'><span lang=EN-GB style='color:#1F3864'>Our
city <b style='mso-bidi-font-weight:normal'>shares</b> its
<i style='mso-bidi-font-style:normal'>river</i> with <a
href="https://example.org/cities?a=1&amp;b=2"><span
style='color:blue'>nine others</span></a>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if
!supportLists]><span style='font-family:Symbol'><span style='mso-list:
Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>Measure<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><![if
!supportLists]><span><span
style='mso-list:Ignore'>o<span>&nbsp;</span></span></span><![endif]>every week<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><![if !supportLists]><span><span
style='mso-list:Ignore'>·<span>&nbsp;</span></span></span><![endif]>Publish</p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr style='mso-yfti-irow:0'>
<td width=301 valign=top style='width:225.4pt'><p class=MsoNormal>Year<o:p></o:p></p></td>
<td><p class=MsoNormal>Litres</p></td></tr></table><!--EndFragment--></body></html>"""
FROM_WORD = (
    "<h3>A water strategy</h3>"
    "<p>Our city <strong>shares</strong> its <em>river</em> with "
    '<a href="https://example.org/cities?a=1&amp;b=2">nine others</a>.</p>'
    "<ul><li><p>Measure</p><ul><li><p>every week</p></li></ul></li><li><p>Publish</p></li></ul>"
    "<table><tbody><tr><td><p>Year</p></td><td><p>Litres</p></td></tr></tbody></table>"
)
GOOGLE = (
    '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">'
    '<h2 dir="ltr" style="line-height:1.38"><span style="font-weight:700">Partners</span></h2>'
    '<p dir="ltr"><span style="font-size:11pt;font-weight:700;">Nine</span><span style="font-'
    'size:11pt;font-weight:400;font-style:italic"> cities</span></p><br>'
    '<ol style="margin-top:0"><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation">'
    "<span>Ghent</span></p></li></ol></b><br class='Apple-interchange-newline'>"
)
FROM_GOOGLE = (
    "<h3>Partners</h3><p><strong>Nine</strong><em> cities</em></p><ol><li><p>Ghent</p></li></ol>"
)


def paste(page: Page, key: str, html: str) -> None:
    section(page, key).evaluate(
        """(field, html) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            data.setData("text/plain", "plain");
            field.focus();
            const event = { clipboardData: data, bubbles: true, cancelable: true };
            field.dispatchEvent(new ClipboardEvent("paste", event));
        }""",
        html,
    )


def expect_stored(page: Page, submission: assessments.Submission, html: str) -> None:
    """In the end: what is typed in one go may be saved in several."""
    for _turn in range(60):
        if stored(submission) == html:
            return
        page.wait_for_timeout(100)
    assert stored(submission) == html


def test_what_is_pasted_comes_out_clean(page: Page, submission: assessments.Submission) -> None:
    open_desk(page, submission)
    paste(page, "context", WORD)
    paste(page, "objectives", GOOGLE)
    expect(state(page)).to_have_text(SAVED)

    assert stored(submission) == FROM_WORD
    assert stored(submission, "objectives") == FROM_GOOGLE
    expect(page.locator("#section-context .word-count")).to_have_text("17 of about 100 words")
    outline = page.locator("#outline")
    expect(outline.get_by_role("button", name="A water strategy")).to_be_visible()
    page.reload()
    expect(section(page, "context").locator("table")).to_be_visible()
    write(page, "notes", "And so on.")
    expect(state(page)).to_have_text(SAVED)
    # Opening a text in the editor and closing it changes nothing of it.
    assert stored(submission) == FROM_WORD


def test_everything_is_done_by_keyboard(page: Page, submission: assessments.Submission) -> None:
    open_desk(page, submission)
    keys = page.keyboard
    section(page, "context").focus()
    expect(page.get_by_role("toolbar")).to_have_attribute("aria-label", "Formatting of 1. Context")
    keys.press("Control+Alt+3")
    keys.type("Why water")
    keys.press("Enter")
    keys.press("Control+b")
    keys.type("Because")
    keys.press("Control+b")
    keys.type(" we share it.")
    keys.press("Enter")
    keys.press("Alt+F10")
    expect(page.get_by_role("button", name="Heading", exact=True)).to_be_focused()
    for _button in range(5):
        keys.press("ArrowRight")
    expect(page.get_by_role("button", name="List", exact=True)).to_be_focused()
    keys.press("Enter")
    expect(section(page, "context")).to_be_focused()
    keys.type("one")
    keys.press("Control+k")
    page.get_by_label("Address").fill("javascript:alert(1)")
    keys.press("Enter")
    expect(page.get_by_text("Type a web or e-mail address.")).to_be_visible()
    page.get_by_label("Address").fill("https://example.org")
    keys.press("Enter")
    expect(section(page, "context")).to_be_focused()
    keys.press("Alt+F10")
    keys.press("Escape")
    expect(section(page, "context")).to_be_focused()

    expect_stored(
        page,
        submission,
        "<h3>Why water</h3><p><strong>Because</strong> we share it.</p>"
        '<ul><li><p>one<a href="https://example.org">https://example.org</a></p></li></ul>',
    )


def test_a_table_is_made_and_taken_away_again(
    page: Page, submission: assessments.Submission
) -> None:
    open_desk(page, submission)
    section(page, "context").click()
    page.get_by_role("button", name="Table", exact=True).click()
    page.keyboard.type("Year")
    page.keyboard.press("Tab")
    page.keyboard.type("Litres")
    page.get_by_role("button", name="Delete column").click()
    row = "<tr><td><p></p></td><td><p></p></td></tr>"
    expect_stored(
        page,
        submission,
        "<table><tbody><tr><th><p>Year</p></th><th><p></p></th></tr>"
        + row * 2
        + "</tbody></table>",
    )

    page.get_by_role("button", name="Delete table").click()
    expect(page.get_by_role("button", name="Delete table")).to_be_hidden()


def test_the_history_shows_what_changed_and_brings_it_back(
    page: Page, submission: assessments.Submission
) -> None:
    assessments.write(submission, context="The first idea we had.")
    open_desk(page, submission)
    section(page, "context").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Quite another idea.")
    # The line may still say that the first idea is saved.
    expect_stored(page, submission, "<p>Quite another idea.</p>")

    page.get_by_role("link", name="Draft history").click()
    page.locator(".row__title").first.click()
    expect(page.locator("ins").first).to_contain_text("The first")
    page.get_by_role("button", name=re.compile("Bring this section back")).click()
    expect(page.get_by_text("It is brought back.")).to_be_visible()

    assert stored(submission) == "<p>The first idea we had.</p>"
    expect(page.locator(".row")).to_have_count(3)


def test_on_a_phone_the_buttons_stay_at_the_edge(
    page: Page, submission: assessments.Submission
) -> None:
    page.set_viewport_size(PHONE)
    assessments.write(submission, context="\n\n".join(["A paragraph of some words."] * 40))
    open_desk(page, submission)
    section(page, "notes").scroll_into_view_if_needed()
    section(page, "notes").click()

    expect(page.get_by_role("button", name="Bold")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
