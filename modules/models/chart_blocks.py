"""Pictures of data: drawn by the server as SVG, with source, base and table (S3, P1)."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    CharBlock,
    FloatBlock,
    ListBlock,
    StructBlock,
    StructBlockValidationError,
    TextBlock,
)

from modules.models import charts

SOURCE_HELP = _("Who published the figures, and when.")
BASE_HELP = _("How many were asked or answered; say so where the source does not tell.")
DESCRIPTION_HELP = _("What the picture shows, in a sentence, for those who cannot see it.")


class ChartBlock(StructBlock):
    """What every chart carries: a title, a description, a source and a base."""

    title = CharBlock(max_length=150, help_text=_("With the year."))
    description = TextBlock(help_text=DESCRIPTION_HELP)
    source = CharBlock(max_length=250, help_text=SOURCE_HELP)
    base = CharBlock(max_length=250, help_text=BASE_HELP)

    class Meta:
        icon = "order"
        group = _("Figures")

    def layout(self, value: Any) -> charts.Chart:
        raise NotImplementedError

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        digest = hashlib.sha256(str(value["title"]).encode()).hexdigest()
        return {**context, "chart": self.layout(value), "chart_id": f"chart-{digest[:8]}"}


class BarsBlock(ChartBlock):
    unit = CharBlock(max_length=20, required=False, default="%")
    rows = ListBlock(
        StructBlock(
            [
                ("label", CharBlock(max_length=120)),
                ("value", FloatBlock(min_value=0, help_text=_("The figure as published."))),
            ]
        ),
        min_num=1,
    )

    class Meta:
        template = "modules/blocks/bars.html"
        label = _("Chart: bars")
        description = _("For exact figures of a source.")
        preview_value = {
            "title": "Cities with an international strategy, 2017",
            "description": "About seven in ten say yes.",
            "unit": "%",
            "rows": [{"label": "Yes", "value": 69}, {"label": "No", "value": 19}],
            "source": "Survey of 27 cities, 2017",
            "base": "27 cities stated",
        }

    def layout(self, value: Any) -> charts.Chart:
        return charts.bars(
            ((row["label"], row["value"] or 0) for row in value["rows"]), value["unit"] or ""
        )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        over = [r["label"] for r in cleaned["rows"] if (r["value"] or 0) > 100]
        if cleaned["unit"] == "%" and over:
            raise StructBlockValidationError(
                block_errors={"unit": ValidationError(_("A share cannot be more than 100 %."))}
            )
        return cleaned


class BandRowBlock(StructBlock):
    label = CharBlock(max_length=120)
    low = FloatBlock(min_value=0, max_value=100, label=_("From (per cent)"))
    high = FloatBlock(min_value=0, max_value=100, label=_("To (per cent)"))
    words = CharBlock(
        max_length=60, help_text=_("The source’s own words, such as “more than half”.")
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        low, high = cleaned["low"], cleaned["high"]
        if low is not None and high is not None and low >= high:
            raise StructBlockValidationError(
                block_errors={
                    "high": ValidationError(_("Words are a range: choose an end above the start."))
                }
            )
        return cleaned


class BandsBlock(ChartBlock):
    rows = ListBlock(BandRowBlock(), min_num=1)

    class Meta:
        template = "modules/blocks/bands.html"
        label = _("Chart: bands")
        description = _("Where the source gives words instead of figures: drawn as ranges.")
        preview_value = {
            "title": "What cities have, 2017",
            "description": "Most have a dedicated budget.",
            "rows": [{"label": "A budget", "low": 73, "high": 77, "words": "three-quarters"}],
            "source": "Survey of 27 cities, 2017",
            "base": "27 cities stated",
        }

    def layout(self, value: Any) -> charts.Chart:
        return charts.bands(
            (row["label"], row["low"] or 0, row["high"] or 0, row["words"]) for row in value["rows"]
        )


class RankingBlock(ChartBlock):
    rows = ListBlock(
        StructBlock(
            [
                ("label", CharBlock(max_length=120)),
                ("note", CharBlock(max_length=150, required=False)),
            ]
        ),
        min_num=2,
    )

    class Meta:
        template = "modules/blocks/ranking.html"
        label = _("Chart: ranking")
        description = _("An order without sizes; the first row comes first.")
        preview_value = {
            "title": "Benefits of networks, 2017",
            "description": "Networking comes first, know-how second.",
            "rows": [{"label": "Networking"}, {"label": "Practical know-how"}],
            "source": "Survey of 27 cities, 2017",
            "base": "27 cities stated",
        }

    def layout(self, value: Any) -> charts.Chart:
        return charts.ranking(row["label"] for row in value["rows"])
