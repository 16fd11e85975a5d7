"""Who may go where: every address of the site, by name, with its method.

A line: method, address, who (names of roles and of groups of them, joined by
spaces). Whoever is not named is turned away: nobody at all is led to sign in (pages)
or told 401 (API); somebody without a place in the edition finds nothing (404);
the others find nothing or are told that they may not (404 or 403). “May” means
that the gate lets through; what the action then says of the state (409) or of an
empty body (422) is tested elsewhere.

The things asked for belong to `participant` (scene.py). `neighbour` is a
participant of another city. A new address fails the test until it has its line.
Lines of the exchange of cities stand in matrix_of_exchange.py.
Frames of interactive content come without cookies: what `h5p:` needs is signed in its address.
"""

ROLES = (
    "anonymous",
    "outsider",  # an account without a place or a role in the edition
    "participant",
    "team_mate",  # of the participant's city, writes the project with them
    "neighbour",
    "city_team",  # of the participant's city
    "instructor",
    "coordinator",
    "moderator",
    "editor",
    "administrator",
)
GROUPS = {
    "anybody": ROLES,
    "people": ROLES[1:],
    "participants": ("participant", "team_mate", "neighbour"),
    "writers": ("participant", "team_mate"),
    "teachers": ("instructor", "coordinator"),
    "staff": ("instructor", "coordinator", "moderator"),
    "everybody_there": ROLES[2:9],  # takes part or has a role in the edition
}

PAGES = """
GET   core:signed_in                     people
GET   core:form_token                    anybody
GET   core:health                        anybody
GET   core:picture                       anybody
GET   dashboard:home                     anybody
GET   dashboard:account                  people
POST  dashboard:add_token                people
POST  dashboard:revoke_token             participant

GET   programme:people                   coordinator administrator
POST  programme:people                   coordinator administrator
GET   programme:people_csv               coordinator administrator
GET   programme:move_place               coordinator administrator
POST  programme:move_place               coordinator administrator

GET   modules:course                     participants staff editor administrator
GET   modules:lesson                     participants staff editor administrator
GET   modules:activity                   participants staff editor administrator
POST  modules:answer                     participants
PUT   modules:text                       participants
POST  modules:done                       participants
GET   modules:cohort_progress            teachers administrator
GET   modules:cohort_progress_csv        teachers administrator
GET   modules:interactive_report         teachers administrator
GET   modules:interactive_report_csv     teachers administrator

GET   h5p:frame                          anybody
GET   h5p:content                        anybody
GET   h5p:by_name                        anybody
GET   h5p:bundle                         anybody
GET   h5p:core                           anybody
GET   h5p:library                        anybody

GET   reference:index                    anybody
GET   reference:term                     anybody

GET   timetable:timetable                everybody_there administrator
GET   timetable:attendance               teachers administrator
GET   timetable:attendance_csv           teachers administrator
GET   timetable:roll                     teachers administrator
POST  timetable:roll                     teachers administrator

GET   mail:choices                       people
GET   mail:choices_csv                   people
POST  mail:choices                       people
GET   mail:stop                          anybody
POST  mail:stop                          anybody

GET   assessments:project                everybody_there administrator
GET   assessments:guidelines             everybody_there editor administrator
POST  assessments:start                  participants
PUT   assessments:draft                  writers
GET   assessments:draft_news             writers
GET   assessments:history                writers
GET   assessments:draft_version          writers
POST  assessments:restore_version        writers
POST  assessments:adopt                  writers
POST  assessments:attach                 writers
GET   assessments:submit                 writers
POST  assessments:submit                 writers
POST  assessments:withdraw               writers
POST  assessments:reopen                 writers
GET   assessments:team                   writers
POST  assessments:invite                 participant
POST  assessments:leave_team             writers
POST  assessments:remove_member          participant
POST  assessments:withdraw_invitation    participant
GET   assessments:invitation             team_mate
POST  assessments:invitation             team_mate
POST  assessments:take_up                team_mate
GET   assessments:teams                  coordinator administrator
GET   assessments:teams_csv              coordinator administrator
GET   assessments:team_setup             coordinator administrator
POST  assessments:add_member             coordinator administrator
POST  assessments:take_out_member        coordinator administrator
POST  assessments:return                 instructor
GET   assessments:file                   writers teachers administrator
POST  assessments:remove_file            writers
POST  assessments:restore_file           writers
GET   assessments:files                  writers
POST  assessments:cancel_upload          writers
POST  assessments:intend                 writers
GET   assessments:receipt                writers teachers administrator
GET   assessments:receipt_pdf            writers teachers administrator
GET   assessments:verify_receipt         anybody
POST  assessments:verify_receipt         anybody

GET   assessments:more_time              writers
POST  assessments:more_time              writers
POST  assessments:take_back_time         writers
POST  assessments:at_deadline            writers
GET   assessments:guidelines_changes     writers
POST  assessments:take_along             writers
GET   assessments:at_risk                teachers administrator
GET   assessments:at_risk_csv            teachers administrator
GET   assessments:extensions             teachers administrator
POST  assessments:extensions             coordinator administrator
GET   assessments:extensions_csv         teachers administrator
GET   assessments:extension              teachers administrator
POST  assessments:extension              coordinator administrator
GET   assessments:give_time              coordinator administrator
POST  assessments:give_time              coordinator administrator
GET   assessments:give_time_unbegun      coordinator administrator
POST  assessments:give_time_unbegun      coordinator administrator
GET   assessments:lateness               teachers administrator
POST  assessments:lateness               coordinator administrator

GET   assessments:setup                  coordinator administrator
POST  assessments:set_reminders          coordinator administrator
POST  assessments:require_guidelines     coordinator administrator
POST  assessments:setup                  coordinator administrator

GET   assessments:rubrics                teachers administrator
POST  assessments:rubrics                teachers administrator
GET   assessments:rubric                 teachers administrator
POST  assessments:rubric                 teachers administrator
PUT   assessments:rubric_draft           teachers administrator
GET   assessments:rubric_preview         teachers administrator
GET   assessments:rubric_preview_csv     teachers administrator
POST  assessments:publish_rubric         teachers administrator
POST  assessments:import_rubric          teachers administrator
GET   assessments:export_rubric          teachers administrator
GET   assessments:rubric_versions        teachers administrator
GET   assessments:rubric_version         teachers administrator
POST  assessments:rename_rubric          teachers administrator
POST  assessments:choose_rubric          coordinator administrator
POST  assessments:delete_rubric          teachers administrator
POST  assessments:bring_back_rubric      teachers administrator

GET   assessments:marking_overview       coordinator administrator
GET   assessments:marking_overview_csv   coordinator administrator
GET   assessments:marking_overview_xlsx  coordinator administrator

GET   assessments:marking_pack           instructor
POST  assessments:marking_pack           instructor
GET   assessments:marking_pack_zip       instructor
GET   assessments:pack_return            instructor
GET   assessments:pack_return_csv        instructor

GET   assessments:queue                  teachers administrator
GET   assessments:queue_csv              teachers administrator
GET   assessments:queue_company          teachers administrator
POST  assessments:next_unmarked          teachers administrator
POST  assessments:desk_here              teachers administrator
POST  assessments:desk_left              teachers administrator
GET   assessments:allocation             coordinator
POST  assessments:apply_allocation       coordinator
GET   assessments:allocation_csv         coordinator
GET   assessments:conflicts              teachers administrator
POST  assessments:conflicts              teachers administrator
GET   assessments:conflicts_csv          teachers administrator
POST  assessments:take_back_conflict     coordinator
POST  assessments:declare_conflict       teachers administrator
GET   assessments:languages              everybody_there administrator
POST  assessments:languages              everybody_there

GET   assessments:peer_reviews           participants
POST  assessments:enter_peer_round       writers
POST  assessments:leave_peer_round       writers
GET   assessments:peer_rounds            coordinator administrator
POST  assessments:peer_rounds            coordinator administrator
GET   assessments:peer_round             coordinator administrator
POST  assessments:peer_round             coordinator administrator
POST  assessments:find_peer_reviewers    coordinator administrator
POST  assessments:call_off_peer_round    coordinator administrator
GET   assessments:peer_round_csv         coordinator administrator
GET   assessments:peer_review            participant
POST  assessments:peer_review            participant
PUT   assessments:peer_review_answers    participant
POST  assessments:accept_peer_review     participant
POST  assessments:decline_peer_review    participant
POST  assessments:rate_peer_review       writers

GET   assessments:desk                   teachers administrator
POST  assessments:desk                   instructor
PUT   assessments:marks                  instructor
POST  assessments:start_marking          instructor
POST  assessments:allocate               coordinator
POST  assessments:decline                instructor
POST  assessments:reopen_marks           instructor
POST  assessments:reopen_grade           teachers
POST  assessments:confirm_marks          teachers
POST  assessments:void_grade             coordinator
POST  assessments:move_grade             teachers administrator
GET   assessments:amend                  teachers
POST  assessments:amend                  teachers
POST  assessments:present_on_desk        teachers administrator
GET   assessments:marking_setup          coordinator administrator
POST  assessments:marking_setup          coordinator administrator
POST  assessments:open_calibration       coordinator administrator
GET   assessments:calibration            teachers administrator
POST  assessments:calibration            instructor
PUT   assessments:calibration_marks      instructor
POST  assessments:close_calibration      coordinator administrator
GET   assessments:calibration_csv        coordinator administrator
GET   assessments:two_markers            teachers administrator
GET   assessments:two_markers_csv        teachers administrator
GET   assessments:agreement              teachers
POST  assessments:agreement              teachers
POST  assessments:ask_second             teachers
POST  assessments:give_second            coordinator
GET   assessments:desk_ahead             teachers administrator
POST  assessments:go_on                  teachers administrator
GET   assessments:earlier_attempt        teachers administrator
POST  assessments:annotate               instructor
POST  assessments:move_annotation        instructor
GET   assessments:comment_bank           instructor
POST  assessments:comment_bank           instructor
GET   assessments:comment_bank_rows      instructor
GET   assessments:comment_bank_csv       instructor
POST  assessments:move_snippet           instructor

GET   assessments:releases               teachers administrator
GET   assessments:releases_csv           teachers administrator
GET   assessments:rehearsal              teachers administrator
POST  assessments:rehearsal              teachers administrator
GET   assessments:rehearsal_csv          teachers administrator
GET   assessments:release_message        teachers administrator
GET   assessments:release                teachers administrator
GET   assessments:release_csv            teachers administrator
POST  assessments:move_release           teachers administrator
GET   assessments:feedback_pdf           writers teachers administrator
GET   assessments:own_appeal             writers
POST  assessments:own_appeal             writers
GET   assessments:appeals                teachers administrator
GET   assessments:appeals_csv            teachers administrator
GET   assessments:appeal                 teachers administrator
POST  assessments:appeal                 instructor
POST  assessments:assign_appeal          coordinator
PUT   assessments:appeal_marks           instructor
GET   assessments:grade_history          teachers administrator
GET   assessments:grade_history_csv      teachers administrator

GET   assessments:completion             teachers administrator
GET   assessments:completion_csv         teachers administrator
GET   assessments:completion_person      teachers administrator
GET   assessments:completion_person_csv  teachers administrator
POST  assessments:check_again            teachers administrator
POST  assessments:present                teachers administrator
POST  assessments:withdraw_presentation  teachers administrator
POST  assessments:waive                  coordinator administrator
POST  assessments:end_waiver             coordinator administrator
POST  assessments:decide_certificate     coordinator administrator
GET   assessments:certificate            participants
GET   assessments:certificate_pdf        participant teachers administrator
GET   assessments:verify                 anybody
"""

# A list is open to all people: it holds what each of them may see, perhaps nothing.
API = """
GET   api:v1:schema                      anybody
GET   api:v1:docs                        anybody
GET   api:v1:me                          people

GET   api:v1:activity-detail             participants staff editor administrator
POST  api:v1:activity-answers            participants
PUT   api:v1:activity-text               participants
POST  api:v1:activity-text               participants
POST  api:v1:activity-complete           participants
GET   api:v1:activity-state              participants staff editor administrator
PUT   api:v1:activity-state              participants
POST  api:v1:activity-statements         participants
POST  api:v1:activity-mark               participants staff editor administrator

GET   api:v1:annotation-list             people
POST  api:v1:annotation-list             instructor
GET   api:v1:annotation-detail           teachers administrator
POST  api:v1:annotation-change           instructor
POST  api:v1:annotation-remove           instructor
POST  api:v1:annotation-restore          instructor

GET   api:v1:appeal-list                 people
POST  api:v1:appeal-list                 writers
GET   api:v1:appeal-detail               writers teachers administrator
POST  api:v1:appeal-assign               coordinator
PUT   api:v1:appeal-marks                instructor
POST  api:v1:appeal-uphold               instructor
POST  api:v1:appeal-amend                instructor

GET   api:v1:allocation-list             people
POST  api:v1:allocation-list             coordinator
GET   api:v1:allocation-detail           coordinator administrator
POST  api:v1:allocation-preview          coordinator

GET   api:v1:assessment-list             people
GET   api:v1:assessment-detail           teachers administrator
PUT   api:v1:assessment-marks            instructor
POST  api:v1:assessment-submit           instructor
POST  api:v1:assessment-reopen           instructor
POST  api:v1:assessment-decline          instructor

GET   api:v1:attendance-list             people
GET   api:v1:attendance-detail           participant teachers administrator

GET   api:v1:calibration-list            people
POST  api:v1:calibration-list            coordinator administrator
GET   api:v1:calibration-detail          teachers administrator
PUT   api:v1:calibration-marks           instructor
POST  api:v1:calibration-submit          instructor
POST  api:v1:calibration-close           coordinator administrator

GET   api:v1:certificate-list            people
GET   api:v1:certificate-detail          participant teachers administrator
GET   api:v1:certificate-pdf             participant teachers administrator
POST  api:v1:certificate-review          coordinator administrator
POST  api:v1:certificate-uphold          coordinator administrator
POST  api:v1:certificate-revoke          coordinator administrator

GET   api:v1:completion-list             people
GET   api:v1:completion-detail           participant teachers administrator
POST  api:v1:completion-check            teachers administrator
POST  api:v1:completion-waive            coordinator administrator
POST  api:v1:completion-end-waiver       coordinator administrator
POST  api:v1:completion-restore          coordinator administrator

GET   api:v1:conflict-list               people
POST  api:v1:conflict-list               teachers administrator
GET   api:v1:conflict-detail             teachers administrator
POST  api:v1:conflict-take-back          coordinator

GET   api:v1:draft-version-list          people
GET   api:v1:draft-version-detail        writers
POST  api:v1:draft-version-restore       writers
GET   api:v1:edition-list                people
GET   api:v1:edition-detail              everybody_there administrator
GET   api:v1:edition-project             everybody_there administrator
POST  api:v1:edition-make-project        coordinator administrator
POST  api:v1:edition-deadline            coordinator administrator
POST  api:v1:edition-reminders           coordinator administrator
POST  api:v1:edition-require-guidelines  coordinator administrator
GET   api:v1:edition-at-risk             teachers administrator
GET   api:v1:edition-marking-overview    coordinator administrator
GET   api:v1:edition-marking-policy      teachers administrator
PUT   api:v1:edition-marking-policy      coordinator administrator
GET   api:v1:edition-two-markers         teachers administrator
GET   api:v1:edition-teams               coordinator administrator
GET   api:v1:edition-sharing-rule        everybody_there administrator
PUT   api:v1:edition-sharing-rule        coordinator administrator
POST  api:v1:edition-preview-sharing-rule coordinator administrator

GET   api:v1:extension-list              people
POST  api:v1:extension-list              writers
GET   api:v1:extension-detail            writers teachers administrator
POST  api:v1:extension-take-back         writers
POST  api:v1:extension-give              coordinator administrator
POST  api:v1:extension-decide            coordinator administrator
POST  api:v1:extension-grant             coordinator administrator
POST  api:v1:extension-shorten           coordinator administrator
POST  api:v1:extension-refuse            coordinator administrator

GET   api:v1:file-list                   people
POST  api:v1:file-list                   writers
GET   api:v1:file-detail                 writers teachers administrator
GET   api:v1:file-content                writers teachers administrator
POST  api:v1:file-remove                 writers
POST  api:v1:file-restore                writers

GET   api:v1:grade-list                  people
GET   api:v1:grade-detail                writers teachers administrator
POST  api:v1:grade-moderate              teachers
POST  api:v1:grade-agree                 teachers
POST  api:v1:grade-reopen                teachers
POST  api:v1:grade-confirm               teachers
POST  api:v1:grade-void                  coordinator
POST  api:v1:grade-prepare-release       teachers administrator
POST  api:v1:grade-release               teachers administrator
POST  api:v1:grade-amend                 teachers
GET   api:v1:grade-history               writers teachers administrator
GET   api:v1:grade-feedback              writers teachers administrator

GET   api:v1:language-profile-list       people
POST  api:v1:language-profile-list       everybody_there
GET   api:v1:language-profile-detail     participant teachers administrator

GET   api:v1:lesson-list                 people
GET   api:v1:lesson-detail               participants staff editor administrator

POST  api:v1:marking-queue-second-marker teachers
GET   api:v1:marking-queue-list          people
GET   api:v1:marking-queue-detail        teachers administrator
POST  api:v1:marking-queue-next          teachers administrator
POST  api:v1:marking-queue-here          teachers administrator
POST  api:v1:marking-queue-left          teachers administrator
POST  api:v1:marking-queue-start         instructor
POST  api:v1:marking-queue-allocate      coordinator

GET   api:v1:peer-review-list            people
GET   api:v1:peer-review-detail          participant coordinator administrator
POST  api:v1:peer-review-accept          participant
POST  api:v1:peer-review-decline         participant
PUT   api:v1:peer-review-answers         participant
POST  api:v1:peer-review-submit          participant
POST  api:v1:peer-review-rate            writers

GET   api:v1:peer-round-list             people
POST  api:v1:peer-round-list             coordinator administrator
GET   api:v1:peer-round-detail           everybody_there administrator
POST  api:v1:peer-round-change           coordinator administrator
POST  api:v1:peer-round-call-off         coordinator administrator
POST  api:v1:peer-round-enter            writers
POST  api:v1:peer-round-leave            writers
POST  api:v1:peer-round-preview          coordinator administrator
POST  api:v1:peer-round-find             coordinator administrator

GET   api:v1:pack-return-list            people
POST  api:v1:pack-return-list            instructor
GET   api:v1:pack-return-detail          instructor
GET   api:v1:pack-return-sheet           instructor

GET   api:v1:presentation-list           people
GET   api:v1:presentation-detail         participant teachers administrator
POST  api:v1:presentation-record         teachers administrator
POST  api:v1:presentation-correct        teachers administrator
POST  api:v1:presentation-withdraw       teachers administrator

GET   api:v1:progress-list               people
GET   api:v1:progress-detail             participant teachers administrator

GET   api:v1:project-list                people
POST  api:v1:project-list                participants
GET   api:v1:project-detail              writers teachers administrator
PUT   api:v1:project-draft               writers
GET   api:v1:project-checklist           writers
POST  api:v1:project-submit              writers
POST  api:v1:project-intent              writers
POST  api:v1:project-withdraw            writers
POST  api:v1:project-reopen              writers
POST  api:v1:project-submit-at-deadline  writers
POST  api:v1:project-do-not-submit-at-deadline writers
GET   api:v1:project-guidelines-changes  writers teachers administrator
GET   api:v1:project-set-aside           writers
POST  api:v1:project-take-along          writers
POST  api:v1:project-adopt-guidelines    writers
POST  api:v1:project-insert-answer       writers
POST  api:v1:project-return-             instructor
GET   api:v1:project-colleagues          writers coordinator administrator
POST  api:v1:project-invite              participant
POST  api:v1:project-leave               writers
POST  api:v1:project-remove-member       participant coordinator administrator
POST  api:v1:project-add-member          coordinator administrator
POST  api:v1:project-take-up             participant

POST  api:v1:receipt-verify              anybody

GET   api:v1:release-list                people
POST  api:v1:release-list                teachers administrator
GET   api:v1:release-detail              teachers administrator
GET   api:v1:release-rehearsal           teachers administrator
GET   api:v1:release-items               teachers administrator
POST  api:v1:release-confirm             instructor administrator
POST  api:v1:release-undo                teachers administrator
POST  api:v1:release-retry               teachers administrator

GET   api:v1:rubric-list                 people
POST  api:v1:rubric-list                 teachers administrator
GET   api:v1:rubric-detail               teachers administrator
PUT   api:v1:rubric-draft                teachers administrator
POST  api:v1:rubric-import-file          teachers administrator
POST  api:v1:rubric-take-up              teachers administrator
GET   api:v1:rubric-export               teachers administrator
GET   api:v1:rubric-preview              teachers administrator
POST  api:v1:rubric-publish              teachers administrator
POST  api:v1:rubric-rename               teachers administrator
POST  api:v1:rubric-choose               coordinator administrator
POST  api:v1:rubric-remove               teachers administrator
POST  api:v1:rubric-bring-back           teachers administrator
GET   api:v1:rubric-version-list         people
GET   api:v1:rubric-version-detail       teachers administrator
GET   api:v1:rubric-version-difference   teachers administrator

GET   api:v1:session-list                people
GET   api:v1:session-detail              everybody_there administrator
POST  api:v1:session-attendance          teachers administrator

GET   api:v1:snippet-list                people
POST  api:v1:snippet-list                instructor
GET   api:v1:snippet-detail              instructor
POST  api:v1:snippet-change              instructor
POST  api:v1:snippet-remove              instructor
POST  api:v1:snippet-restore             instructor
POST  api:v1:snippet-use                 instructor

GET   api:v1:submission-list             people
GET   api:v1:submission-detail           writers teachers administrator
GET   api:v1:submission-pdf              writers teachers administrator
POST  api:v1:submission-lateness         coordinator administrator

GET   api:v1:team-invitation-list        people
GET   api:v1:team-invitation-detail      writers teachers administrator
POST  api:v1:team-invitation-accept      team_mate
POST  api:v1:team-invitation-decline     team_mate
POST  api:v1:team-invitation-withdraw    participant

GET   api:v1:upload-list                 people
POST  api:v1:upload-list                 writers
GET   api:v1:upload-detail               writers
PATCH api:v1:upload-detail               writers
DELETE api:v1:upload-detail              writers
POST  api:v1:upload-finish               writers
"""

# Other packages' addresses, each behind one gate of its own.
GATES = """
GET   wagtailadmin_home                  editor administrator
GET   admin:index                        administrator
"""

# Names (or their beginnings) that need no line, and why.
ELSEWHERE = {
    "account_": "allauth's own pages: signing in is for everybody",
    "mfa_": "allauth's own pages: each person's own second factor",
    "wagtail": "behind wagtailadmin_home; documents are public by Wagtail's collections",
    "admin:": "behind admin:index",
    "style": "exists in development only",
}
