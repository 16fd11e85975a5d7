import json
from typing import Any
from uuid import uuid4

import django.db.models.deletion
import wagtail.fields
from django.db import migrations, models


def _with_place(blocks: list[Any], content_id: int | None) -> list[Any]:
    if content_id is None or any(block["type"] == "interactive" for block in blocks):
        return blocks
    return [*blocks, {"type": "interactive", "value": content_id, "id": str(uuid4())}]


def put_players_into_bodies(apps: Any, schema_editor: Any) -> None:
    """What was played below the text is played at its end."""
    ActivityPage = apps.get_model("modules", "ActivityPage")
    Revision = apps.get_model("wagtailcore", "Revision")
    for page in ActivityPage.objects.all():
        body = _with_place(list(page.body.raw_data), page.h5p_id)
        ActivityPage.objects.filter(pk=page.pk).update(body=body)
        for revision in Revision.objects.filter(
            object_id=str(page.pk), content_type__app_label="modules",
            content_type__model="activitypage",
        ):  # fmt: skip
            body = json.loads(revision.content["body"])
            revision.content["body"] = json.dumps(_with_place(body, revision.content.get("h5p")))
            revision.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [
        ("modules", "0005_h5p_append_only"),
    ]

    operations = [
        migrations.AlterField(
            model_name="activitypage",
            name="body",
            field=wagtail.fields.StreamField(
                [
                    ("heading", 0),
                    ("text", 1),
                    ("side_note", 4),
                    ("quote", 9),
                    ("steps", 12),
                    ("key_terms", 14),
                    ("bars", 23),
                    ("bands", 29),
                    ("ranking", 33),
                    ("timeline", 37),
                    ("table", 38),
                    ("picture", 44),
                    ("interactive", 45),
                ],
                block_lookup={
                    0: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {
                            "description": "A heading of the page.",
                            "group": "Text",
                            "help_text": "In sentence case, without a full stop.",
                            "icon": "title",
                            "max_length": 100,
                            "preview_value": "Four reasons, usually mixed",
                            "template": "modules/blocks/heading.html",
                        },
                    ),
                    1: (
                        "wagtail.blocks.RichTextBlock",
                        (),
                        {
                            "description": "Paragraphs, lists and links.",
                            "features": ["h3", "bold", "italic", "ol", "ul", "link"],
                            "group": "Text",
                            "help_text": "To link a term, choose its page in the reference section.",
                            "icon": "doc-full",
                            "preview_value": "<p>City diplomacy is what happens when …</p>",
                        },
                    ),
                    2: ("wagtail.blocks.CharBlock", (), {"max_length": 60}),
                    3: (
                        "wagtail.blocks.RichTextBlock",
                        (),
                        {"features": ["bold", "italic", "link"], "help_text": "Under 70 words."},
                    ),
                    4: ("wagtail.blocks.StructBlock", [[("title", 2), ("text", 3)]], {}),
                    5: ("wagtail.blocks.TextBlock", (), {"help_text": "Without quotation marks."}),
                    6: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                    7: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                    8: ("wagtail.blocks.CharBlock", (), {"max_length": 200, "required": False}),
                    9: (
                        "wagtail.blocks.StructBlock",
                        [[("text", 5), ("author", 6), ("role", 7), ("source", 8)]],
                        {},
                    ),
                    10: (
                        "wagtail.blocks.RichTextBlock",
                        (),
                        {"features": ["bold", "italic", "link"]},
                    ),
                    11: ("wagtail.blocks.ListBlock", (10,), {"min_num": 2}),
                    12: ("wagtail.blocks.StructBlock", [[("title", 6), ("items", 11)]], {}),
                    13: (
                        "wagtail.blocks.PageChooserBlock",
                        (),
                        {"page_type": ["modules.TermPage"]},
                    ),
                    14: (
                        "wagtail.blocks.ListBlock",
                        (13,),
                        {
                            "description": "Terms with their short definitions, linked to the reference section.",
                            "group": "Text",
                            "icon": "tag",
                            "template": "modules/blocks/key_terms.html",
                        },
                    ),
                    15: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"help_text": "With the year.", "max_length": 150},
                    ),
                    16: (
                        "wagtail.blocks.TextBlock",
                        (),
                        {
                            "help_text": "What the picture shows, in a sentence, for those who cannot see it."
                        },
                    ),
                    17: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"help_text": "Who published the figures, and when.", "max_length": 250},
                    ),
                    18: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {
                            "help_text": "How many were asked or answered; say so where the source does not tell.",
                            "max_length": 250,
                        },
                    ),
                    19: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"default": "%", "max_length": 20, "required": False},
                    ),
                    20: (
                        "wagtail.blocks.FloatBlock",
                        (),
                        {"help_text": "The figure as published.", "min_value": 0},
                    ),
                    21: ("wagtail.blocks.StructBlock", [[("label", 6), ("value", 20)]], {}),
                    22: ("wagtail.blocks.ListBlock", (21,), {"min_num": 1}),
                    23: (
                        "wagtail.blocks.StructBlock",
                        [
                            [
                                ("title", 15),
                                ("description", 16),
                                ("source", 17),
                                ("base", 18),
                                ("unit", 19),
                                ("rows", 22),
                            ]
                        ],
                        {},
                    ),
                    24: (
                        "wagtail.blocks.FloatBlock",
                        (),
                        {"label": "From (per cent)", "max_value": 100, "min_value": 0},
                    ),
                    25: (
                        "wagtail.blocks.FloatBlock",
                        (),
                        {"label": "To (per cent)", "max_value": 100, "min_value": 0},
                    ),
                    26: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {
                            "help_text": "The source’s own words, such as “more than half”.",
                            "max_length": 60,
                        },
                    ),
                    27: (
                        "wagtail.blocks.StructBlock",
                        [[("label", 6), ("low", 24), ("high", 25), ("words", 26)]],
                        {},
                    ),
                    28: ("wagtail.blocks.ListBlock", (27,), {"min_num": 1}),
                    29: (
                        "wagtail.blocks.StructBlock",
                        [
                            [
                                ("title", 15),
                                ("description", 16),
                                ("source", 17),
                                ("base", 18),
                                ("rows", 28),
                            ]
                        ],
                        {},
                    ),
                    30: ("wagtail.blocks.CharBlock", (), {"max_length": 150, "required": False}),
                    31: ("wagtail.blocks.StructBlock", [[("label", 6), ("note", 30)]], {}),
                    32: ("wagtail.blocks.ListBlock", (31,), {"min_num": 2}),
                    33: (
                        "wagtail.blocks.StructBlock",
                        [
                            [
                                ("title", 15),
                                ("description", 16),
                                ("source", 17),
                                ("base", 18),
                                ("rows", 32),
                            ]
                        ],
                        {},
                    ),
                    34: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"help_text": "For example “1945–1960”.", "max_length": 60},
                    ),
                    35: ("wagtail.blocks.StructBlock", [[("when", 34), ("what", 10)]], {}),
                    36: ("wagtail.blocks.ListBlock", (35,), {"min_num": 2}),
                    37: ("wagtail.blocks.StructBlock", [[("title", 6), ("items", 36)]], {}),
                    38: (
                        "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                        [[("text", 10)]],
                        {},
                    ),
                    39: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                    40: (
                        "wagtail.blocks.BooleanBlock",
                        (),
                        {
                            "help_text": "Tick if the picture says nothing that the text does not say.",
                            "label": "Only decoration",
                            "required": False,
                        },
                    ),
                    41: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {
                            "help_text": "What the picture shows, in a sentence. Not “picture of”.",
                            "label": "Text for those who cannot see it",
                            "max_length": 250,
                            "required": False,
                        },
                    ),
                    42: ("wagtail.blocks.CharBlock", (), {"max_length": 250, "required": False}),
                    43: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"help_text": "Who made it, and its licence.", "max_length": 200},
                    ),
                    44: (
                        "wagtail.blocks.StructBlock",
                        [
                            [
                                ("image", 39),
                                ("is_decorative", 40),
                                ("alt_text", 41),
                                ("caption", 42),
                                ("credit", 43),
                            ]
                        ],
                        {},
                    ),
                    45: ("modules.models.body_blocks.InteractiveBlock", (), {}),
                },
            ),
        ),
        migrations.AlterField(
            model_name="activitypage",
            name="h5p",
            field=models.ForeignKey(
                blank=True,
                help_text="As the body says; never set by itself.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="activities",
                to="modules.h5pcontent",
                verbose_name="Interactive content",
            ),
        ),
        migrations.RunPython(put_players_into_bodies, migrations.RunPython.noop),
    ]
