/* What no state may show, whatever was done: each a function of one record. */
#include "chain/rules/term_kinds.h"

typedef void walk_invariant(struct walk *walk, const char *key, const struct doc *record);

static bool walk_is_of(const char *key, const char *table)
{
    return strncmp(key, table, strlen(table)) == 0;
}

/* What stands behind the last "/". */
static const char *walk_id_of(const char *key)
{
    return strrchr(key, '/') + 1;
}

static bool walk_has_status(const struct doc *record, const char *words)
{
    char word[40];
    (void)snprintf(word, sizeof word, " %s ", doc_get_text(record, "status"));
    return strstr(words, word) != NULL;
}

/* ---- terms (D14) ---- */

static bool walk_term_runs(const struct doc *term)
{
    return doc_get(term, "over") == NULL && doc_get(term, "rests") == NULL;
}

/* Every key of the due index is the end of a term that runs, and none of them went by. */
static void due_keys_are_running_terms(struct walk *walk, const char *key, const struct doc *record)
{
    if (!walk_is_of(key, "due/")) {
        return;
    }
    const struct doc *subject = ledger_get(walk->ledger, "%s", doc_get_text(record, "subject"));
    const struct doc *term = doc_get(doc_get(subject, "terms"), doc_get_text(record, "term"));
    int64_t due_ms = strtoll(key + strlen("due/"), NULL, 16);
    if (term == NULL || doc_get_int(term, "due_ms", 0) != due_ms || !walk_term_runs(term)) {
        walk_wrong(walk, "no term runs to this end: %s", key);
    }
    if (due_ms <= walk->ledger->time_ms) {
        walk_wrong(walk, "the end went by: %s", key);
    }
}

/* Every term is found where its end, or its rest, is looked up, and somebody owes it yet. */
static void terms_are_indexed(struct walk *walk, const char *key, const struct doc *record)
{
    const struct doc *terms = doc_get(record, "terms"), *term;
    const char *name;
    size_t cursor = 0;
    while (doc_kind(terms) == DOC_OBJECT && doc_next(terms, &cursor, &name, &term)) {
        const struct term_kind *kind = term_kind_find(name);
        const char *rests = doc_get_text(term, "rests");
        if (rests != NULL && ledger_get(walk->ledger, "rest/%s/%s/%s", rests, name, key) == NULL) {
            walk_wrong(walk, "rests, and nobody's return would find it: %s of %s", name, key);
        }
        if (!walk_term_runs(term)) {
            continue;
        }
        if (ledger_get(walk->ledger, "due/%016" PRIx64 "/%s/%s",
                       (uint64_t)doc_get_int(term, "due_ms", 0), name, key) == NULL) {
            walk_wrong(walk, "runs, and its end would not come: %s of %s", name, key);
        }
        for (size_t i = 0; i < COUNT_OF(kind->unneeded); i++) {
            if (kind->unneeded[i] != NULL && doc_text_is(record, "status", kind->unneeded[i])) {
                walk_wrong(walk, "runs for what nobody has to do: %s of %s", name, key);
            }
        }
    }
}

static void rest_keys_are_resting_terms(struct walk *walk, const char *key,
                                        const struct doc *record)
{
    if (walk_is_of(key, "rest/")) {
        const struct doc *of = ledger_get(walk->ledger, "%s", doc_get_text(record, "subject"));
        const struct doc *term = doc_get(doc_get(of, "terms"), doc_get_text(record, "term"));
        if (doc_get(term, "rests") == NULL) {
            walk_wrong(walk, "does not rest: %s", key);
        }
    }
}

/* ---- disputes (PT 24) ---- */

#define WALK_OPEN " negotiating referred "

static void disputed_keys_are_open_disputes(struct walk *walk, const char *key,
                                            const struct doc *record)
{
    if (walk_is_of(key, "disputed/") &&
        !walk_has_status(ledger_get(walk->ledger, "dispute/%s", doc_get_text(record, "dispute")),
                         WALK_OPEN)) {
        walk_wrong(walk, "its dispute is over: %s", key);
    }
}

/* One dispute at a time, about what is there still. */
static void open_disputes_are_found(struct walk *walk, const char *key, const struct doc *record)
{
    if (!walk_is_of(key, "dispute/") || !walk_has_status(record, WALK_OPEN)) {
        return;
    }
    const char *request = doc_get_text(record, "request");
    const char *of = request != NULL ? request : doc_get_text(record, "need");
    const struct doc *open = ledger_get(walk->ledger, "disputed/%s", of);
    if (!doc_text_is(open, "dispute", walk_id_of(key))) {
        walk_wrong(walk, "a second could be raised beside it: %s", key);
    }
    if (doc_text_is(ledger_get(walk->ledger, "%s/%s", request != NULL ? "request" : "need", of),
                    "status", "withdrawn")) {
        walk_wrong(walk, "about what was withdrawn: %s", key);
    }
}

/* ---- requests that an entry may not be deleted under (PT 14, PT 20) ---- */

static bool walk_is_undecided(struct walk *walk, const struct doc *request, const char *id)
{
    return walk_has_status(request, " intake assessing pending escalated ") ||
           (walk_has_status(request, " refused not-accepted ") &&
            ledger_get(walk->ledger, "disputed/%s", id) != NULL);
}

static void asked_keys_are_undecided_requests(struct walk *walk, const char *key,
                                              const struct doc *record)
{
    (void)record;
    if (walk_is_of(key, "asked/")) {
        const char *id = walk_id_of(key);
        if (!walk_is_undecided(walk, ledger_get(walk->ledger, "request/%s", id), id)) {
            walk_wrong(walk, "decided, and in the way of a deletion still: %s", key);
        }
    }
}

static void undecided_requests_are_found(struct walk *walk, const char *key,
                                         const struct doc *record)
{
    if (!walk_is_of(key, "request/") || !walk_is_undecided(walk, record, walk_id_of(key))) {
        return;
    }
    int64_t asked_ms = doc_get_int(record, "asked_ms", doc_get_int(record, "submitted_ms", 0));
    if (ledger_get(walk->ledger, "asked/%s/%s/%016" PRIx64 "/%s", doc_get_text(record, "provider"),
                   doc_get_text(record, "entry"), (uint64_t)asked_ms, walk_id_of(key)) == NULL) {
        walk_wrong(walk, "its entry could be deleted before it is decided: %s", key);
    }
}

/* ---- adjustment plans (PT 14) ---- */

static void plans_count_what_was_signed(struct walk *walk, const char *key,
                                        const struct doc *record)
{
    if (!walk_is_of(key, "change/") || !walk_has_status(record, " applied consulting ")) {
        return;
    }
    int64_t objections = 0;
    for (size_t i = 0; i < COUNT_OF(walk_agencies); i++) {
        const char *member = walk_agencies[i];
        const struct doc *signs =
            ledger_get(walk->ledger, "plan/%s/%s", key + strlen("change/"), member);
        if (!doc_text_is(signs, "application", doc_get_text(record, "application"))) {
            continue; /* of an application before this one */
        }
        objections += doc_text_is(signs, "decision", "object");
        const char *proposal = doc_get_text(record, "proposal");
        if (proposal != NULL && doc_text_is(signs, "proposal", proposal) &&
            doc_has_text(doc_get(record, "unsigned"), member)) {
            walk_wrong(walk, "%s has signed the plan that is consulted on, and is waited for",
                       member);
        }
    }
    if (objections != doc_get_int(record, "objections", 0)) {
        walk_wrong(walk, "%" PRId64 " object, and it says otherwise: %s", objections, key);
    }
    if (doc_get_int(record, "proposals", 0) > 8) {
        walk_wrong(walk, "a ninth plan: %s", key);
    }
}

/* ---- milestones (PT 11, CN 10) ---- */

static void milestones_are_owed_until_met(struct walk *walk, const char *key,
                                          const struct doc *record)
{
    if (!walk_is_of(key, "milestone/")) {
        return;
    }
    bool met = doc_text_is(record, "status", "met");
    bool owed = doc_count(doc_get(record, "terms")) > 0;
    if (met && owed) {
        walk_wrong(walk, "met, and owed still: %s", key);
    }
    if (!met && !owed && walk->setting->plans) { /* CN 10: its days were named */
        walk_wrong(walk, "neither met nor owed: %s", key);
    }
}

/* ---- all of them ---- */

static walk_invariant *const walk_invariants[] = {
    due_keys_are_running_terms,
    terms_are_indexed,
    rest_keys_are_resting_terms,
    disputed_keys_are_open_disputes,
    open_disputes_are_found,
    asked_keys_are_undecided_requests,
    undecided_requests_are_found,
    plans_count_what_was_signed,
    milestones_are_owed_until_met,
};

static void walk_check(struct walk *walk)
{
    char key[300] = "", after[300] = "";
    for (bool more = state_next(walk->ledger->state, key, "", NULL); more;) {
        const struct doc *record = state_get(walk->ledger->state, key);
        for (size_t i = 0; i < COUNT_OF(walk_invariants); i++) {
            walk_invariants[i](walk, key, record);
        }
        memcpy(after, key, sizeof after);
        more = state_next(walk->ledger->state, key, "", after);
    }
}
