"""What every answer carries: request ids, the content policy, errors in the reader's form."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import include, path

from lms.core import audit, clock
from lms.core.errors import Conflict
from lms.core.models import AuditEvent
from tests.factories.accounts import AdministratorFactory, UserFactory
from tests.factories.programme import EditionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.test_http")]


def refuse(request):
    raise Conflict("The last place was taken a moment ago.")


def write_down(request):
    audit.record(by=None, verb="test.ran", target=EditionFactory.create(), at=clock.now())
    raise Conflict


urlpatterns = [
    path("refuse/", refuse),
    path("write-down/", write_down),
    path("", include("lms.urls")),
]
handler404 = "lms.core.views.not_found"


@pytest.mark.parametrize("given", ["abcdef-123456", "A" * 64])
def test_a_proxys_request_id_is_kept(client: Client, given: str) -> None:
    answer = client.get("/health/", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space 1", "<script>alert(1)"])
def test_an_unsafe_request_id_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/health/", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_the_audit_trail_carries_the_request_id(client: Client) -> None:
    client.get("/write-down/", headers={"X-Request-ID": "request-0002"})
    assert AuditEvent.objects.get().request_id == "request-0002"


def test_pages_allow_nothing_inline_and_nothing_from_elsewhere(client: Client) -> None:
    policy = _policy(client.get("/accounts/login/"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert not {"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} & set(" ".join(policy))


@pytest.mark.parametrize("address", ["/cms/", "/django-admin/"])
def test_staff_tools_may_bring_inline_code(client: Client, address: str) -> None:
    client.force_login(AdministratorFactory.create())
    assert "'unsafe-inline'" in _policy(client.get(address))["script-src"]


def test_a_refusal_that_no_view_expected_is_a_readable_page(client: Client) -> None:
    answer = client.get("/refuse/")
    assert answer.status_code == 409
    assert "The last place was taken a moment ago." in answer.content.decode()


def test_a_refusal_gives_back_what_was_written(client: Client) -> None:
    wrote = {
        "text": "Two harbours,\r\n<b>one</b> plan.",
        "comment-context": "Clear & short.",
        "themes": ["climate", "energy"],
        "csrfmiddlewaretoken": "c" * 64,
        "new_password": "correct horse",
        "otp_code": "abcdef",
        "api_token": "rb_abc",
        "idempotency_key": "f00d",
        "base_version": "7",
        "marker": "12",
        "note": "  ",
    }

    answer = client.post("/refuse/", wrote)

    page = BeautifulSoup(answer.content, "html.parser")
    assert [(one.dt.text, one.dd.text) for one in page.select("[data-written] > div")] == [
        ("Your text", "Two harbours,<b>one</b> plan."),
        ("Comment context", "Clear & short."),
        ("Themes", "climate"),
        ("Themes", "energy"),
    ]
    assert page.select_one("main h2").text == "What you wrote is here: copy it before you leave"
    assert "no-store" in answer["Cache-Control"]


def test_a_refusal_shows_nothing_of_an_address(client: Client) -> None:
    answer = client.get("/refuse/?text=Call+this+number")
    assert "Call this number" not in answer.content.decode()


def test_a_script_of_ours_is_told_and_keeps_its_own_text(client: Client) -> None:
    answer = client.post("/refuse/", {"text": "x"}, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(
    client: Client,
) -> None:
    page = client.get("/nowhere/")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")

    problem = client.get("/api/v1/nowhere/")
    assert (problem.status_code, problem["Content-Type"]) == (404, "application/problem+json")
    assert problem.json()["code"] == "not_found"


def test_a_post_from_a_stale_page_is_explained() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory.create())

    page = strict.post("/refuse/")
    assert page.status_code == 403
    assert "text/html" in page["Content-Type"]
    problem = strict.post("/api/v1/uploads/")
    assert problem.json()["code"] == "csrf_failed"


def test_a_script_whose_browser_lost_the_cookie_is_told_and_given_another() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory.create())
    ours = {"X-Requested-With": "fetch"}

    refused = strict.post("/refuse/", headers=ours)
    token = strict.get("/form-token/", headers=ours)
    answer = strict.post("/refuse/", headers={**ours, "X-CSRFToken": token.json()["token"]})

    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert refused.json()["code"] == "csrf_failed"
    assert refused.json()["detail"].startswith("Load this page again")
    assert "no-store" in token["Cache-Control"]
    assert answer.status_code == 409  # what the address itself says


@pytest.mark.parametrize("address", ["/verify/%00BCDEFGHJKM/", "/receipts/RB%00/", "/?x=%00"])
def test_an_address_with_a_nul_is_an_unknown_one(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_form_in_an_encoding_that_is_none_of_text_is_refused() -> None:
    client = Client(raise_request_exception=False)
    form = '--x\r\nContent-Disposition: form-data; name="login"\r\n\r\na\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x; charset=hex"
    assert client.generic("POST", "/accounts/login/", form, kind).status_code == 400


@pytest.mark.parametrize("address", ["/", "/api/v1/me/", "/cms/"])
def test_what_was_made_for_one_reader_is_kept_by_no_shared_cache(
    client: Client, address: str
) -> None:
    client.force_login(AdministratorFactory.create())
    answer = client.get(address)
    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("tool", ["/cms/", "/django-admin/"])
def test_there_is_one_way_in_with_its_limits(client: Client, tool: str) -> None:
    """The tools' own sign-in pages would let anybody guess passwords without end."""
    for method in (client.get, client.post):
        answer = method(f"{tool}login/?next={tool}")
        assert answer["Location"] == f"/accounts/login/?next={tool}"

    client.force_login(UserFactory.create())
    led = client.get(tool, follow=True)
    assert led.status_code == 404
    assert len(led.redirect_chain) == 1


def test_the_health_page_needs_nobody(client: Client) -> None:
    assert client.get("/health/").json() == {"status": "ok"}


def _policy(answer) -> dict[str, str]:
    directives = answer["Content-Security-Policy"].split(";")
    return dict(directive.strip().split(" ", 1) for directive in directives)


def test_an_address_for_forms_leads_on_when_it_is_opened_as_a_page(client: Client) -> None:
    address = "/project/some-edition/more-time/take-back/"
    answer = client.get(address, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    links = BeautifulSoup(answer.content, "html.parser").select("main a")
    assert [link["href"] for link in links] == ["/project/some-edition/more-time/", "/"]

    asked_by_script = client.get(address, headers={"X-Requested-With": "fetch"})
    assert (asked_by_script.status_code, asked_by_script.content) == (405, b"")
