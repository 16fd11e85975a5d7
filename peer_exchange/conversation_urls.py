"""The conversation within an edition (peer_exchange.urls includes these)."""

from django.urls import path

from peer_exchange.views import (
    conversation,
    exports,
    following,
    own_tables,
    reports,
    sharing_rule,
    wordings,
)

urlpatterns = [
    path("<slug:edition_slug>/rule/", sharing_rule.sharing_rule, name="sharing_rule"),
    path("<slug:edition_slug>/rule.csv", sharing_rule.export, name="sharing_rule_csv"),
    path("<slug:edition_slug>/questions/", conversation.questions, name="questions"),
    path("<slug:edition_slug>/questions.csv", own_tables.questions, name="questions_csv"),
    path("<slug:edition_slug>/reports/", reports.queue, name="reports"),
    path("<slug:edition_slug>/reports.csv", reports.export, name="reports_csv"),
    path("<slug:edition_slug>/responses.csv", exports.responses, name="responses_csv"),
    path("<slug:edition_slug>/reports/<int:pk>/", reports.settle, name="settle_report"),
    path("<slug:edition_slug>/reports/<int:pk>/reopen/", reports.reopen, name="reopen_report"),
    path(
        "<slug:edition_slug>/reports/<int:pk>/withdraw/", reports.withdraw, name="withdraw_report"
    ),
    path("<slug:edition_slug>/<int:pk>/people.json", conversation.suggest, name="suggest"),
    path("<slug:edition_slug>/<int:pk>/follow/", following.follow_experience, name="follow"),
    path(
        "<slug:edition_slug>/<int:pk>/report/", reports.report_experience, name="report_experience"
    ),
    path("<slug:edition_slug>/responses/<int:pk>/", conversation.thread, name="thread"),
    path("<slug:edition_slug>/responses/<int:pk>/reply/", conversation.reply, name="reply"),
    path("<slug:edition_slug>/responses/<int:pk>/history/", wordings.history, name="wordings"),
    path(
        "<slug:edition_slug>/responses/<int:pk>/history/<int:number>/take-away/",
        wordings.withhold,
        name="withhold_wording",
    ),
    path(
        "<slug:edition_slug>/responses/<int:pk>/history/<int:number>/bring-back/",
        wordings.bring_back,
        name="bring_wording_back",
    ),
    path("<slug:edition_slug>/responses/<int:pk>/answer/", conversation.answer, name="answer"),
    path(
        "<slug:edition_slug>/responses/<int:pk>/reopen/",
        conversation.reopen,
        name="reopen_question",
    ),
    path(
        "<slug:edition_slug>/responses/<int:pk>/report/",
        reports.report_response,
        name="report_response",
    ),
]
