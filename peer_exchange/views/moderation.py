from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.text import count_words
from peer_exchange.selectors import experience_abilities, waiting_for_moderation
from peer_exchange.views.places import edition_for_or_404

PAGE_SIZE = 30


@require_safe
@sign_in_required
def queue(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_for_or_404(request, edition_slug, "view_moderation")
    page = Paginator(waiting_for_moderation(edition), PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = [
        {
            "experience": experience,
            "may_publish": experience_abilities(request.user, experience)["publish"],
            "words": sum(count_words(text) for text in experience.plain_texts.values()),
        }
        for experience in page
    ]
    return render(
        request,
        "peer_exchange/moderation.html",
        {"edition": edition, "waiting": waiting, "page_obj": page},
    )
