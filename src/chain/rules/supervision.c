/* What the supervisor decides about an entry (A5): the last word on its sharing attribute. Who is
 * responsible for data is designations.c.
 *
 * CN 14: 领导小组具有公共数据共享属性最终认定权，每年可…作出调整. What was ruled is changed by
 * another ruling alone, so it covers every item and follows the data:
 *
 *   entry/<provider>/<code>.ruling  {"sharing", "items": [{"name","sharing"}], …}
 *   attribute/<digest>              {"code"}: the entry under whose ruling this data stands
 *
 * "items" has those that are stricter than the rest: named by the ruling, or of such an attribute
 * when it was made and not named. Whoever writes the content anew states what was ruled, of new
 * items too. The digest is that of exact duplicates (entry_digest): data that comes back under
 * another code comes back under its ruling, whatever became of the first entry. What was only made
 * to look different is for the center to see (PT 13, near duplicates). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/text_set.h"

#include <stdio.h>
#include <string.h>

/* ---- what a ruling says ---- */

/* Of the ruling's items, most of the time few. */
static const char *stricter_of(const struct doc *ruling, const char *item)
{
    const struct doc *items = doc_get(ruling, "items");
    for (size_t i = 0; i < doc_count(items); i++) {
        if (doc_text_is(doc_at(items, i), "name", item)) {
            return doc_get_text(doc_at(items, i), "sharing");
        }
    }
    return NULL;
}

const char *ruling_sharing(const struct doc *ruling, const char *item)
{
    const char *stricter = stricter_of(ruling, item);
    return stricter != NULL ? stricter : doc_get_text(ruling, "sharing");
}

static bool ruled_out(const struct doc *ruling, const char *item)
{
    return sharing_rank(ruling_sharing(ruling, item)) > 1;
}

bool ruling_bars(const struct doc *entry, const struct doc *grant, char *field, size_t size)
{
    const struct doc *ruling = doc_get(entry, "ruling");
    const struct doc *items = doc_get(grant, "items"), *rows = doc_get(grant, "rows");
    if (ruling == NULL) {
        return false;
    }
    (void)snprintf(field, size, "grant.entry");
    if (sharing_rank(doc_get_text(ruling, "sharing")) > 1) {
        return true; /* no item is wider */
    }
    for (size_t i = 0; i < doc_count(items); i++) {
        if (ruled_out(ruling, doc_text(doc_at(items, i)))) {
            (void)snprintf(field, size, "grant.items[%zu]", i);
            return true;
        }
    }
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (ruled_out(ruling, doc_get_text(doc_at(rows, i), "item"))) {
            (void)snprintf(field, size, "grant.rows[%zu]", i);
            return true;
        }
    }
    return false;
}

/* ---- whose ruling binds a content ---- */

static void attribute_key(char out[RECORD_KEY_BYTES], const char *provider,
                          const struct doc *content)
{
    struct hash digest;
    char hex[2 * HASH_BYTES + 1];
    entry_digest(&digest, provider, content);
    hash_to_hex(hex, &digest);
    record_key(out, "attribute/%s", hex);
}

const struct doc *ruling_on(struct rule_context *context, const char *provider,
                            const struct doc *record, const struct doc *content)
{
    char key[RECORD_KEY_BYTES];
    const struct doc *own = doc_get(record, "ruling");
    if (own != NULL) {
        return own;
    }
    attribute_key(key, provider, content);
    const char *code = doc_get_text(state_get(context->state, key), "code");
    return code == NULL
               ? NULL
               : doc_get(state_getf(context->state, "entry/%s/%s", provider, code), "ruling");
}

void ruling_follow(struct rule_context *context, const struct doc *record)
{
    char key[RECORD_KEY_BYTES];
    if (doc_get(record, "ruling") == NULL) {
        return;
    }
    struct doc *ruled = doc_new_object();
    record_share(ruled, "code", doc_get(record, "code"));
    attribute_key(key, doc_get_text(record, "provider"), doc_get(record, "entry"));
    state_put(context->state, key, ruled);
}

int ruling_check(struct rule_context *context, const struct doc *ruling, const struct doc *content)
{
    const struct doc *items = doc_get(content, "items");
    const char *stated = doc_get_text(content, "sharing");
    if (ruling == NULL) {
        return context->error;
    }
    if (!doc_text_is(ruling, "sharing", stated)) {
        rule_fault(context, ERR_SHARING_RULED, "CN 14", "entry.sharing");
    }
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *own = doc_get_text(doc_at(items, i), "sharing");
        const char *ruled = ruling_sharing(ruling, doc_get_text(doc_at(items, i), "name"));
        if (strcmp(own != NULL ? own : doc_get_text(ruling, "sharing"), ruled) != 0) {
            rule_fault(context, ERR_SHARING_RULED, "CN 14", "entry.items[%zu].sharing", i);
        }
    }
    return context->error;
}

/* ---- catalog.attribute ---- */

/* Items of the entry, each once, none wider than the rest (as in an entry: CN 附件2). */
static int check_ruled_items(struct rule_context *context, const struct doc *content)
{
    AUTO(text_set_free) struct text_set known = {0};
    AUTO(text_set_free) struct text_set named = {0};
    const struct doc *items = doc_get(context->body, "items");
    int rank = sharing_rank(rule_body_text(context, "sharing"));
    text_set_build(&known, doc_get(content, "items"), "name");
    text_set_build(&named, items, "name");
    for (size_t i = 0; i < doc_count(items); i++) {
        if (text_set_find(&known, doc_get_text(doc_at(items, i), "name")) < 0) {
            rule_fault(context, ERR_SUBJECT, "CN 14", "items[%zu].name", i);
        }
        if (sharing_rank(doc_get_text(doc_at(items, i), "sharing")) < rank) {
            rule_fault(context, ERR_FIELD_CHOICE, "CN 附件2", "items[%zu].sharing", i);
        }
    }
    long twice = text_set_next_duplicate(&named, -1);
    if (twice >= 0) {
        rule_fault(context, ERR_DUPLICATE, "CN 14", "items[%ld].name", twice);
    }
    return context->error;
}

/* Those of the entry that are stricter than the rest: as the body names them, or as they were so
 * far, by the last ruling or by their own attribute. Caller owns it. */
static struct doc *stricter_items(struct rule_context *context, const struct doc *entry)
{
    AUTO(text_set_free) struct text_set named = {0};
    const struct doc *before = doc_get(entry, "ruling");
    const struct doc *all = doc_get(doc_get(entry, "entry"), "items");
    const struct doc *given = doc_get(context->body, "items");
    int rank = sharing_rank(rule_body_text(context, "sharing"));
    struct doc *items = doc_new_array();
    text_set_build(&named, given, "name");
    for (size_t i = 0; i < doc_count(all); i++) {
        const char *name = doc_get_text(doc_at(all, i), "name");
        long at = text_set_find(&named, name);
        const char *sharing = at >= 0          ? doc_get_text(doc_at(given, (size_t)at), "sharing")
                              : before != NULL ? stricter_of(before, name)
                                               : doc_get_text(doc_at(all, i), "sharing");
        if (sharing != NULL && sharing_rank(sharing) > rank) {
            struct doc *item = doc_new_object();
            doc_set_text(item, "name", name);
            doc_set_text(item, "sharing", sharing);
            doc_push(items, item);
        }
    }
    return items;
}

int catalog_attribute(struct rule_context *context)
{
    static const char *const told[] = {"basis", "reason", "sharing"};
    char key[RECORD_KEY_BYTES];
    record_key(key, "entry/%s/%s", rule_body_text(context, "provider"),
               rule_body_text(context, "code"));
    const struct doc *entry = rule_subject(context, key);
    if (entry == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(entry, "status", "published")) {
        faults_note_may(context->faults, ERR_STATUS, "published");
        return rule_fault(context, ERR_STATUS, "CN 14", "code");
    }
    if (check_ruled_items(context, doc_get(entry, "entry")) != 0) {
        return rule_failed(context);
    }
    struct doc *ruling = doc_new_object();
    doc_set_text(ruling, "by", context->tx->member);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(ruling, told[i], doc_get(context->body, told[i]));
    }
    doc_set(ruling, "items", stricter_items(context, entry));
    doc_set_int(ruling, "time_ms", context->time_ms);
    doc_set_text(ruling, "version", context->txid);
    struct doc *record = record_edit(entry);
    doc_set(record, "ruling", ruling);
    record_stamp(context, record);
    ruling_follow(context, record);
    state_put(context->state, key, record);
    return 0;
}
