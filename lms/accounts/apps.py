from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(AppConfig):
    default = True
    name = "lms.accounts"
    label = "accounts"
    verbose_name = _("People and cities")


class PeopleInTheCMSConfig(WagtailUsersAppConfig):
    user_viewset = "lms.accounts.wagtail_hooks.PeopleViewSet"
