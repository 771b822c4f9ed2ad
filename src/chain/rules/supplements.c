/* The regional supplementary catalog (C9). PT 12:
 * 对未纳入市级公共数据目录的公共数据，区大数据中心组织编制区域
 * 补充目录，并将补充目录同步至市大数据资源平台.
 *
 *   catalog.supplement ──▶ submitted ──catalog.synchronise──▶ accepted, partly, refused
 *
 * The center names published entries; the ledger adds the version of each and the digest of the
 * whole list, so that both platforms can show of which text they speak. The upper platform's
 * answer is recorded by itself, where it is a member, be it suspended, else by the center; what it
 * refuses is named. What was refused comes again in another list. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

#include <string.h>

#define SUPPLEMENT_TAG "dirchain/supplement/1"
#define CLAUSE "PT 12"

static bool is_named(const struct doc *entries, size_t count, const struct doc *entry)
{
    for (size_t i = 0; i < count; i++) {
        if (doc_text_is(doc_at(entries, i), "code", doc_get_text(entry, "code")) &&
            doc_text_is(doc_at(entries, i), "provider", doc_get_text(entry, "provider"))) {
            return true;
        }
    }
    return false;
}

/* The entries with their versions. Caller owns it. */
static struct doc *with_versions(struct rule_context *context, const struct doc *named)
{
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < doc_count(named); i++) {
        const struct doc *one = doc_at(named, i);
        const struct doc *entry =
            state_getf(context->state, "entry/%s/%s", doc_get_text(one, "provider"),
                       doc_get_text(one, "code"));
        if (!doc_text_is(entry, "status", "published")) {
            rule_fault_record(context, entry, "published", CLAUSE, "entries[%zu].code", i);
        } else if (is_named(named, i, one)) {
            rule_fault(context, ERR_DUPLICATE, CLAUSE, "entries[%zu].code", i);
        }
        struct doc *item = record_edit(one);
        record_share(item, "version", doc_get(entry, "version"));
        doc_push(list, item);
    }
    return list;
}

int catalog_supplement(struct rule_context *context)
{
    struct hash digest;
    char key[RECORD_KEY_BYTES];
    record_key(key, "supplement/%s", rule_body_text(context, "number"));
    if (!rule_policy_has(context, "supplement", CLAUSE, "number")) {
        return rule_failed(context);
    }
    if (state_get(context->state, key) != NULL) {
        rule_fault(context, ERR_DUPLICATE, CLAUSE, "number");
    }
    AUTO(doc_free) struct doc *entries = with_versions(context, doc_get(context->body, "entries"));
    if (context->error != 0) {
        return rule_failed(context);
    }
    doc_hash(&digest, SUPPLEMENT_TAG, entries);
    struct doc *record = record_edit(context->body);
    doc_set_text(record, "by", context->tx->member);
    doc_set_hash(record, "digest", &digest);
    doc_set(record, "entries", doc_ref(entries));
    doc_set_int(record, "since_ms", context->time_ms);
    doc_set_text(record, "status", "submitted");
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* What is refused is told one by one, unless it is all or nothing. */
static void check_refused(struct rule_context *context, const struct doc *supplement)
{
    const struct doc *refused = doc_get(context->body, "refused");
    const struct doc *entries = doc_get(supplement, "entries");
    bool partly = doc_text_is(context->body, "outcome", "partly");
    if (partly != (doc_count(refused) > 0)) {
        rule_fault(context, partly ? ERR_FIELD_MISSING : ERR_FIELD_UNKNOWN, CLAUSE, "refused");
    }
    for (size_t i = 0; i < doc_count(refused); i++) {
        const struct doc *one = doc_at(refused, i);
        if (!is_named(entries, doc_count(entries), one)) {
            rule_fault(context, ERR_SUBJECT, CLAUSE, "refused[%zu].code", i);
        } else if (is_named(refused, i, one)) {
            rule_fault(context, ERR_DUPLICATE, CLAUSE, "refused[%zu].code", i);
        }
    }
}

int catalog_synchronise(struct rule_context *context)
{
    static const char *const told[] = {"digest", "outcome", "reference", "refused"};
    char key[RECORD_KEY_BYTES];
    record_key(key, "supplement/%s", rule_body_text(context, "number"));
    const struct doc *before = rule_subject(context, key);
    if (before == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(before, "status", "submitted")) {
        faults_note_may(context->faults, ERR_STATUS, "submitted");
        return rule_fault(context, ERR_STATUS, CLAUSE, "number");
    }
    /* The center does not speak for a platform that can speak for itself, or could if the center
     * had not suspended it. */
    if (!doc_has_text(doc_get(context->member, "parties"), "upper") &&
        party_is_there(context->state, "upper", NULL, 0)) {
        faults_note_may(context->faults, ERR_PARTY, "upper");
        rule_fault(context, ERR_PARTY, CLAUSE, "number");
    }
    if (!doc_text_is(before, "digest", rule_body_text(context, "digest"))) {
        rule_fault(context, ERR_VERSION_STALE, CLAUSE, "digest");
    }
    check_refused(context, before);
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *answer = doc_new_object();
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(answer, told[i], doc_get(context->body, told[i]));
    }
    doc_set_text(answer, "by", context->tx->member);
    doc_set_int(answer, "time_ms", context->time_ms);
    struct doc *record = record_edit(before);
    doc_set(record, "answer", answer);
    doc_set_text(record, "status", rule_body_text(context, "outcome"));
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}
