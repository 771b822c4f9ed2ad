/* Membership (A1, A3): admission, suspension, restoration, removal, addresses.
 *
 *   admit ──▶ active ◀──restore── suspended
 *                │ ────suspend──▶    │
 *                └──────remove───────┴──▶ removed ──restore──▶ active
 *
 * Every act is the center's, but the update of a member's own record, which its chief signs. A
 * member is never deleted: what it signed stays provable. */
#include "chain/rules/members.h"

#include "base/errors.h"
#include "base/limits.h"
#include "chain/rules/approvals.h"
#include "chain/rules/join_request.h"
#include "chain/rules/officers.h"
#include "chain/rules/records.h"
#include "chain/rules/risks.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/validators.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- records ---- */

void key_put(struct state *state, const char *member, const struct doc *key, const char *version,
             uint64_t height)
{
    static const char *const shared[] = {"delegate", "delegation", "name", "public", "role"};
    struct doc *record = doc_new_object();
    doc_set_int(record, "from", (int64_t)height);
    doc_set_text(record, "member", member);
    if (officer_of(key) != NULL) {
        doc_set_text(record, "officer", officer_of(key));
    }
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        record_share(record, shared[i], doc_get(key, shared[i]));
    }
    doc_set(record, "to", doc_new_null());
    doc_set_text(record, "version", version);
    key_record_put(state, record);
    struct doc *owner = doc_new_object();
    doc_set_text(owner, "member", member);
    state_putf(state, owner, "public/%s", doc_get_text(key, "public"));
}

int key_write(struct state *state, struct faults *faults, const char *member, const struct doc *key,
              const char *version, uint64_t height, const char *path)
{
    key_put(state, member, key, version, height);
    return officer_bind(state, faults, member, key, version, height, path);
}

/* party/<party>: so that nobody has to look at all members to know whether one is there. */
static void count_holders(struct state *state, const struct doc *member, const char *what,
                          int64_t more)
{
    if (more == 0) {
        return;
    }
    const struct doc *parties = doc_get(member, "parties");
    for (size_t i = 0; i < doc_count(parties); i++) {
        const char *party = doc_text(doc_at(parties, i));
        struct doc *record = record_edit(state_getf(state, "party/%s", party));
        doc_set_int(record, what, doc_get_int(record, what, 0) + more);
        state_putf(state, record, "party/%s", party);
    }
}

/* Whether it can answer, rule, approve: it is active, and the center keeps not all its keys for
 * that suspended. */
static bool is_able(struct state *state, const struct doc *member)
{
    return doc_text_is(member, "status", "active") &&
           !keys_are_silenced(state, doc_get_text(member, "id"), "approve");
}

/* The member's record becomes another: counts it among the able ones, or no longer. */
static void recount_able(struct state *state, const struct doc *before, const struct doc *after)
{
    count_holders(state, after, "able", is_able(state, after) - is_able(state, before));
}

static bool counts_as(struct state *state, const struct doc *member, const char *what)
{
    return strcmp(what, "able") == 0   ? is_able(state, member)
           : strcmp(what, "left") == 0 ? !doc_text_is(member, "status", "removed")
                                       : true;
}

void member_note_silence(struct rule_context *context, const char *member, bool silenced)
{
    const struct doc *record = state_getf(context->state, "member/%s", member);
    if (doc_text_is(record, "status", "active")) {
        count_holders(context->state, record, "able", silenced ? -1 : 1);
    }
}

/* Of the count party/<party> keeps under `what`, how many are others than these n; one may be named
 * twice. */
static int64_t count_others(struct state *state, const char *party, const char *what,
                            const char *const *but, size_t n)
{
    int64_t others = doc_get_int(state_getf(state, "party/%s", party), what, 0);
    for (size_t i = 0; i < n; i++) {
        const struct doc *member = state_getf(state, "member/%s", but[i]);
        bool twice = false;
        for (size_t k = 0; k < i; k++) {
            twice = twice || strcmp(but[k], but[i]) == 0;
        }
        others -= !twice && doc_has_text(doc_get(member, "parties"), party) &&
                  counts_as(state, member, what);
    }
    return others;
}

bool party_is_there(struct state *state, const char *party, const char *const *but, size_t n)
{
    return count_others(state, party, "left", but, n) > 0;
}

bool party_has_another(struct state *state, const char *party, const char *const *but, size_t n)
{
    bool any = party_is_there(state, party, NULL, 0);
    return count_others(state, party, any ? "left" : "admitted", but, n) > 0;
}

bool party_can_act(struct state *state, const char *party, const char *const *but, size_t n)
{
    return count_others(state, party, "able", but, n) > 0;
}

bool key_is_taken(struct state *state, const struct doc *key)
{
    const char *public = doc_get_text(key, "public");
    return state_getf(state, "public/%s", public) != NULL ||
           state_getf(state, "vote/%s", public + 2) != NULL; /* one secret, its x coordinate */
}

/* The node finds a member by the key of a TLS certificate: no two members share one. */
static int peer_key_claim(struct state *state, struct faults *faults, const char *peer_key,
                          const char *member, const char *field)
{
    const struct doc *owner = state_getf(state, "peer/%s", peer_key);
    if (owner != NULL && !doc_text_is(owner, "member", member)) {
        return faults_add(faults, ERR_KEY_DUPLICATE, "A3", "%s", field);
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "member", member);
    state_putf(state, record, "peer/%s", peer_key);
    return 0;
}

/* Whoever signs votes signs nothing else, and for one member only, now and ever. */
int vote_key_claim(struct state *state, struct faults *faults, const char *vote_key,
                   const char *member, const char *field)
{
    if (state_getf(state, "vote/%s", vote_key) != NULL ||
        state_getf(state, "public/02%s", vote_key) != NULL ||
        state_getf(state, "public/03%s", vote_key) != NULL) {
        return faults_add(faults, ERR_KEY_DUPLICATE, "CN 24", "%s", field);
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "member", member);
    state_putf(state, record, "vote/%s", vote_key);
    return 0;
}

int member_write(struct state *state, struct faults *faults, const struct doc *join,
                 const char *version, uint64_t height, const char *path)
{
    static const char *const shared[] = {"gateway_endpoint", "name",     "parties",
                                         "peer_endpoint",    "peer_key", "vote_key"};
    const char *id = doc_get_text(join, "member");
    const struct doc *keys = doc_get(join, "keys");
    char field[FAULT_FIELD_BYTES_MAX];
    (void)snprintf(field, sizeof field, "%s.peer_key", path);
    int error = peer_key_claim(state, faults, doc_get_text(join, "peer_key"), id, field);
    (void)snprintf(field, sizeof field, "%s.vote_key", path);
    error = error != 0 ? error
                       : vote_key_claim(state, faults, doc_get_text(join, "vote_key"), id, field);
    if (error != 0) {
        return error;
    }
    for (size_t i = 0; i < doc_count(keys); i++) {
        if (key_is_taken(state, doc_at(keys, i))) {
            error = faults_add(faults, ERR_KEY_DUPLICATE, "CN 24", "%s.keys[%zu].public", path, i);
        }
    }
    if (error != 0) {
        return error;
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "id", id);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        record_share(record, shared[i], doc_get(join, shared[i]));
    }
    doc_set_int(record, "since", (int64_t)height);
    doc_set_text(record, "status", "active");
    doc_set_text(record, "version", version);
    count_holders(state, record, "able", 1);
    count_holders(state, record, "admitted", 1);
    count_holders(state, record, "left", 1);
    state_putf(state, record, "member/%s", id);
    for (size_t i = 0; error == 0 && i < doc_count(keys); i++) {
        (void)snprintf(field, sizeof field, "%s.keys[%zu].", path, i);
        error = key_write(state, faults, id, doc_at(keys, i), version, height, field);
    }
    return error;
}

/* Counts members, so that nothing that lists them is without a bound. */
static int count_member(struct rule_context *context)
{
    int64_t count = doc_get_int(state_get(context->state, "members"), "count", 0);
    if (count >= MEMBERS_MAX) {
        return rule_fault(context, ERR_QUOTA, "A3", "join.member");
    }
    struct doc *record = doc_new_object();
    doc_set_int(record, "count", count + 1);
    state_put(context->state, "members", record);
    return 0;
}

/* ---- member.admit ---- */

/* The center is the one that the genesis names. */
static int check_no_center(struct rule_context *context)
{
    const struct doc *parties = doc_get(doc_get(context->body, "join"), "parties");
    return doc_has_text(parties, "center") ? rule_fault(context, ERR_CENTER, "PT 4", "join.parties")
                                           : 0;
}

/* Something of the join request is at fault in form, or there are more faults than are kept. */
static bool join_is_faulty(const struct faults *faults)
{
    bool any = faults->dropped > 0;
    for (size_t i = 0; i < faults->count; i++) {
        any = any || strncmp(faults->item[i].field, "join", strlen("join")) == 0;
    }
    return any;
}

void member_check_admit(struct rule_context *context)
{
    const struct doc *join = doc_get(context->body, "join");
    if (doc_kind(join) == DOC_OBJECT) {
        (void)join_check_readable(context->faults, join, "join", !join_is_faulty(context->faults));
        (void)check_no_center(context);
    }
}

int member_admit(struct rule_context *context)
{
    const struct doc *join = doc_get(context->body, "join");
    int error = rules_check_join(context->faults, join, "join");
    if (error != 0) {
        return error;
    }
    error = check_no_center(context);
    if (state_getf(context->state, "member/%s", doc_get_text(join, "member")) != NULL) {
        error = rule_fault(context, ERR_DUPLICATE, "A3", "join.member");
    }
    if (error == 0) {
        error = count_member(context);
    }
    return error != 0 ? error
                      : member_write(context->state, context->faults, join, context->txid,
                                     context->height + 1, "join");
}

/* ---- member.suspend, member.restore, member.remove ---- */

/* The record of the member that the body names, current and not the center itself. */
static const struct doc *member_subject(struct rule_context *context)
{
    const char *id = rule_body_text(context, "member");
    if (rule_signer_is(context, id)) {
        rule_fault(context, ERR_SELF, "PT 4", "member"); /* the chain would lose its center */
        return NULL;
    }
    return rule_subjectf(context, "member/%s", id);
}

/* Since when it may not act, and from when to when it could not: its terms stood meanwhile. Two
 * returns at one time are one: the earlier has the longer suspension. */
static void note_suspension(struct rule_context *context, struct doc *record, bool active)
{
    const char *member = doc_get_text(record, "id");
    const struct doc *since = doc_get(record, "suspended_ms");
    if (!active) {
        if (since == NULL) {
            doc_set_int(record, "suspended_ms", context->time_ms);
        }
        return;
    }
    char key[RECORD_KEY_BYTES];
    record_key(key, "suspension/%s/%016" PRIx64, member, (uint64_t)context->time_ms);
    if (state_get(context->state, key) == NULL) {
        struct doc *past = doc_new_object();
        record_share(past, "from_ms", since);
        doc_set_int(past, "to_ms", context->time_ms);
        state_put(context->state, key, past);
    }
    doc_set_int(record, "returned_ms", context->time_ms);
    doc_remove(record, "suspended_ms");
}

bool member_is_active(struct rule_context *context, const char *member)
{
    return doc_text_is(state_getf(context->state, "member/%s", member), "status", "active");
}

bool member_is_gone(struct rule_context *context, const char *member)
{
    return doc_text_is(state_getf(context->state, "member/%s", member), "status", "removed");
}

static int member_set_status(struct rule_context *context, const struct doc *member,
                             const char *status)
{
    struct doc *record = record_edit(member);
    int left = doc_text_is(member, "status", "removed") - (strcmp(status, "removed") == 0);
    note_suspension(context, record, strcmp(status, "active") == 0);
    count_holders(context->state, record, "left", left);
    doc_set_text(record, "status", status);
    recount_able(context->state, member, record);
    record_stamp(context, record);
    state_putf(context->state, record, "member/%s", rule_body_text(context, "member"));
    return 0;
}

void member_suspend_by_act(struct rule_context *context, const char *member)
{
    const struct doc *before = state_getf(context->state, "member/%s", member);
    struct doc *record = record_edit(before);
    note_suspension(context, record, false);
    doc_set_text(record, "status", "suspended");
    recount_able(context->state, before, record);
    record_stamp_act(context, record);
    state_putf(context->state, record, "member/%s", member);
}

/* PT 31: 可以根据紧急程度暂停或者终止相应共享服务，并报送…处理: with the member all its services
 * stop. */
int member_suspend(struct rule_context *context)
{
    const struct doc *member = member_subject(context);
    if (member == NULL) {
        return rule_failed(context);
    }
    (void)risk_check_cause(context, true);
    if (!doc_text_is(member, "status", "active")) {
        rule_fault_record(context, member, "active", "PT 31", "member");
    }
    if (context->error != 0) {
        return context->error;
    }
    risk_put_member(context, rule_body_text(context, "member"), NULL);
    return member_set_status(context, member, "suspended");
}

int member_restore(struct rule_context *context)
{
    const struct doc *member = member_subject(context);
    if (member == NULL) {
        return rule_failed(context);
    }
    if (doc_text_is(member, "status", "active")) {
        return rule_fault_record(context, member, "suspended removed", "PT 31", "member");
    }
    terms_member_returns(context, rule_body_text(context, "member"));
    approvals_member_changes(context, rule_body_text(context, "member"));
    return member_set_status(context, member, "active");
}

int member_remove(struct rule_context *context)
{
    const struct doc *member = member_subject(context);
    if (member == NULL) {
        return rule_failed(context);
    }
    (void)risk_check_cause(context, true);
    if (doc_text_is(member, "status", "removed")) {
        rule_fault_record(context, member, "active suspended", "A3", "member");
    }
    /* A validator steps down first (validator.change), or the set would hold a stranger. */
    struct validator_set set;
    if (rules_validators(&set, context->state, UINT64_MAX) == 0 &&
        validators_find(&set, rule_body_text(context, "member")) >= 0) {
        rule_fault(context, ERR_SEATED, "A3", "member");
    }
    if (context->error != 0) {
        return context->error;
    }
    approvals_member_changes(context, rule_body_text(context, "member"));
    risk_put_member(context, rule_body_text(context, "member"), NULL);
    return member_set_status(context, member, "removed");
}

/* ---- member.update ---- */

int member_update(struct rule_context *context)
{
    static const char *const fields[] = {"name", "peer_endpoint", "gateway_endpoint", "peer_key"};
    const struct doc *member = rule_subjectf(context, "member/%s", context->tx->member);
    if (member == NULL) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(member);
    size_t changed = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct doc *value = doc_get(context->body, fields[i]);
        record_share(record, fields[i], value);
        changed += value != NULL;
    }
    const char *peer_key = rule_body_text(context, "peer_key");
    int error = changed == 0 ? rule_fault(context, ERR_FIELD_MISSING, "CN 24", "%s", "") : 0;
    if (error == 0 && peer_key != NULL && !doc_text_is(member, "peer_key", peer_key)) {
        char before[RECORD_KEY_BYTES];
        record_key(before, "peer/%s", doc_get_text(member, "peer_key"));
        state_delete(context->state, before);
        error = peer_key_claim(context->state, context->faults, peer_key, context->tx->member,
                               "peer_key");
    }
    record_stamp(context, record);
    state_putf(context->state, record, "member/%s", context->tx->member);
    return error;
}
