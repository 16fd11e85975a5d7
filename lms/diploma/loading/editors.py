"""The groups of the CMS: editors write courses and terms, administrators run it all."""

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page

EDITING = ("add_page", "change_page", "publish_page")
ADMINISTERING = (*EDITING, "bulk_delete_page", "lock_page", "unlock_page")
# What administrators change beside pages, by app label.
ADMINISTERED_MODELS = {
    "accounts": ("user",),
    "auth": ("group",),
    "wagtailcore": ("site", "collection"),
    # Programs that run in readers' browsers.
    "modules": ("h5plibrary",),
}


def set_up_groups(*editable: Page | None) -> None:
    """Make “Editors” and “Administrators”; what an administrator granted since stays."""
    top = Page.get_first_root_node()
    editors, _made = Group.objects.get_or_create(name="Editors")
    # Wagtail gives its own group the whole tree and all documents.
    GroupPagePermission.objects.filter(group=editors, page=top).delete()
    GroupCollectionPermission.objects.filter(
        group=editors, permission__content_type__app_label="wagtaildocs"
    ).delete()
    editors.permissions.add(_access())
    for page in editable:
        if page is not None:
            _grant(editors, page, EDITING)

    administrators, _made = Group.objects.get_or_create(name="Administrators")
    administrators.permissions.add(_access())
    for app_label, models in ADMINISTERED_MODELS.items():
        administrators.permissions.add(
            *Permission.objects.filter(
                content_type__app_label=app_label, content_type__model__in=models
            )
        )
    _grant(administrators, top, ADMINISTERING)
    Group.objects.filter(name="Moderators", user__isnull=True).delete()


def _access() -> Permission:
    return Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")


def _grant(group: Group, page: Page, codenames: tuple[str, ...]) -> None:
    permissions = Permission.objects.filter(
        content_type__app_label="wagtailcore",
        content_type__model="page",
        codename__in=codenames,
    )
    for permission in permissions:
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)
