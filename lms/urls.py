"""All addresses of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.documents import urls as wagtaildocs_urls

from lms.accounts.wagtail_hooks import OwnSettings
from lms.core import views as core_views

admin.site.site_header = admin.site.site_title = _("Rambla administration")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("lms.dashboard.urls")),
    path("", include("lms.core.urls")),
    path("learn/", include("modules.urls")),
    path("h5p/", include("modules.h5p_urls")),
    path("reference/", include("modules.reference_urls")),
    path("following/", include("peer_exchange.following_urls")),
    path("", include("peer_exchange.urls")),
    path("", include("assessments.urls")),
    path("timetable/", include("lms.timetable.urls")),
    path("people/", include("lms.programme.urls")),
    path("account/mail/", include("lms.accounts.mail_urls")),
    path("accounts/", include("allauth.urls")),
    path("api/", include("api.urls")),
    # One way in for everybody, with its limits on guessing and its second factors.
    path("cms/login/", core_views.staff_sign_in, name="staff_sign_in"),
    path("django-admin/login/", core_views.staff_sign_in),
    path("cms/account/", require_admin_access(OwnSettings.as_view())),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("django-admin/", admin.site.urls),
]
handler400 = "lms.core.views.bad_request"
handler404 = "lms.core.views.not_found"
handler500 = "lms.core.views.server_error"

if settings.DEBUG:
    from django.conf.urls.static import static

    urlpatterns += [path("style/", core_views.style_page, name="style")]
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)
