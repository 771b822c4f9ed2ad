/* Officers (A2). PT 6: 各区级责任单位的首席数据官和数据执行专员具体负责本单位公共数据共享工作;
 * CN 24: 应当明确…分管领导和专人…将相关人员信息…备案，如有人员变动，应当及时更新.
 *
 *   first key ──▶ in office ──last key retired, ended, or succeeded──▶ left office
 *
 * An officer is an office with the keys that act in it: no name, no number of a person stands on
 * the ledger, only the digest of the papers that were filed. A key stays with its officer for ever,
 * so that a signature of any year says whose it is; who changes posts gets another key.
 *
 * Neither clause counts days (及时): the record tells the day of the change beside the height of
 * its registration, and who assesses sees what lies between. */
#include "chain/rules/officers.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/tx_header.h"

#include <stdio.h>
#include <string.h>

/* ---- keys in an officer's hands ---- */

const char *officer_of(const struct doc *key)
{
    const char *named = doc_get_text(key, "officer");
    if (doc_text_is(key, "role", "gateway") || doc_get(key, "delegation") != NULL) {
        return NULL;
    }
    return named != NULL ? named : doc_get_text(key, "name");
}

static bool is_apart(const char *role)
{
    return role != NULL && (strcmp(role, "compile") == 0 || strcmp(role, "review") == 0 ||
                            strcmp(role, "approve") == 0);
}

bool officer_may_hold(const char *role, const char *other)
{
    return !is_apart(role) || !is_apart(other) || strcmp(role, other) == 0;
}

static bool keys_stay_apart(const struct doc *roles, const char *role)
{
    for (size_t i = 0; i < doc_count(roles); i++) {
        if (!officer_may_hold(role, doc_text(doc_at(roles, i)))) {
            return false;
        }
    }
    return true;
}

/* Copies the lists "keys" and "roles" but for one key; `by` takes its place, unless NULL. */
static void hands_without(struct doc *officer, const char *name, const char *by)
{
    const struct doc *keys = doc_get(officer, "keys"), *roles = doc_get(officer, "roles");
    struct doc *left = doc_new_array(), *left_roles = doc_new_array();
    for (size_t i = 0; i < doc_count(keys); i++) {
        bool goes = strcmp(doc_text(doc_at(keys, i)), name) == 0;
        if (!goes || by != NULL) {
            doc_push_text(left, goes ? by : doc_text(doc_at(keys, i)));
            doc_push(left_roles, doc_ref(doc_at(roles, i)));
        }
    }
    doc_set(officer, "keys", left);
    doc_set(officer, "roles", left_roles);
}

static void hands_add(struct doc *officer, const struct doc *key)
{
    struct doc *keys = doc_copy(doc_get(officer, "keys"));
    struct doc *roles = doc_copy(doc_get(officer, "roles"));
    doc_push(keys, doc_ref(doc_get(key, "name")));
    doc_push(roles, doc_ref(doc_get(key, "role")));
    doc_set(officer, "keys", keys);
    doc_set(officer, "roles", roles);
}

static struct doc *officer_new(const char *member, const char *code, uint64_t height)
{
    struct doc *record = doc_new_object();
    doc_set_text(record, "code", code);
    doc_set_int(record, "from", (int64_t)height);
    doc_set(record, "keys", doc_new_array());
    doc_set_text(record, "member", member);
    doc_set_text(record, "office", "data");
    doc_set(record, "roles", doc_new_array());
    doc_set(record, "to", doc_new_null());
    return record;
}

static int check_bind(struct faults *faults, const struct doc *officer, const char *role,
                      const char *path)
{
    const struct doc *roles = doc_get(officer, "roles");
    int error = doc_kind(doc_get(officer, "to")) != DOC_NULL   ? ERR_STATUS
                : !keys_stay_apart(roles, role)                ? ERR_SAME_OFFICER
                : doc_count(roles) >= (size_t)OFFICER_KEYS_MAX ? ERR_QUOTA
                                                               : 0;
    if (error == ERR_STATUS) {
        faults_note_now(faults, error, "left-office");
        faults_note_may(faults, error, "in-office");
    }
    return error == 0 ? 0 : faults_add(faults, error, "PT 6, CN 10", "%sofficer", path);
}

int officer_bind(struct state *state, struct faults *faults, const char *member,
                 const struct doc *key, const char *version, uint64_t height, const char *path)
{
    const char *code = officer_of(key);
    if (code == NULL) {
        return 0;
    }
    const struct doc *before = state_getf(state, "officer/%s/%s", member, code);
    AUTO(doc_free)
    struct doc *officer = before == NULL ? officer_new(member, code, height) : record_edit(before);
    int error = check_bind(faults, officer, doc_get_text(key, "role"), path);
    if (error != 0) {
        return error;
    }
    hands_add(officer, key);
    if (doc_text_is(key, "role", "chief")) {
        doc_set_text(officer, "office", "chief");
    }
    doc_set_text(officer, "version", version);
    state_putf(state, doc_ref(officer), "officer/%s/%s", member, code);
    return 0;
}

void officer_release(struct rule_context *context, const char *member, const struct doc *key,
                     const char *by)
{
    const char *code = officer_of(key);
    const struct doc *before =
        code == NULL ? NULL : state_getf(context->state, "officer/%s/%s", member, code);
    if (before == NULL) {
        return;
    }
    struct doc *officer = record_edit(before);
    hands_without(officer, doc_get_text(key, "name"), by);
    if (doc_count(doc_get(officer, "keys")) == 0) {
        doc_set_int(officer, "to", (int64_t)context->height);
    }
    record_stamp(context, officer);
    state_putf(context->state, officer, "officer/%s/%s", member, code);
}

/* ---- officer.register, officer.update, officer.end ---- */

/* The day of the change lies behind: what is to come is registered when it has come. */
static void check_changed_on(struct rule_context *context)
{
    int64_t day;
    const char *date = rule_body_text(context, "changed_on");
    if (date != NULL && civil_parse_date(&day, date) == 0 && day > civil_day(context->time_ms)) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, FAULT_OPEN, civil_day(context->time_ms));
        rule_fault(context, ERR_FIELD_RANGE, "CN 24", "changed_on");
    }
}

/* CN 24: 备案: who brings in another agency's chief shows on what papers, and says why. */
static void check_papers(struct rule_context *context, const char *member)
{
    static const char *const owed[] = {"filing", "reason"};
    for (size_t i = 0; i < sizeof owed / sizeof *owed; i++) {
        if (!rule_signed_by(context, member) && doc_get(context->body, owed[i]) == NULL) {
            rule_fault(context, ERR_FIELD_MISSING, "CN 24", "%s", owed[i]);
        }
    }
}

static void note_change(struct rule_context *context, struct doc *record)
{
    static const char *const names[] = {"changed_on", "filing", "reason"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        record_share(record, names[i], doc_get(context->body, names[i]));
    }
    record_stamp(context, record);
}

/* Leaves office with all keys, which stay in the list: what they were held for is on record. */
static void leave_office(struct rule_context *context, const char *member,
                         const struct doc *officer, struct doc *record)
{
    const struct doc *keys = doc_get(officer, "keys");
    for (size_t i = 0; i < doc_count(keys); i++) {
        key_end(context, member, doc_text(doc_at(keys, i)));
    }
    doc_set_int(record, "to", (int64_t)context->height);
    record_stamp(context, record);
    state_putf(context->state, doc_ref(record), "officer/%s/%s", member,
               doc_get_text(officer, "code"));
}

/* Keys that the officer succeeded leaves office with, and no more than come: a former officer who
 * is not there is a fault of its own (succeed). */
static size_t keys_given_up(struct rule_context *context, const char *member)
{
    const char *code = rule_body_text(context, "succeeds");
    const struct doc *former =
        code == NULL ? NULL : state_getf(context->state, "officer/%s/%s", member, code);
    size_t come = doc_count(doc_get(context->body, "keys"));
    size_t go = doc_count(doc_get(former, "keys"));
    return go < come ? go : come;
}

/* The keys of the body, each as key.add would have it, with the officer's code. */
static int register_keys(struct rule_context *context, const struct doc *member, const char *code)
{
    const char *id = doc_get_text(member, "id");
    const struct doc *keys = doc_get(context->body, "keys");
    (void)keys_have_room(context, id, doc_count(keys) - keys_given_up(context, id), "keys");
    for (size_t i = 0; i < doc_count(keys); i++) {
        char path[32];
        AUTO(doc_free) struct doc *key = record_edit(doc_at(keys, i));
        (void)snprintf(path, sizeof path, "keys[%zu].", i);
        doc_set_text(key, "officer", code);
        bool good = key_check_new(context, member, key, path) == 0;
        if (good) {
            key_put(context->state, id, key, context->txid, context->height + 1);
            keys_heard(context, id, doc_get_text(key, "role"));
        }
        int error = officer_bind(context->state, context->faults, id, key, context->txid,
                                 context->height + 1, path);
        context->error = context->error != 0 ? context->error : error;
    }
    return context->error;
}

/* 首席数据官 is followed by 首席数据官: the new keys act from the next block, the old ones up to
 * this one, so that there is no moment without. */
static int succeed(struct rule_context *context, const char *member, const struct doc *officer)
{
    const char *code = rule_body_text(context, "succeeds");
    if (code == NULL) {
        return 0;
    }
    AUTO(doc_free)
    struct doc *before = doc_ref(state_getf(context->state, "officer/%s/%s", member, code));
    if (before == NULL || doc_text_is(officer, "code", code)) {
        return rule_fault(context, ERR_SUBJECT, "CN 24", "succeeds");
    }
    if (doc_kind(doc_get(before, "to")) != DOC_NULL ||
        !doc_text_is(before, "office", doc_get_text(officer, "office"))) {
        bool left = doc_kind(doc_get(before, "to")) != DOC_NULL;
        return rule_fault_status(context, left ? "left-office" : NULL, left ? "in-office" : "",
                                 "CN 24", "succeeds");
    }
    if (!keys_spare_officer(context, member, code)) {
        return rule_fault(context, ERR_LAST_CHIEF, "PT 6", "succeeds");
    }
    AUTO(doc_free) struct doc *left = record_edit(before);
    record_share(left, "succeeded_by", doc_get(officer, "code"));
    record_share(left, "changed_on", doc_get(context->body, "changed_on"));
    leave_office(context, member, before, left);
    return 0;
}

/* The center may only bring in a chief (PT 6), so its word is good for chiefs' keys alone. */
static const char *role_of_all(const struct doc *keys)
{
    for (size_t i = 0; i < doc_count(keys); i++) {
        if (!doc_text_is(doc_at(keys, i), "role", "chief")) {
            return doc_get_text(doc_at(keys, i), "role");
        }
    }
    return "chief";
}

static void check_code(struct rule_context *context)
{
    const char *code = rule_body_text(context, "code");
    if (code != NULL && !tx_key_name_valid(view_of_text(code))) {
        faults_note_may(context->faults, ERR_FIELD_FORMAT, "key-name");
        rule_fault(context, ERR_FIELD_FORMAT, "PT 6", "code");
    }
}

/* Names of the office and of its keys, and that compiling, reviewing and approving stay apart. */
void officer_check_body(struct rule_context *context)
{
    const struct doc *keys = doc_get(context->body, "keys");
    AUTO(doc_free) struct doc *officer = officer_new("", "", 0);
    check_code(context);
    for (size_t i = 0; i < doc_count(keys); i++) {
        const struct doc *key = doc_at(keys, i);
        char path[32];
        (void)snprintf(path, sizeof path, "keys[%zu].", i);
        (void)key_check_names(context, key, path);
        if (doc_get_text(key, "role") != NULL && doc_get_text(key, "name") != NULL &&
            check_bind(context->faults, officer, doc_get_text(key, "role"), path) == 0) {
            hands_add(officer, key);
        }
    }
}

int officer_register(struct rule_context *context)
{
    const char *code = rule_body_text(context, "code");
    const struct doc *owner = keys_owner(context, role_of_all(doc_get(context->body, "keys")));
    if (owner == NULL) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *member = doc_ref(owner);
    const char *id = doc_get_text(member, "id");
    check_code(context);
    check_changed_on(context);
    check_papers(context, id);
    if (state_getf(context->state, "officer/%s/%s", id, code) != NULL) {
        return rule_fault(context, ERR_DUPLICATE, "PT 6", "code"); /* whose hands are not these */
    }
    if (register_keys(context, member, code) != 0) {
        return rule_failed(context);
    }
    AUTO(doc_free)
    struct doc *record = record_edit(state_getf(context->state, "officer/%s/%s", id, code));
    record_share(record, "succeeds", doc_get(context->body, "succeeds"));
    note_change(context, record);
    state_putf(context->state, doc_ref(record), "officer/%s/%s", id, code);
    keys_tell_chief(context, id, "officer", code);
    return succeed(context, id, record);
}

/* The officer that the body names, of the signer's own agency and in office. */
static const struct doc *own_officer(struct rule_context *context)
{
    const struct doc *officer = rule_subjectf(context, "officer/%s/%s", context->tx->member,
                                              rule_body_text(context, "code"));
    if (officer != NULL && doc_kind(doc_get(officer, "to")) != DOC_NULL) {
        rule_fault_status(context, "left-office", "in-office", "CN 24", "code");
        return NULL;
    }
    return officer;
}

int officer_update(struct rule_context *context)
{
    const struct doc *officer = own_officer(context);
    check_changed_on(context);
    if (officer == NULL || context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(officer);
    note_change(context, record);
    state_putf(context->state, record, "officer/%s/%s", context->tx->member,
               rule_body_text(context, "code"));
    return 0;
}

int officer_end(struct rule_context *context)
{
    const char *code = rule_body_text(context, "code");
    const struct doc *found = own_officer(context);
    check_changed_on(context);
    if (found == NULL || context->error != 0) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *officer = doc_ref(found);
    if (!keys_spare_officer(context, context->tx->member, code)) {
        return rule_fault(context, ERR_LAST_CHIEF, "PT 6", "code");
    }
    AUTO(doc_free) struct doc *record = record_edit(officer);
    note_change(context, record);
    leave_office(context, context->tx->member, officer, record);
    return 0;
}
