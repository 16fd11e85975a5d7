from types import SimpleNamespace

from django.core import mail
from django.test import override_settings

from lms.core.mail import send_message

NAIROBI = SimpleNamespace(email="p3@nairobi.example", get_short_name=lambda: "Participant 3")


@override_settings(SITE_URL="https://rambla.example")
def test_send_message_renders_both_twins_with_one_action():
    send_message(
        to=NAIROBI,
        subject="Your project has arrived",
        paragraphs=["The receipt is RB-1.", "Two people will read it."],
        action_url="/project/",
        action_label="Show the receipt",
    )

    [message] = mail.outbox
    html = message.alternatives[0].content
    assert message.to == ["p3@nairobi.example"]
    for text in (message.body, html):
        assert "Dear Participant 3," in text
        assert "Two people will read it." in text
        assert "https://rambla.example/project/" in text
        assert "Show the receipt" in text


def test_send_message_escapes_html_and_leaves_text_alone():
    send_message(to=NAIROBI, subject="A & B", paragraphs=["<b>1 < 2</b>"])

    [message] = mail.outbox
    assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;" in message.alternatives[0].content
    assert "<b>1 < 2</b>" in message.body


def test_send_message_keeps_a_subject_on_one_line():
    send_message(to=NAIROBI, subject="Hello\r\nBcc: somebody@else.example", paragraphs=["x"])

    [message] = mail.outbox
    assert message.subject == "Hello Bcc: somebody@else.example"
    assert message.recipients() == ["p3@nairobi.example"]
