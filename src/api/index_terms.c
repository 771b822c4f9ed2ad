/* Terms, as records hold them ("terms", chain/rules/terms.h).
 *
 *   running ──▶ in-time   taken out of the record before its end
 *      ├──────▶ lapsed    taken out at its end: the ledger acted (deemed approval, expiry, …)
 *      ├──────▶ dropped   taken out with what it was for: withdrawn, ruled (term_kinds.h, unneeded);
 *      │                  or another is asked, or anew
 *      ├──────▶ overdue   its end went by, and it is still owed
 *      │           ├────▶ late     done after the end
 *      │           └────▶ missed   dropped after the end
 *      └──────▶ resting   whoever owes it was removed: running again when it is restored
 *
 * A term that stood while what was done was looked at, and goes on after a return, is the same: its
 * row is opened again, so that nothing counts as done for having been sent in.
 *
 * A record's open rows are closed first, as if it had none any more, and those that it has are
 * opened again: so nothing has to be compared. Where several owe it, each has a row, which stays
 * closed once that member has acted. */
#include "api/index_terms.h"

#include "api/read_schema.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/records.h"
#include "chain/rules/term_kinds.h"
#include "chain/rules/terms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool may_have_terms(struct view value)
{
    static const char mark[] = "\"terms\":{";
    return memmem(value.data, value.len, mark, sizeof mark - 1) != NULL;
}

/* Who has to act. */
static int owed_by(struct buf *out, const struct store_view *view, const struct term_kind *kind,
                   const struct doc *record)
{
    AUTO(doc_free) struct doc *center = NULL;
    const char *member = NULL;
    int error = 0;
    if (kind->owed_by != NULL && strcmp(kind->owed_by, TERM_OWED_BY_CENTER) == 0) {
        error = store_read_state(&center, view, "center");
        member = doc_get_text(center, "id");
    } else if (kind->owed_by != NULL) {
        member = doc_get_text(record, kind->owed_by);
    }
    if (error == 0 && member != NULL) {
        buf_append_text(out, member);
    }
    return error;
}

static int put_row(struct read_model *model, const char *id, const char *key, const char *name,
                   const char *member, const struct doc *term)
{
    return read_model_write(model, read_put_term, "ttttiitti", id, key, name, member,
                            term_began_ms(term), doc_get_int(term, "due_ms", 0),
                            doc_get_text(term, "clause"),
                            doc_get(term, "rests") != NULL      ? "resting"
                            : doc_get_bool(term, "over", false) ? "overdue"
                                                                : "running",
                            (int64_t)doc_get_bool(term, "provisional", false));
}

/* A row for each of these members. */
static int put_each(struct read_model *model, const char *id, const char *key, const char *name,
                    const struct doc *members, const struct doc *term)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < doc_count(members); i++) {
        char own[STATE_KEY_BYTES_MAX + 120 + MEMBER_ID_CHARS + 2];
        const char *member = doc_text(doc_at(members, i));
        (void)snprintf(own, sizeof own, "%s/%s", id, member);
        error = read_model_write(model, read_cut_member_term, "ttit", key, name,
                                 term_began_ms(term), member);
        error = error != 0 ? error : put_row(model, own, key, name, member, term);
    }
    return error;
}

static int put_term(struct read_model *model, const struct store_view *view, const char *key,
                    const struct doc *record, const char *name, const struct doc *term)
{
    AUTO(buf_free) struct buf member = {0};
    char id[STATE_KEY_BYTES_MAX + 120];
    const struct term_kind *kind = term_kind_find(name);
    /* With its beginning: one that began anew may end on the same day. */
    (void)snprintf(id, sizeof id, "%016" PRIx64 "/%s/%s/%016" PRIx64,
                   record_instant(doc_get_int(term, "due_ms", 0)), name, key,
                   record_instant(term_began_ms(term)));
    if (kind->owed_by_each != NULL || kind->owed_by_both[0] != NULL) {
        AUTO(doc_free) struct doc *members = term_owed_by_several(kind, record);
        return put_each(model, id, key, name, members, term);
    }
    int error = owed_by(&member, view, kind, record);
    error = error != 0 ? error
                       : read_model_write(model, read_cut_term, "tti", key, name,
                                          term_began_ms(term));
    return error != 0
               ? error
               : put_row(model, id, key, name, member.len > 0 ? buf_text(&member) : NULL, term);
}

static bool is_unneeded(const struct term_kind *kind, const struct doc *record, int64_t time_ms)
{
    if (kind->done != NULL) {
        return doc_get(doc_get(record, "terms"), kind->name) == NULL &&
               doc_get_int(doc_get(record, kind->done), "time_ms", -1) != time_ms;
    }
    bool is = kind->ruling_ends && doc_text_is(record, "decided_by", "ruling");
    for (size_t i = 0; i < sizeof kind->unneeded / sizeof *kind->unneeded; i++) {
        is = is || (kind->unneeded[i] != NULL && doc_text_is(record, "status", kind->unneeded[i]));
    }
    return is;
}

/* The open terms that a record of this status has nobody do any more, or another: before the others
 * end. */
static int drop_terms(struct read_model *model, const char *key, const struct doc *record,
                      int64_t time_ms)
{
    int error = 0;
    const struct term_kind *kind;
    for (size_t i = 0; error == 0 && (kind = term_kind_at(i)) != NULL; i++) {
        bool unneeded = is_unneeded(kind, record, time_ms);
        const struct doc *runs = doc_get(doc_get(record, "terms"), kind->name);
        if (unneeded || (kind->asked_anew && runs != NULL)) {
            error = read_model_write(model, read_drop_term, "titti", key, time_ms, kind->name,
                                     unneeded ? NULL : doc_get_text(record, kind->owed_by),
                                     unneeded ? -1 : term_began_ms(runs));
        }
    }
    return error;
}

int index_terms(struct read_model *model, const struct store_view *view, const char *key,
                struct view value, int64_t time_ms)
{
    AUTO(doc_free) struct doc *record = NULL;
    bool has_terms = may_have_terms(value);
    if (has_terms && doc_parse(&record, value, STATE_VALUE_BYTES_MAX) != 0) {
        return ERR_CORRUPT;
    }
    int error = has_terms ? drop_terms(model, key, record, time_ms) : 0;
    error = error != 0 ? error : read_model_write(model, read_end_record_terms, "ti", key, time_ms);
    if (error != 0 || !has_terms) {
        return error;
    }
    const struct doc *terms = doc_get(record, "terms");
    size_t cursor = 0;
    const char *name;
    const struct doc *term;
    while (error == 0 && doc_kind(terms) == DOC_OBJECT && doc_next(terms, &cursor, &name, &term)) {
        error = put_term(model, view, key, record, name, term);
    }
    return error;
}
