"""Who may go where: every address of the site, by name, with its method.

A line: method, address, who (names of roles and of groups of them, joined by
spaces). Whoever is not named is turned away: nobody at all is led to sign in (pages)
or told 401 (API); somebody without a place in the edition finds nothing (404);
the others find nothing or are told that they may not (404 or 403). “May” means
that the gate lets through; what the action then says of the state (409) or of an
empty body (422) is tested elsewhere.

The things asked for belong to `participant` (scene.py). `neighbour` is a
participant of another city. A new address fails the test until it has its line.
Frames of interactive content come without cookies: what `h5p:` needs is signed in its address.
"""

ROLES = (
    "anonymous",
    "outsider",  # an account without a place or a role in the edition
    "participant",
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
    "participants": ("participant", "neighbour"),
    "teachers": ("instructor", "coordinator"),
    "staff": ("instructor", "coordinator", "moderator"),
    "everybody_there": ROLES[2:8],  # takes part or has a role in the edition
}

PAGES = """
GET   core:health                        anybody
GET   core:picture                       anybody
GET   dashboard:home                     anybody
GET   dashboard:account                  people
POST  dashboard:add_token                people
POST  dashboard:revoke_token             participant

GET   programme:people                   coordinator administrator
POST  programme:people                   coordinator administrator
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

GET   peer_exchange:list                 everybody_there administrator
GET   peer_exchange:export               staff administrator
GET   peer_exchange:moderation           moderator coordinator administrator
GET   peer_exchange:new                  participants city_team administrator
GET   peer_exchange:detail               everybody_there administrator
GET   peer_exchange:edit                 participant city_team administrator
PUT   peer_exchange:draft                participant city_team administrator
POST  peer_exchange:authors              participant city_team administrator
POST  peer_exchange:submit               participant city_team administrator
POST  peer_exchange:clearance            participant city_team administrator
POST  peer_exchange:return               moderator administrator
POST  peer_exchange:publish              moderator administrator
POST  peer_exchange:archive              participant city_team moderator administrator
POST  peer_exchange:respond              everybody_there administrator
GET   peer_exchange:edit_response        participant
POST  peer_exchange:hide_response        moderator administrator
POST  peer_exchange:show_response        moderator administrator

GET   assessments:project                everybody_there administrator
GET   assessments:guidelines             everybody_there editor administrator
POST  assessments:start                  participants
PUT   assessments:draft                  participant
POST  assessments:adopt                  participant
POST  assessments:attach                 participant
GET   assessments:submit                 participant
POST  assessments:submit                 participant
POST  assessments:withdraw               participant
POST  assessments:reopen                 participant
POST  assessments:return                 instructor
GET   assessments:file                   participant teachers administrator
POST  assessments:remove_file            participant
POST  assessments:restore_file           participant
GET   assessments:receipt                participant teachers administrator
GET   assessments:receipt_pdf            participant teachers administrator

GET   assessments:setup                  coordinator administrator
POST  assessments:setup                  coordinator administrator
GET   assessments:edit_rubric            coordinator administrator
POST  assessments:edit_rubric            coordinator administrator

GET   assessments:queue                  teachers administrator
GET   assessments:next_unmarked          teachers administrator
GET   assessments:desk                   teachers administrator
POST  assessments:desk                   instructor
PUT   assessments:marks                  instructor
POST  assessments:start_marking          instructor
POST  assessments:allocate               coordinator
POST  assessments:decline                instructor
POST  assessments:reopen_marks           instructor
POST  assessments:reopen_grade           teachers
POST  assessments:confirm_marks          teachers
POST  assessments:move_grade             teachers administrator
GET   assessments:amend                  teachers
POST  assessments:amend                  teachers
POST  assessments:present_on_desk        teachers administrator

GET   assessments:completion             teachers administrator
GET   assessments:completion_csv         teachers administrator
GET   assessments:completion_person      teachers administrator
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

GET   api:v1:assessment-list             people
GET   api:v1:assessment-detail           teachers administrator
PUT   api:v1:assessment-marks            instructor
POST  api:v1:assessment-submit           instructor
POST  api:v1:assessment-reopen           instructor
POST  api:v1:assessment-decline          instructor

GET   api:v1:attendance-list             people
GET   api:v1:attendance-detail           participant teachers administrator

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

GET   api:v1:edition-list                people
GET   api:v1:edition-detail              everybody_there administrator
POST  api:v1:edition-deadline            coordinator administrator

GET   api:v1:experience-list             people
POST  api:v1:experience-list             participant city_team administrator
GET   api:v1:experience-detail           everybody_there administrator
PUT   api:v1:experience-draft            participant city_team administrator
POST  api:v1:experience-submit           participant city_team administrator
POST  api:v1:experience-clear            participant city_team administrator
POST  api:v1:experience-send-back        moderator administrator
POST  api:v1:experience-publish          moderator administrator
POST  api:v1:experience-name-author      participant city_team administrator
POST  api:v1:experience-remove-author    participant city_team administrator
POST  api:v1:experience-archive          participant city_team moderator administrator
GET   api:v1:experience-responses        everybody_there administrator
POST  api:v1:experience-responses        everybody_there administrator
GET   api:v1:facet-list                  people
GET   api:v1:theme-list                  people

GET   api:v1:file-list                   people
POST  api:v1:file-list                   participant
GET   api:v1:file-detail                 participant teachers administrator
GET   api:v1:file-content                participant teachers administrator
POST  api:v1:file-remove                 participant
POST  api:v1:file-restore                participant

GET   api:v1:grade-list                  people
GET   api:v1:grade-detail                participant teachers administrator
POST  api:v1:grade-moderate              teachers
POST  api:v1:grade-agree                 teachers
POST  api:v1:grade-reopen                teachers
POST  api:v1:grade-confirm               teachers
POST  api:v1:grade-prepare-release       teachers administrator
POST  api:v1:grade-release               teachers administrator
POST  api:v1:grade-amend                 teachers

GET   api:v1:lesson-list                 people
GET   api:v1:lesson-detail               participants staff editor administrator

GET   api:v1:marking-queue-list          people
GET   api:v1:marking-queue-detail        teachers administrator
POST  api:v1:marking-queue-start         instructor
POST  api:v1:marking-queue-allocate      coordinator

GET   api:v1:presentation-list           people
GET   api:v1:presentation-detail         participant teachers administrator
POST  api:v1:presentation-record         teachers administrator
POST  api:v1:presentation-correct        teachers administrator
POST  api:v1:presentation-withdraw       teachers administrator

GET   api:v1:progress-list               people
GET   api:v1:progress-detail             participant teachers administrator

GET   api:v1:project-list                people
POST  api:v1:project-list                participants
GET   api:v1:project-detail              participant teachers administrator
PUT   api:v1:project-draft               participant
POST  api:v1:project-submit              participant
POST  api:v1:project-withdraw            participant
POST  api:v1:project-reopen              participant
POST  api:v1:project-adopt-guidelines    participant
POST  api:v1:project-insert-answer       participant
POST  api:v1:project-return-             instructor

GET   api:v1:response-list               people
GET   api:v1:response-detail             everybody_there administrator
POST  api:v1:response-edit               participant
POST  api:v1:response-hide               moderator administrator
POST  api:v1:response-show               moderator administrator

GET   api:v1:session-list                people
GET   api:v1:session-detail              everybody_there administrator
POST  api:v1:session-attendance          teachers administrator

GET   api:v1:submission-list             people
GET   api:v1:submission-detail           participant teachers administrator
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
