/* What every rule works with: faults, automatic acts, the subject of an act, the profile. */
#include "chain/rule.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/hash.h"
#include "chain/rules/records.h"
#include "chain/rules/refusals.h"
#include "chain/rules/tables.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

unsigned rule_reads(const struct rule_context *context)
{
    return state_reads(context->state) - context->term_reads;
}

/* ---- faults and acts ---- */

int rule_fault(struct rule_context *context, int error, const char *clause,
               const char *field_format, ...)
{
    char field[FAULT_FIELD_BYTES_MAX];
    va_list arguments;
    va_start(arguments, field_format);
    (void)vsnprintf(field, sizeof field, field_format, arguments);
    va_end(arguments);
    if (context->error == 0) {
        context->error = error;
    }
    refusal_tell(context, error, field);
    return faults_add(context->faults, error, clause, "%s", field);
}

int rule_failed(const struct rule_context *context)
{
    ENSURE(context->error != 0);
    return context->error;
}

static struct doc *act_new(const struct rule_context *context, const char *clause,
                           const char *subject, const char *effect)
{
    struct doc *act = doc_new_object();
    doc_set_text(act, "clause", clause);
    doc_set_text(act, "effect", effect);
    doc_set_int(act, "height", (int64_t)context->height);
    doc_set_text(act, "subject", subject);
    return act;
}

void rule_act(struct rule_context *context, const char *clause, const char *subject,
              const char *effect)
{
    doc_push(context->acts, act_new(context, clause, subject, effect));
}

void rule_act_at(struct rule_context *context, const char *clause, const char *subject,
                 const char *effect, int64_t due_ms)
{
    struct doc *act = act_new(context, clause, subject, effect);
    doc_set_int(act, "due_ms", due_ms);
    doc_push(context->acts, act);
}

void rule_act_with(struct rule_context *context, const char *clause, const char *subject,
                   const char *effect, const struct doc *more)
{
    struct doc *act = act_new(context, clause, subject, effect);
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(more, &cursor, &name, &value)) {
        doc_set(act, name, doc_ref(value));
    }
    doc_push(context->acts, act);
}

bool rule_is_readable(const struct doc *value)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *member;
    bool all = doc_kind(value) != DOC_NULL;
    while (all && doc_kind(value) == DOC_OBJECT && doc_next(value, &cursor, &name, &member)) {
        all = rule_is_readable(member);
    }
    for (size_t i = 0; all && doc_kind(value) == DOC_ARRAY && i < doc_count(value); i++) {
        all = rule_is_readable(doc_at(value, i));
    }
    return all;
}

int rule_check_distinct(struct rule_context *context, const struct doc *list, const char *clause,
                        const char *field)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        size_t k = 0;
        while (k < i && !doc_equal(doc_at(list, k), doc_at(list, i))) {
            k++;
        }
        if (k < i && rule_is_readable(doc_at(list, i))) {
            rule_fault(context, ERR_DUPLICATE, clause, "%s[%zu]", field, i);
        }
    }
    return context->error;
}

/* ---- records ---- */

static void key_format(char out[RECORD_KEY_BYTES], const char *format, va_list arguments)
{
    int len = vsnprintf(out, RECORD_KEY_BYTES, format, arguments);
    ENSURE(len > 0 && len < RECORD_KEY_BYTES);
}

void record_key(char out[RECORD_KEY_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    key_format(out, format, arguments);
    va_end(arguments);
}

struct doc *record_edit(const struct doc *record)
{
    struct doc *copy = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (record != NULL && doc_next(record, &cursor, &name, &value)) {
        doc_set(copy, name, doc_ref(value));
    }
    return copy;
}

static void note_profile(const struct rule_context *context, struct doc *record)
{
    if (context->profile_ms != 0) {
        doc_set_int(record, "profile_ms", context->profile_ms);
    }
}

void record_stamp(struct rule_context *context, struct doc *record)
{
    note_profile(context, record);
    doc_set_text(record, "version", context->txid);
}

void record_stamp_act(struct rule_context *context, struct doc *record)
{
    size_t count = doc_count(context->acts);
    ENSURE(count > 0);
    struct hash version;
    doc_hash(&version, RULE_ACT_TAG, doc_at(context->acts, count - 1));
    note_profile(context, record);
    doc_set_hash(record, "version", &version);
}

void record_share(struct doc *record, const char *name, const struct doc *value)
{
    if (value != NULL) {
        doc_set(record, name, doc_ref(value));
    }
}

/* ---- subjects ---- */

const struct doc *record_current(struct rule_context *context, const char *key)
{
    rules_apply_due(context, key);
    return state_get(context->state, key);
}

const struct doc *rule_subject(struct rule_context *context, const char *key)
{
    const struct doc *record = record_current(context, key);
    (void)snprintf(context->subject, sizeof context->subject, "%s", key);
    faults_forget_noted(context->faults);
    if (record == NULL) {
        rule_fault(context, ERR_SUBJECT, context->tx->type->clause, "%s", key);
        return NULL;
    }
    const char *acts_on = doc_get_text(context->body, "acts_on");
    if (acts_on == NULL || !doc_text_is(record, "version", acts_on)) {
        rule_fault(context, ERR_VERSION_STALE, context->tx->type->clause, "acts_on");
        return NULL;
    }
    return record;
}

const struct doc *rule_subjectf(struct rule_context *context, const char *format, ...)
{
    char key[RECORD_KEY_BYTES];
    va_list arguments;
    va_start(arguments, format);
    key_format(key, format, arguments);
    va_end(arguments);
    return rule_subject(context, key);
}

const char *rule_body_text(const struct rule_context *context, const char *name)
{
    return doc_get_text(context->body, name);
}

bool rule_signed_by(const struct rule_context *context, const char *member)
{
    bool signs = rule_signer_is(context, member);
    if (!signs) {
        faults_note_may(context->faults, ERR_PARTY, member);
    }
    return signs;
}

bool rule_signer_is(const struct rule_context *context, const char *member)
{
    return member != NULL && strcmp(context->tx->member, member) == 0;
}

bool rule_center_signs(struct rule_context *context, const char *role)
{
    const struct doc *center = state_get(context->state, "center");
    bool signs = rule_signer_is(context, doc_get_text(center, "id")) &&
                 doc_text_is(context->key, "role", role);
    if (!signs) {
        char word[FAULT_WORDS_BYTES_MAX];
        (void)snprintf(word, sizeof word, "center/%s", role);
        faults_note_may(context->faults, ERR_PARTY, word);
    }
    return signs;
}

/* Four digits are the form's (CNZYSQ180001); the ten thousandth of a year has five, for nothing
 * waits for a new year. */
void rule_take_number(struct rule_context *context, struct doc *record, const char *section)
{
    const char *prefix = doc_get_text(rule_profile_at(context, section), "prefix");
    char key[RECORD_KEY_BYTES];
    int year, month, day;
    civil_date_from_day(&year, &month, &day, civil_day(context->time_ms));
    record_key(key, "serial/%s/%02d", prefix, year % 100);
    int64_t serial = doc_get_int(state_get(context->state, key), "last", 0) + 1;
    struct doc *counter = doc_new_object();
    doc_set_int(counter, "last", serial);
    state_put(context->state, key, counter);
    doc_set_format(record, "number", "%s%02d%04" PRId64, prefix, year % 100, serial);
}

bool doc_has_int(const struct doc *list, int64_t value)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        if (doc_kind(doc_at(list, i)) == DOC_INT && doc_int(doc_at(list, i), 0) == value) {
            return true;
        }
    }
    return false;
}

/* ---- profile ---- */

const struct doc *rule_profile(struct rule_context *context)
{
    const struct doc *record = state_get(context->state, "profile");
    context->profile_ms = doc_get_int(record, "since_ms", 0);
    return doc_get(record, "profile");
}

/* The first name of a dotted path; what follows it, or NULL. */
static const char *path_split(char name[64], const char *path)
{
    size_t len = strcspn(path, ".");
    ENSURE(len < 64);
    memcpy(name, path, len);
    name[len] = 0;
    return path[len] == 0 ? NULL : path + len + 1;
}

static const struct doc *path_walk(const struct doc *at, const char *path)
{
    while (at != NULL && path != NULL) {
        char name[64];
        path = path_split(name, path);
        at = doc_get(at, name);
    }
    return at;
}

int rule_check_reasons(struct rule_context *context, bool refuses, const char *clause)
{
    bool given = doc_get(context->body, "reasons") != NULL;
    if (given == refuses) {
        return 0;
    }
    return rule_fault(context, refuses ? ERR_GROUNDS : ERR_FIELD_UNKNOWN, clause, "reasons");
}

void rule_check_review(struct rule_context *context)
{
    const char *decision = rule_body_text(context, "decision");
    if (decision != NULL) {
        bool favours = strcmp(decision, "accept") == 0 || strcmp(decision, "agree") == 0;
        rule_check_reasons(context, !favours, NULL);
    }
}

const struct doc *rule_profile_at(struct rule_context *context, const char *path)
{
    return path_walk(rule_profile(context), path);
}

const struct doc *rule_profile_running(struct rule_context *context, const char *path)
{
    char section[64];
    (void)path_split(section, path);
    const struct doc *now = rule_profile(context);
    const struct doc *past = doc_get(state_get(context->state, "profile"), "past");
    if (doc_get(past, section) == NULL) { /* the one in force has it, or none ever had */
        return path_walk(now, path);
    }
    int64_t from_ms = doc_get_int(past, section, 0);
    const struct doc *record =
        state_getf(context->state, "profile/%016" PRIx64, record_instant(from_ms));
    context->profile_ms = from_ms;
    return path_walk(doc_get(record, "profile"), path);
}

int rule_check_body_size(struct rule_context *context, size_t bytes_max)
{
    return doc_canonical_beyond(context->body, bytes_max) == 0
               ? 0
               : rule_fault(context, ERR_TOO_LARGE, "D10", "body");
}

bool rule_policy_has(struct rule_context *context, const char *section, const char *clause,
                     const char *field)
{
    if (rule_profile_at(context, section) != NULL) {
        return true;
    }
    rule_fault(context, ERR_POLICY, clause, "%s", field);
    return false;
}

int64_t rule_profile_int(struct rule_context *context, const char *path)
{
    const struct doc *value = rule_profile_at(context, path);
    /* rules_check_profile saw to it; absent also when the disk failed under us. */
    ENSURE(doc_kind(value) == DOC_INT || state_error(context->state) != 0);
    return doc_int(value, 0);
}
