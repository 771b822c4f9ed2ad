/* Access (E2, D10): no committed access record, no data.
 *
 *   access.open, access.batch ──▶ open/<txid> ──both receipts (receipts.c)──▶ closed, or mismatch
 *
 * An open record serves one transfer and says until when data may flow; afterwards it stays,
 * listed as lacking a side, until the receipts are in. So its expiry needs no term: the record is
 * its own reminder, and opening costs two writes.
 *
 * usage/<grant>/<yyyymmdd>: calls (opened), closed, mismatched, refused, rows, bytes, and a hash
 * over every transaction that touched it, in order: hash ← H(hash ‖ txid).
 *
 * Rows and bytes are known only afterwards, and many accesses may be open at once. So under a quota
 * an open reserves the most that it may carry; rows + rows_reserved never pass the quota, nor do
 * bytes, until the provider's receipt puts what left in the place of what was reserved. An open
 * without that receipt keeps its share of the day: nobody but the provider knows what left. */
#include "chain/rules/access.h"

#include "base/errors.h"
#include "base/hash.h"
#include "base/memory.h"
#include "chain/key_record.h"
#include "chain/rules/bars.h"
#include "chain/rules/catalog.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"

#include <stdio.h>
#include <string.h>

#define USAGE_TAG "dirchain/usage/1"

/* ---- usage ---- */

void usage_day(char out[USAGE_DAY_CHARS], int64_t time_ms)
{
    int year, month, day;
    char text[CIVIL_TIME_CHARS];
    civil_date_from_day(&year, &month, &day, civil_day(time_ms));
    (void)snprintf(text, sizeof text, "%04d%02d%02d", year, month, day);
    memcpy(out, text, USAGE_DAY_CHARS - 1);
    out[USAGE_DAY_CHARS - 1] = 0;
}

struct doc *usage_edit(struct rule_context *context, const char *grant, const char *day)
{
    return record_edit(state_getf(context->state, "usage/%s/%s", grant, day));
}

void usage_add(struct doc *usage, const char *name, int64_t amount)
{
    int64_t before = doc_get_int(usage, name, 0);
    doc_set_int(usage, name, before > DOC_INT_MAX - amount ? DOC_INT_MAX : before + amount);
}

void usage_put(struct rule_context *context, struct doc *usage, const char *grant, const char *day)
{
    struct hash hash = {0};
    const char *before = doc_get_text(usage, "hash");
    if (before != NULL) {
        (void)hash_from_hex(&hash, before); /* our own; zero at the start of a day */
    }
    uint8_t chained[2 * HASH_BYTES];
    memcpy(chained, hash.bytes, HASH_BYTES);
    memcpy(chained + HASH_BYTES, context->tx->id.bytes, HASH_BYTES);
    hash = hash_tagged(USAGE_TAG, view_of(chained, sizeof chained));
    doc_set_hash(usage, "hash", &hash);
    state_putf(context->state, usage, "usage/%s/%s", grant, day);
}

/* ---- what an access needs ---- */

static void require_same(struct rule_context *context, const struct doc *grant, const char *name,
                         const char *granted, int error)
{
    const char *text = doc_get_text(grant, granted);
    if (text != NULL && !doc_text_is(context->body, name, text)) {
        rule_fault(context, error, "PT 25", "%s", name);
    }
}

/* The grant is in force for this consumer, and its provider may still give. */
static const struct doc *grant_in_force(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "grant/%s", rule_body_text(context, "grant"));
    const struct doc *grant = record_current(context, key);
    if (grant == NULL || !rule_signed_by(context, doc_get_text(grant, "consumer"))) {
        rule_fault(context, ERR_NOT_GRANTED, "D10", "grant");
        return NULL;
    }
    if (!doc_text_is(grant, "status", "active")) {
        rule_fault(context, ERR_NOT_GRANTED, "D10", "grant.status.%s",
                   doc_get_text(grant, "status"));
        return NULL;
    }
    if (!doc_text_is(grant, "version", rule_body_text(context, "acts_on"))) {
        rule_fault(context, ERR_VERSION_STALE, "D10", "acts_on");
        return NULL;
    }
    const struct doc *provider =
        state_getf(context->state, "member/%s", doc_get_text(grant, "provider"));
    if (!doc_text_is(provider, "status", "active")) {
        rule_fault(context, ERR_NOT_GRANTED, "PT 31", "grant.provider");
        return NULL;
    }
    return grant;
}

/* CN 14: 领导小组具有公共数据共享属性最终认定权. Its word that the entry, or an item, is not shared
 * binds what was granted before: nothing more flows while it stands. (An agency's own change or
 * deletion leaves the grants to the adjustment plan of PT 14.) What is open to society goes by the
 * list. */
static void check_ruling(struct rule_context *context, const struct doc *grant)
{
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(grant, "provider"),
                   doc_get_text(grant, "entry"));
    char field[FAULT_FIELD_BYTES_MAX];
    if (ruling_bars(entry, grant, field, sizeof field) && !applicant_by_list(context, grant)) {
        rule_fault(context, ERR_NOT_SHARED, "CN 14", "%s", field);
    }
}

static const struct doc *restriction_on(struct rule_context *context, const struct doc *grant)
{
    return state_getf(context->state, "restriction/%s", doc_get_text(grant, "consumer"));
}

/* PT 31, OPEN 31, 32: what stands against this access although the grant is active. */
static void check_bars(struct rule_context *context, const struct doc *grant)
{
    struct access_bar bar;
    const struct access_bars bars = {
        .halt = state_getf(context->state, "halt/%s/%s", doc_get_text(grant, "provider"),
                           doc_get_text(grant, "entry")),
        .restriction = restriction_on(context, grant),
        .bar = bar_of(context, grant),
    };
    int error = access_barred(&bar, &bars, grant, context->time_ms);
    if (error != 0) {
        rule_fault(context, error, bar.clause, "%s", bar.field);
    }
}

void grant_check_given(struct rule_context *context, const struct doc *grant)
{
    check_ruling(context, grant);
    check_bars(context, grant);
}

/* PT 25: 应当限于共享需求申请时所承诺的应用场景范围. PT 19: a grant bound to a mode. */
static void check_scope(struct rule_context *context, const struct doc *grant)
{
    grant_check_given(context, grant);
    require_same(context, grant, "system", "system", ERR_PURPOSE);
    require_same(context, grant, "purpose", "purpose", ERR_PURPOSE);
    require_same(context, grant, "method", "mode", ERR_NOT_GRANTED);
}

static bool by_authorisation(const struct doc *grant)
{
    return doc_text_is(grant, "restriction", "person-authorised");
}

/* PT 19 (四): 经数据所指向的自然人、法人、非法人组织可信授权后访问的: each access by an
 * authorisation of its own, for what is about whoever gave it, and no more.
 *
 *   authorised/<grant>/<commitment>  the access it was used for */
static void check_authorisation(struct rule_context *context, const struct doc *grant)
{
    const char *authorisation = rule_body_text(context, "authorisation");
    char key[RECORD_KEY_BYTES];
    if (!by_authorisation(grant)) {
        return;
    }
    if (authorisation == NULL) {
        rule_fault(context, ERR_NOT_GRANTED, "PT 19", "authorisation");
        return;
    }
    record_key(key, "authorised/%s/%s", rule_body_text(context, "grant"), authorisation);
    if (state_get(context->state, key) != NULL) {
        rule_fault(context, ERR_DUPLICATE, "PT 19", "authorisation");
    }
    int64_t rows = doc_get_int(context->body, "rows_max", -1);
    if (rows < 0 || rows > AUTHORISED_ROWS_MAX) {
        rule_fault(context, rows < 0 ? ERR_FIELD_MISSING : ERR_FIELD_RANGE, "PT 19", "rows_max");
    }
    struct doc *used = doc_new_object();
    doc_set_text(used, "open", context->txid);
    state_put(context->state, key, used);
}

/* CESI 6.4.2: the record names who uses the data. It does so by a key, in force and of the role
 * that opens, whose holder the consumer knows: the ledger names no person. */
static void check_operator(struct rule_context *context)
{
    const char *name = rule_body_text(context, "operator");
    const struct doc *key =
        strcmp(name, context->tx->key_name) == 0
            ? context->key
            : state_getf(context->state, "key/%s/%s", context->tx->member, name);
    /* PT 2: opening an access can be entrusted to nobody. */
    if (!doc_text_is(key, "role", "gateway") || doc_get(key, "delegation") != NULL ||
        !key_stands(key) || key_check(key, context->height) != 0) {
        rule_fault(context, ERR_OPERATOR, "CESI 6.4.2", "operator");
    }
}

static const struct {
    const char *quota, *max, *used, *reserved;
} volumes[] = {{"rows_per_day", "rows_max", "rows", "rows_reserved"},
               {"bytes_per_day", "bytes_max", "bytes", "bytes_reserved"}};
#define VOLUMES (sizeof volumes / sizeof *volumes)

/* What of a volume the open declares goes into its record and, under a quota, into the day's
 * reservations; not declared, it is all that is left. */
static void reserve(struct rule_context *context, struct doc *open, struct doc *usage,
                    const struct doc *quota, size_t i)
{
    int64_t max = doc_get_int(context->body, volumes[i].max, -1);
    if (doc_get(quota, volumes[i].quota) != NULL) {
        int64_t left = doc_get_int(quota, volumes[i].quota, 0) -
                       doc_get_int(usage, volumes[i].used, 0) -
                       doc_get_int(usage, volumes[i].reserved, 0);
        if (left <= 0 || max > left) {
            rule_fault(context, ERR_QUOTA, "D10", "quota.%s", volumes[i].quota);
            return;
        }
        max = max < 0 ? left : max;
        usage_add(usage, volumes[i].reserved, max);
    }
    if (max >= 0) {
        doc_set_int(open, volumes[i].max, max);
    }
}

void usage_settle(struct doc *usage, const struct doc *open, const struct doc *sent)
{
    for (size_t i = 0; i < VOLUMES; i++) {
        if (doc_get(usage, volumes[i].reserved) != NULL) {
            usage_add(usage, volumes[i].reserved, -doc_get_int(open, volumes[i].max, 0));
        }
        usage_add(usage, volumes[i].used, doc_get_int(sent, volumes[i].used, 0));
    }
}

static struct doc *open_new(struct rule_context *context, const struct doc *grant, const char *day,
                            int64_t calls)
{
    struct doc *record = doc_new_object();
    doc_set_int(record, "calls", calls);
    record_share(record, "consumer", doc_get(grant, "consumer"));
    doc_set_text(record, "day", day);
    doc_set_int(record, "expires_ms",
                context->time_ms + rule_profile_int(context, "access.open_ms"));
    record_share(record, "grant", doc_get(grant, "request"));
    doc_set_int(record, "opened_ms", context->time_ms);
    record_share(record, "provider", doc_get(grant, "provider"));
    return record;
}

/* A quota is the grant's; a limit (OPEN 32) is on what this user calls of this entry. */
static void check_calls(struct rule_context *context, const struct doc *grant, int64_t before,
                        int64_t calls)
{
    int64_t quota = doc_get_int(doc_get(grant, "quota"), "calls_per_day", DOC_INT_MAX);
    int64_t limit =
        access_calls_max(restriction_on(context, grant), grant, context->time_ms, DOC_INT_MAX);
    if (before > (quota < limit ? quota : limit) - calls) {
        rule_fault(context, ERR_QUOTA, "D10", "quota.calls_per_day");
        return;
    }
    (void)bar_count_calls(context, grant, limit < DOC_INT_MAX ? limit : -1, calls);
}

/* These calls, and the most that they may carry, stay within what the day has left. */
static int access_admit(struct rule_context *context, const struct doc *grant, int64_t calls)
{
    char day[USAGE_DAY_CHARS];
    const char *id = rule_body_text(context, "grant");
    const struct doc *quota = doc_get(grant, "quota");
    usage_day(day, context->time_ms);
    struct doc *usage = usage_edit(context, id, day);
    struct doc *open = open_new(context, grant, day, calls);
    check_calls(context, grant, doc_get_int(usage, "calls", 0), calls);
    for (size_t i = 0; i < VOLUMES; i++) {
        reserve(context, open, usage, quota, i);
    }
    if (context->error != 0) {
        doc_free(&usage);
        doc_free(&open);
        return rule_failed(context);
    }
    if (doc_get_int(usage, "calls", 0) == 0) {
        bar_note_use(context, grant, id);
    }
    usage_add(usage, "calls", calls);
    usage_put(context, usage, id, day);
    state_putf(context->state, open, "open/%s", context->txid);
    return 0;
}

/* ---- access.open, access.batch ---- */

int access_open(struct rule_context *context)
{
    const struct doc *grant = grant_in_force(context);
    if (grant == NULL) {
        return rule_failed(context);
    }
    check_scope(context, grant);
    check_operator(context);
    check_authorisation(context, grant);
    return access_admit(context, grant, 1);
}

int access_batch(struct rule_context *context)
{
    const struct doc *grant = grant_in_force(context);
    if (grant == NULL) {
        return rule_failed(context);
    }
    const struct doc *calls = doc_get(context->body, "calls");
    check_scope(context, grant);
    check_operator(context);
    if (by_authorisation(grant)) { /* one access for one authorisation */
        rule_fault(context, ERR_NOT_GRANTED, "PT 19", "calls");
    }
    return access_admit(context, grant, (int64_t)doc_count(calls));
}

/* ---- access.refused (D10: 拒绝并记录) ---- */

/* The side of the signer is one of the two; the other one is a member. */
static int check_refused_sides(struct rule_context *context)
{
    const char *provider = rule_body_text(context, "provider");
    const char *consumer = rule_body_text(context, "consumer");
    bool by_provider = rule_signed_by(context, provider);
    if (!by_provider && !rule_signed_by(context, consumer)) {
        return rule_fault(context, ERR_PARTY, "D10", "provider");
    }
    if (state_getf(context->state, "member/%s", by_provider ? consumer : provider) == NULL) {
        return rule_fault(context, ERR_SUBJECT, "D10", by_provider ? "consumer" : "provider");
    }
    return 0;
}

/* Stated, but not by a person's name: whatever else was said stays with the gateways. */
static int check_stated_operator(struct rule_context *context)
{
    const char *name = rule_body_text(context, "operator");
    return name == NULL || state_getf(context->state, "key/%s/%s",
                                      rule_body_text(context, "consumer"), name) != NULL
               ? 0
               : rule_fault(context, ERR_OPERATOR, "CESI 6.4.2", "operator");
}

int access_refused(struct rule_context *context)
{
    const char *id = rule_body_text(context, "grant");
    if (check_refused_sides(context) != 0 || check_stated_operator(context) != 0) {
        return rule_failed(context);
    }
    if (id == NULL) {
        return 0; /* the log keeps it; there is no grant to count it under */
    }
    const struct doc *grant = state_getf(context->state, "grant/%s", id);
    if (grant == NULL || !doc_text_is(grant, "provider", rule_body_text(context, "provider")) ||
        !doc_text_is(grant, "consumer", rule_body_text(context, "consumer"))) {
        return rule_fault(context, ERR_SUBJECT, "D10", "grant");
    }
    char day[USAGE_DAY_CHARS];
    usage_day(day, context->time_ms);
    struct doc *usage = usage_edit(context, id, day);
    usage_add(usage, "refused", 1);
    usage_put(context, usage, id, day);
    return 0;
}
