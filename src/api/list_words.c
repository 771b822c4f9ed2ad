/* Words of lists, one array for each family of records. */
#include "api/list_words.h"

#include "api/matter_kinds.h"

#include <string.h>

const char *const list_statuses_duty[] = {"active", "retired", NULL};
const char *const list_statuses_entry[] = {"published", "retired", "returned", "submitted", NULL};
const char *const list_statuses_request[] = {"approved", "assessing",    "escalated", "granted",
                                             "intake",   "not-accepted", "pending",   "refused",
                                             "withdrawn", NULL};
const char *const list_routes[] = {"fusion",   "need",          "provider",
                                   "scenario", "unconditional", NULL};
const char *const list_statuses_grant[] = {"active",    "agreement",  "ended", "expired",
                                           "suspended", "terminated", NULL};
const char *const list_statuses_access[] = {"closed", "mismatch", "open", NULL};

const char *const list_statuses_matter[] = {
    "accepted",     "active",      "adjusted",       "adjusting",     "answered",
    "applied",      "approved",    "asked",          "certified",     "closed",
    "collected",    "consent-revoked", "consented",  "consulting",    "decided",
    "declined",     "dismissed",   "disputed",       "done",          "due",
    "ended",        "exempt",      "expired",        "filed",         "forwarded",
    "found",        "handled",     "in-force",       "in-office",     "in-order",
    "left-office",  "lifted",      "listed",         "met",           "negotiating",
    "not-accepted", "open",        "ordered",        "partly",        "published",
    "questioned",   "raised",      "referred",       "refused",       "replaced",
    "replied",      "reported",    "requested",      "resolved",      "returned",
    "reviewing",    "revoked",     "ruled",          "served",        "settled",
    "submitted",    "unfounded",   "upper-agreed",   "upper-refused", "verifying",
    "withdrawn",    NULL};

const char *const list_effects[] = {
    "adjust-overdue",      "adjusted",              "agreement-overdue",
    "assess-overdue",      "barred",                "became-static",
    "chief-brought-in",    "collect-overdue",       "compile-overdue",
    "consulted",
    "cycle-followed",      "deemed-approved",       "delegation-expired",
    "designation-replaced", "designation-withdrawn", "disuse-lapsed",
    "duty-retired",        "ended-with-entry",      "ended-with-listing",
    "entry-changed",       "entry-retired",         "escalated",
    "evaluate-overdue",    "expired",               "fusion-part-overdue",
    "fusion-review-overdue", "fusion-service-overdue", "granted",
    "listing-narrowed",    "listing-withdrawn",     "maintain-overdue",
    "measure-ended",       "member-suspended",      "narrowed-with-entry",
    "narrowed-with-listing", "need-overdue",        "outage",
    "plan-proposed",       "profile-in-force",      "quality-overdue",
    "recollect-overdue",   "rectify-overdue",       "referred",
    "refresh-overdue",     "refusal-unfounded",     "removal-ordered",
    "removal-waits",       "resubmission-overdue",  "review-overdue",
    "risk-reported",       "ruling-overdue",        "suspended-unused",
    "term-moved",          "term-rests",            "term-resumed",
    "term-warning",        "terminated",            "update-overdue",
    "upper-overdue",       "use-shown",             "validator-removed",
    NULL};

const char *const list_terms[] = {
    "adjust",     "adjustment",       "adjustment-notice", "agreement",     "answer",
    "approved",   "assess",           "collect",           "compile",       "consult",
    "delegation", "delisting",        "delisting-notice",  "disuse",        "evaluate",
    "expiry",     "fusion-part",      "fusion-review",     "fusion-service", "maintain",
    "measure",    "need",             "negotiation",       "objection",     "quality",
    "recollect",  "rectify",          "refresh",           "resubmit",      "review",
    "ruling",     "update",           "upper",             NULL};

bool list_words_have(const char *const *words, const char *word)
{
    while (*words != NULL && strcmp(*words, word) != 0) {
        words++;
    }
    return *words != NULL;
}

const char *const *list_statuses_of(const char *key)
{
    static const struct {
        const char *prefix;
        const char *const *statuses;
    } families[] = {{"duty/", list_statuses_duty},
                    {"entry/", list_statuses_entry},
                    {"grant/", list_statuses_grant},
                    {"request/", list_statuses_request}};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (strncmp(key, families[i].prefix, strlen(families[i].prefix)) == 0) {
            return families[i].statuses;
        }
    }
    return matter_kind_of(key) != NULL ? list_statuses_matter : NULL;
}
