"""Lines of the permission matrix: everything of the exchange of cities."""

PAGES = """
GET   peer_exchange:list                 everybody_there administrator
GET   peer_exchange:own                  everybody_there administrator
GET   peer_exchange:map                  everybody_there administrator
GET   peer_exchange:searches             everybody_there administrator
GET   peer_exchange:searches_csv         everybody_there administrator
POST  peer_exchange:save_search          everybody_there administrator
POST  peer_exchange:change_search        participant
POST  peer_exchange:remove_search        participant
POST  peer_exchange:restore_search       participant
GET   peer_exchange:export               staff administrator
GET   peer_exchange:moderation           moderator coordinator administrator
GET   peer_exchange:new                  participants city_team administrator
GET   peer_exchange:detail               everybody_there administrator
GET   peer_exchange:edit                 writers city_team administrator
PUT   peer_exchange:draft                writers city_team administrator
POST  peer_exchange:authors              writers city_team administrator
POST  peer_exchange:submit               writers city_team administrator
POST  peer_exchange:clearance            writers city_team administrator
POST  peer_exchange:return               moderator administrator
POST  peer_exchange:publish              moderator administrator
POST  peer_exchange:archive              writers city_team moderator administrator
GET   peer_exchange:evidence_csv         staff administrator
POST  peer_exchange:attach               writers city_team administrator
GET   peer_exchange:attachment           everybody_there administrator
GET   peer_exchange:picture              everybody_there administrator
POST  peer_exchange:remove_attachment    writers city_team administrator
POST  peer_exchange:restore_attachment   writers city_team administrator
GET   peer_exchange:history              writers city_team administrator
GET   peer_exchange:draft_version        writers city_team administrator
POST  peer_exchange:restore_version      writers city_team administrator
POST  peer_exchange:rework               writers city_team administrator
POST  peer_exchange:give_up              writers city_team administrator
POST  peer_exchange:take_up              writers city_team administrator
GET   peer_exchange:changes              writers city_team administrator
GET   peer_exchange:embargo              writers city_team administrator
POST  peer_exchange:embargo              writers city_team administrator
GET   peer_exchange:versions             everybody_there administrator
GET   peer_exchange:version              everybody_there administrator
GET   peer_exchange:document             everybody_there administrator
GET   peer_exchange:card                 everybody_there administrator
GET   peer_exchange:sitemap              anybody
GET   peer_exchange:robots               anybody
POST  peer_exchange:respond              everybody_there administrator
GET   peer_exchange:edit_response        participant
POST  peer_exchange:hide_response        moderator administrator
POST  peer_exchange:show_response        moderator administrator
GET   peer_exchange:thread               everybody_there administrator
GET   peer_exchange:reply                everybody_there administrator
POST  peer_exchange:reply                everybody_there administrator
GET   peer_exchange:wordings             everybody_there administrator
POST  peer_exchange:withhold_wording     moderator administrator
POST  peer_exchange:bring_wording_back   moderator administrator
POST  peer_exchange:answer               neighbour administrator
POST  peer_exchange:reopen_question      participant neighbour administrator
GET   peer_exchange:questions            participants city_team
GET   peer_exchange:questions_csv        participants city_team
GET   peer_exchange:suggest              everybody_there administrator
POST  peer_exchange:follow               everybody_there administrator
GET   peer_exchange:report_experience    everybody_there administrator
POST  peer_exchange:report_experience    everybody_there administrator
GET   peer_exchange:report_response      everybody_there administrator
POST  peer_exchange:report_response      everybody_there administrator
GET   peer_exchange:reports              moderator coordinator administrator
GET   peer_exchange:reports_csv          moderator coordinator administrator
POST  peer_exchange:settle_report        moderator administrator
POST  peer_exchange:reopen_report        moderator administrator
POST  peer_exchange:withdraw_report      team_mate
GET   peer_exchange:responses_csv        staff administrator
GET   peer_exchange:sharing_rule         everybody_there administrator
POST  peer_exchange:sharing_rule         coordinator administrator
GET   peer_exchange:sharing_rule_csv     staff administrator
GET   following:overview                 people
GET   following:overview_csv             people
GET   following:people_csv               people
POST  following:city                     everybody_there administrator
POST  following:person                   everybody_there administrator

GET   peer_exchange:transfers            everybody_there administrator
GET   peer_exchange:transfers_csv        everybody_there administrator
GET   peer_exchange:flows_csv            everybody_there administrator
GET   peer_exchange:claim                participants city_team
POST  peer_exchange:claim                participants city_team
GET   peer_exchange:transfer             everybody_there administrator
POST  peer_exchange:transfer_step        writers city_team
POST  peer_exchange:transfer_word        neighbour
POST  peer_exchange:transfer_evidence    writers city_team
POST  peer_exchange:move_evidence        writers city_team
POST  peer_exchange:follow_up            writers city_team
GET   peer_exchange:matches              everybody_there administrator
GET   peer_exchange:matches_csv          participants city_team
POST  peer_exchange:move_match           participants city_team
GET   peer_exchange:talks                everybody_there administrator
GET   peer_exchange:talks_csv            everybody_there administrator
GET   peer_exchange:propose_talk         participants city_team
POST  peer_exchange:propose_talk         participants city_team
GET   peer_exchange:another_time         writers city_team
POST  peer_exchange:another_time         writers city_team
GET   peer_exchange:talk_ics             participants city_team
POST  peer_exchange:move_talk            writers city_team
GET   peer_exchange:cities               people
GET   peer_exchange:cities_csv           people
GET   peer_exchange:city                 everybody_there administrator
GET   peer_exchange:edit_city            writers city_team administrator
POST  peer_exchange:edit_city            writers city_team administrator
POST  peer_exchange:be_shown             writers city_team
POST  peer_exchange:add_topic            writers city_team administrator
POST  peer_exchange:move_topic           writers city_team administrator
GET   peer_exchange:city_report          writers city_team administrator
GET   peer_exchange:city_report_pdf      writers city_team administrator
GET   peer_exchange:city_transfers_csv   everybody_there administrator
"""

API = """
GET   api:v1:mails                       people
POST  api:v1:mails                       people
GET   api:v1:search-list                 people
GET   api:v1:map-list                    people
GET   api:v1:saved-search-list           people
POST  api:v1:saved-search-list           everybody_there administrator
GET   api:v1:saved-search-detail         participant
POST  api:v1:saved-search-change         participant
POST  api:v1:saved-search-remove         participant
POST  api:v1:saved-search-restore        participant
GET   api:v1:experience-list             people
POST  api:v1:experience-list             writers city_team administrator
GET   api:v1:experience-detail           everybody_there administrator
PUT   api:v1:experience-draft            writers city_team administrator
POST  api:v1:experience-submit           writers city_team administrator
POST  api:v1:experience-clear            writers city_team administrator
POST  api:v1:experience-send-back        moderator administrator
POST  api:v1:experience-publish          moderator administrator
POST  api:v1:experience-name-author      writers city_team administrator
POST  api:v1:experience-remove-author    writers city_team administrator
POST  api:v1:experience-archive          writers city_team moderator administrator
POST  api:v1:experience-rework           writers city_team administrator
POST  api:v1:experience-give-up          writers city_team administrator
POST  api:v1:experience-take-up          writers city_team administrator
POST  api:v1:experience-embargo          writers city_team administrator
POST  api:v1:experience-attach           writers city_team administrator
POST  api:v1:experience-remove-file      writers city_team administrator
POST  api:v1:experience-restore-file     writers city_team administrator
GET   api:v1:experience-revision-list    people
GET   api:v1:experience-revision-detail  everybody_there administrator
GET   api:v1:experience-version-list     people
GET   api:v1:experience-version-detail   writers city_team administrator
POST  api:v1:experience-version-restore  writers city_team administrator
GET   api:v1:experience-responses        everybody_there administrator
POST  api:v1:experience-responses        everybody_there administrator
GET   api:v1:experience-people           everybody_there administrator
GET   api:v1:facet-list                  people
GET   api:v1:theme-list                  people
GET   api:v1:response-list               people
GET   api:v1:response-detail             everybody_there administrator
POST  api:v1:response-edit               participant
POST  api:v1:response-hide               moderator administrator
POST  api:v1:response-show               moderator administrator
POST  api:v1:response-answer             neighbour administrator
POST  api:v1:response-reopen             participant neighbour administrator
GET   api:v1:response-history            everybody_there administrator
POST  api:v1:response-withhold-wording   moderator administrator
POST  api:v1:response-bring-wording-back moderator administrator
GET   api:v1:report-list                 people
POST  api:v1:report-list                 everybody_there administrator
GET   api:v1:report-detail               team_mate moderator coordinator administrator
POST  api:v1:report-uphold               moderator administrator
POST  api:v1:report-dismiss              moderator administrator
POST  api:v1:report-reopen               moderator administrator
POST  api:v1:report-withdraw             team_mate
GET   api:v1:follow-list                 people
POST  api:v1:follow-list                 everybody_there administrator
GET   api:v1:follow-detail               participant
POST  api:v1:follow-end                  participant
GET   api:v1:kept-away-list              people
POST  api:v1:kept-away-list              everybody_there administrator
GET   api:v1:kept-away-detail            participant
POST  api:v1:kept-away-end               participant

GET   api:v1:city-list                   people
GET   api:v1:city-detail                 everybody_there administrator
PUT   api:v1:city-profile                writers city_team administrator
POST  api:v1:city-show-me                writers city_team
POST  api:v1:city-hide-me                everybody_there administrator
POST  api:v1:city-add-topic              writers city_team administrator
POST  api:v1:city-remove-topic           writers city_team administrator
POST  api:v1:city-restore-topic          writers city_team administrator
GET   api:v1:city-matches                writers city_team administrator
POST  api:v1:city-dismiss                writers city_team administrator
POST  api:v1:city-bring-back             writers city_team administrator

GET   api:v1:talk-list                   people
POST  api:v1:talk-list                   writers city_team
GET   api:v1:talk-breaks                 people
GET   api:v1:talk-detail                 participants city_team
POST  api:v1:talk-accept                 writers city_team
POST  api:v1:talk-decline                writers city_team
POST  api:v1:talk-another                writers city_team
POST  api:v1:talk-withdraw               neighbour
POST  api:v1:talk-cancel                 participants city_team

GET   api:v1:transfer-list               people
POST  api:v1:transfer-list               writers city_team
GET   api:v1:transfer-flows              people
GET   api:v1:transfer-detail             everybody_there administrator
POST  api:v1:transfer-move               writers city_team
POST  api:v1:transfer-take-back          writers city_team
POST  api:v1:transfer-confirm            neighbour
POST  api:v1:transfer-dispute            neighbour
POST  api:v1:transfer-ask-again          writers city_team
POST  api:v1:transfer-add-evidence       writers city_team
POST  api:v1:transfer-remove-evidence    writers city_team
POST  api:v1:transfer-restore-evidence   writers city_team
POST  api:v1:transfer-answer-follow-up   writers city_team
"""
