"""The shared pieces of every page."""

import re

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template, render_to_string
from django.test import Client, RequestFactory

from lms.core.errors import StaleVersion
from lms.core.refusals import refusal_page

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "email" not in path.parts and not path.stem.endswith("_pdf")]


class ProjectForm(forms.Form):
    title = forms.CharField(label="Title", help_text="One line.")
    theme = forms.ChoiceField(
        label="Theme", choices=[("a", "A")], widget=forms.RadioSelect, required=False
    )
    agreed = forms.BooleanField(label="My city agrees")


def test_form_ties_label_hint_and_error_to_the_field():
    html = str(ProjectForm({}))

    assert '<label class="field__label" for="id_title">Title</label>' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html


def test_form_lists_its_errors_first_with_a_way_to_each_field():
    html = str(ProjectForm({}))

    assert html.index("data-error-summary") < html.index('name="title"')
    assert '<a href="#id_title">Title</a>' in html
    assert '<a href="#id_agreed">My city agrees</a>' in html


def test_form_groups_choices_under_a_legend_and_marks_what_is_optional():
    html = str(ProjectForm())

    assert re.search(r"<fieldset>\s*<legend[^>]*>Theme <span[^>]*>optional</span></legend>", html)
    assert "data-error-summary" not in html


def test_error_page_stands_without_request_and_navigation():
    html = render_to_string("500.html")

    assert "Something went wrong on our side" in html
    assert 'class="site-nav"' not in html


def test_refused_page_keeps_the_stored_text():
    error = StaleVersion(stored={"aim": "Theirs <b>"})

    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    html = refusal_page(request, error).content.decode()

    assert "<p data-refusal>A newer version was saved meanwhile." in html
    assert "Theirs &lt;b&gt;" in html


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["login", "password/reset", "password/reset/done", "signup"])
def test_account_page_is_in_our_look(client: Client, path: str):
    response = client.get(f"/accounts/{path}/")

    assert response.status_code == 200
    assert 'class="page page--entrance"' in response.content.decode()


def test_templates_compile():
    for path in TEMPLATES:
        get_template(str(path.relative_to(settings.BASE_DIR / "templates")))


def test_templates_have_no_inline_script_or_style():
    """The content-security policy would refuse it."""
    inline = re.compile(
        r"<style\b|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*(\bsrc=|application/(ld\+)?json))"
    )

    assert [path.name for path in PAGES if inline.search(path.read_text())] == []
