/* Delegations. PT 2: 依法委托第三方收集和产生的数据 are the agency's own public data, and PT 11 has
 * it compile and collect them (直接或者委托第三方收集和产生的公共数据，应当全量纳入). The third
 * party acts with keys of its own in the agency's name space:
 *
 *   kid "<agency>/<key>"  ──key/<agency>/<key>──▶  "delegate", "delegation"
 *
 * so whatever it signs names the agency, which stays responsible, and through the key the third
 * party beside it.
 *
 *   granted ──from──▶ active ──24:00 of `until`──▶ expired
 *                        └──ended by the chief──▶ revoked
 *
 * What it may sign is a list of types, and of duties if the agency says so: of the types that
 * collecting and producing takes (收集和产生: "delegable" in the tables), which describe the data
 * and report on it. What the agency decides (its duties, what it asks for, opens, refuses or
 * retires) stays with it, and nothing is delegated on. While the agency or, where it is a member,
 * the third party is suspended, the delegation rests; its term runs on. */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/officers.h"
#include "chain/rules/possession.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/tx_header.h"

#include <stdio.h>
#include <string.h>

/* ---- judging what a delegate signs ---- */

static int out_of_scope(struct rule_context *context, const char *clause, const char *field)
{
    return rule_fault(context, ERR_DELEGATION_SCOPE, clause, "%s", field);
}

/* Whether the content of an entry stems from one of the duties; a designation (PT 5) besides would
 * be more than a duty. */
static bool stems_from(const struct doc *content, const struct doc *duties)
{
    const char *duty = doc_get_text(content, "duty");
    return duty != NULL && doc_has_text(duties, duty) && doc_get(content, "designation") == NULL;
}

static const struct doc *own_entry(struct rule_context *context, const char *code)
{
    return state_getf(context->state, "entry/%s/%s", context->tx->member, code);
}

/* The one entry that the act names: as it is on record, if it is, and as it shall be. Neither may
 * be another duty's: an entry is taken neither into the delegate's duties nor out of them. */
static void check_entry(struct rule_context *context, const struct doc *duties)
{
    const char *code = rule_body_text(context, "code");
    const struct doc *content = doc_get(context->body, "entry");
    const struct doc *record = code == NULL ? NULL : own_entry(context, code);
    if (code != NULL && (record != NULL || content == NULL) &&
        !stems_from(doc_get(record, "entry"), duties)) {
        out_of_scope(context, "PT 2", "code");
    }
    if (content != NULL && !stems_from(content, duties)) {
        out_of_scope(context, "PT 2", "entry.duty");
    }
}

static void check_entries(struct rule_context *context, const struct doc *duties)
{
    const struct doc *entries = doc_get(context->body, "entries");
    for (size_t i = 0; i < doc_count(entries); i++) {
        const struct doc *record = own_entry(context, doc_get_text(doc_at(entries, i), "code"));
        if (!stems_from(doc_get(record, "entry"), duties)) {
            rule_fault(context, ERR_DELEGATION_SCOPE, "PT 2", "entries[%zu].code", i);
        }
    }
}

/* What the act answers to: a milestone of one of the duties, or of the entry, which was judged. */
static void check_milestone(struct rule_context *context, const struct doc *duties)
{
    const char *name = rule_body_text(context, "milestone");
    const struct doc *milestone =
        name == NULL ? NULL
                     : state_getf(context->state, "milestone/%s/%s", context->tx->member, name);
    const char *duty = doc_get_text(milestone, "duty");
    bool within = duty != NULL ? doc_has_text(duties, duty) : doc_get(milestone, "entry") != NULL;
    if (name != NULL && !within) {
        out_of_scope(context, "PT 2", "milestone");
    }
}

static int check_scope(struct rule_context *context, const struct doc *delegation)
{
    const struct doc *duties = doc_get(delegation, "duties");
    if (!doc_has_text(doc_get(delegation, "types"), context->tx->type->name)) {
        return out_of_scope(context, "PT 2", "type");
    }
    /* PT 11: 不得…拒绝归集. Whether to refuse is for the agency, which answers for it. */
    if (doc_get(context->body, "refusal") != NULL) {
        out_of_scope(context, "PT 11", "refusal");
    }
    if (duties != NULL) {
        check_entry(context, duties);
        check_entries(context, duties);
        check_milestone(context, duties);
    }
    return context->error;
}

int rules_judge_delegate(struct rule_context *context)
{
    const char *code = doc_get_text(context->key, "delegation");
    char key[RECORD_KEY_BYTES];
    if (code == NULL) {
        return 0;
    }
    record_key(key, "delegation/%s/%s", context->tx->member, code);
    const struct doc *delegation = record_current(context, key);
    if (!doc_text_is(delegation, "status", "active") ||
        context->time_ms < doc_get_int(delegation, "from_ms", INT64_MAX)) {
        return rule_fault(context, ERR_DELEGATION, "PT 2", "%s", "");
    }
    const struct doc *delegate =
        state_getf(context->state, "member/%s", doc_get_text(delegation, "delegate"));
    if (delegate != NULL && !doc_text_is(delegate, "status", "active")) {
        return rule_fault(context, ERR_DELEGATION, "PT 31", "delegate");
    }
    return check_scope(context, delegation);
}

/* ---- delegation.grant ---- */

static void check_types(struct rule_context *context)
{
    const struct doc *types = doc_get(context->body, "types");
    for (size_t i = 0; i < doc_count(types); i++) {
        const char *name = doc_text(doc_at(types, i));
        const struct tx_type *type = schema_find(name);
        if (name == NULL) {
            continue; /* told by the table */
        }
        if (type == NULL || !type->delegable) {
            for (size_t k = 0; schema_at(k) != NULL; k++) {
                faults_note_may(context->faults, ERR_FIELD_CHOICE,
                                schema_at(k)->delegable ? schema_at(k)->name : NULL);
            }
            rule_fault(context, ERR_FIELD_CHOICE, "PT 2", "types[%zu]", i);
        }
    }
}

static void check_code(struct rule_context *context)
{
    const char *code = rule_body_text(context, "code");
    if (code != NULL && !tx_key_name_valid(view_of_text(code))) {
        faults_note_may(context->faults, ERR_FIELD_FORMAT, "key-name");
        rule_fault(context, ERR_FIELD_FORMAT, "PT 2", "code");
    }
}

void delegation_check_body(struct rule_context *context)
{
    check_code(context);
    check_types(context);
}

static void check_duties(struct rule_context *context)
{
    const struct doc *duties = doc_get(context->body, "duties");
    for (size_t i = 0; i < doc_count(duties); i++) {
        const struct doc *duty = state_getf(context->state, "duty/%s/%s", context->tx->member,
                                            doc_text(doc_at(duties, i)));
        if (!doc_text_is(duty, "status", "active")) {
            rule_fault_record(context, duty, "active", "PT 2", "duties[%zu]", i);
        }
    }
}

/* From 00:00 of the first day to 24:00 of the last, Beijing; without a first day from now on. */
static void check_days(struct rule_context *context, int64_t *from_ms, int64_t *until_ms)
{
    const char *from = rule_body_text(context, "from");
    int64_t first = civil_day(context->time_ms), last = first;
    (void)civil_parse_date(&last, rule_body_text(context, "until")); /* the table saw to the form */
    *from_ms = context->time_ms;
    if (from != NULL && civil_parse_date(&first, from) == 0) {
        *from_ms = civil_day_start(first);
        if (first < civil_day(context->time_ms)) {
            faults_note_days(context->faults, ERR_FIELD_RANGE, civil_day(context->time_ms),
                             FAULT_OPEN);
            rule_fault(context, ERR_FIELD_RANGE, "PT 2", "from");
        }
    }
    *until_ms = civil_day_start(last + 1);
    if (last < first) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, first, FAULT_OPEN);
        rule_fault(context, ERR_FIELD_RANGE, "PT 2", "until");
    }
}

static void check_delegate(struct rule_context *context)
{
    const char *delegate = rule_body_text(context, "delegate");
    if (rule_signer_is(context, delegate)) {
        rule_fault(context, ERR_SELF, "PT 2", "delegate");
        return;
    }
    const struct doc *member = state_getf(context->state, "member/%s", delegate);
    if (member != NULL && !doc_text_is(member, "status", "active")) {
        rule_fault_record(context, member, "active", "PT 31", "delegate");
    }
}

/* The delegate's keys, each proven by the delegate: that it takes the task on. */
static void register_keys(struct rule_context *context)
{
    const struct doc *keys = doc_get(context->body, "keys");
    const char *member = context->tx->member;
    (void)keys_have_room(context, member, doc_count(keys), "keys");
    for (size_t i = 0; i < doc_count(keys); i++) {
        char path[32], proof[40];
        const struct doc *given = doc_at(keys, i);
        AUTO(doc_free) struct doc *key = record_edit(given);
        (void)snprintf(path, sizeof path, "keys[%zu].", i);
        (void)snprintf(proof, sizeof proof, "%sproof", path);
        record_share(key, "delegate", doc_get(context->body, "delegate"));
        record_share(key, "delegation", doc_get(context->body, "code"));
        int error = key_check_new(context, context->member, key, path);
        int other =
            possession_check(context, member, doc_get_text(given, "name"),
                             doc_get_text(given, "public"), doc_get_text(given, "proof"), proof);
        if (error == 0 && other == 0) {
            key_put(context->state, member, key, context->txid, context->height + 1);
            keys_heard(context, member, doc_get_text(key, "role"));
        }
    }
}

static struct doc *delegation_new(struct rule_context *context, int64_t from_ms)
{
    static const char *const shared[] = {"agreement", "basis", "code",  "delegate", "delegate_name",
                                         "duties",    "from",  "types", "until"};
    const struct doc *keys = doc_get(context->body, "keys");
    struct doc *record = doc_new_object(), *names = doc_new_array();
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        record_share(record, shared[i], doc_get(context->body, shared[i]));
    }
    for (size_t i = 0; i < doc_count(keys); i++) {
        doc_push_text(names, doc_get_text(doc_at(keys, i), "name"));
    }
    doc_set_int(record, "from_ms", from_ms);
    doc_set(record, "keys", names);
    doc_set_text(record, "principal", context->tx->member);
    doc_set_int(record, "since_ms", context->time_ms);
    doc_set_text(record, "status", "active");
    return record;
}

int delegation_grant(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    int64_t from_ms, until_ms;
    record_key(key, "delegation/%s/%s", context->tx->member, rule_body_text(context, "code"));
    check_code(context);
    if (state_get(context->state, key) != NULL) {
        rule_fault(context, ERR_DUPLICATE, "PT 2", "code");
    }
    check_delegate(context);
    check_types(context);
    check_duties(context);
    check_days(context, &from_ms, &until_ms);
    register_keys(context);
    if (context->error != 0) {
        return context->error;
    }
    struct doc *record = delegation_new(context, from_ms);
    term_start_at(context, record, key, "delegation", until_ms, "PT 2");
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* ---- the end ---- */

/* Its keys act no more; `act`: an automatic act is what ends them, not the transaction. */
static void end_keys(struct rule_context *context, const struct doc *delegation, bool act)
{
    const struct doc *keys = doc_get(delegation, "keys");
    const char *member = doc_get_text(delegation, "principal");
    for (size_t i = 0; i < doc_count(keys); i++) {
        const struct doc *key =
            state_getf(context->state, "key/%s/%s", member, doc_text(doc_at(keys, i)));
        if (doc_kind(doc_get(key, "to")) != DOC_NULL) {
            continue; /* retired before */
        }
        struct doc *record = record_edit(key);
        doc_set_int(record, "to", (int64_t)context->height);
        act ? record_stamp_act(context, record) : record_stamp(context, record);
        key_record_put(context->state, record);
        keys_heard(context, member, doc_get_text(record, "role"));
    }
}

void delegation_rename_key(struct rule_context *context, const struct doc *key, const char *by)
{
    const char *member = doc_get_text(key, "member"), *code = doc_get_text(key, "delegation");
    if (code == NULL) {
        return;
    }
    const struct doc *before = state_getf(context->state, "delegation/%s/%s", member, code);
    const struct doc *keys = doc_get(before, "keys");
    struct doc *record = record_edit(before), *names = doc_new_array();
    for (size_t i = 0; i < doc_count(keys); i++) {
        const char *name = doc_text(doc_at(keys, i));
        doc_push_text(names, doc_text_is(key, "name", name) ? by : name);
    }
    doc_set(record, "keys", names);
    record_stamp(context, record);
    state_putf(context->state, record, "delegation/%s/%s", member, code);
}

void delegation_expiry_due(struct rule_context *context, const char *subject,
                           const struct doc *term)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    rule_act_at(context, doc_get_text(term, "clause"), subject, "delegation-expired",
                doc_get_int(term, "due_ms", 0));
    term_stop(context, record, subject, "delegation");
    doc_set_text(record, "status", "expired");
    record_stamp_act(context, record);
    end_keys(context, record, true);
    state_put(context->state, subject, record);
}

int delegation_end(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "delegation/%s/%s", context->tx->member, rule_body_text(context, "code"));
    const struct doc *delegation = rule_subject(context, key);
    if (delegation == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(delegation, "status", "active")) {
        faults_note_may(context->faults, ERR_STATUS, "active");
        return rule_fault(context, ERR_STATUS, "PT 2", "code");
    }
    struct doc *record = record_edit(delegation);
    term_stop(context, record, key, "delegation");
    doc_set_text(record, "status", "revoked");
    record_share(record, "reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    end_keys(context, record, false);
    state_put(context->state, key, record);
    return 0;
}
