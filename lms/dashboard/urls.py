from django.urls import path

from lms.dashboard.views import account, home

app_name = "dashboard"
urlpatterns = [
    path("", home.home, name="home"),
    path("account/", account.edit_account, name="account"),
    path("account/tokens/", account.add_token, name="add_token"),
    path("account/tokens/<str:token_key>/revoke/", account.remove_token, name="revoke_token"),
]
