/* Completeness, conformity and exact duplicates of catalog entries (PT 13): what the ledger itself
 * checks before a person looks. Near duplicates are shown to the reviewer by the explorer. */
#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/text_set.h"
#include "chain/text_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- completeness ---- */

/* Dates as text sort as days do. */
static void check_period(struct rule_context *context, const struct doc *period)
{
    const char *from = doc_get_text(period, "from"), *to = doc_get_text(period, "to");
    int64_t first;
    if (from != NULL && to != NULL && strcmp(from, to) > 0) {
        if (civil_parse_date(&first, from) == 0) {
            faults_note_days(context->faults, ERR_FIELD_FORMAT, first, FAULT_OPEN);
        }
        rule_fault(context, ERR_FIELD_FORMAT, "OPEN 9", "entry.period.to");
    }
}

static bool is_restricted(const struct doc *shared)
{
    const char *sharing = doc_get_text(shared, "sharing");
    return sharing != NULL && sharing_rank(sharing) > 0;
}

/* CN 14: 列入授权共享和非共享类的，应当说明理由，并提供相应的法律、法规、规章依据。
 *
 * The two attributes are judged apart. OPEN 14 divides data by what it holds, not by how agencies
 * share it, and opens even closed data once it is masked
 * (非开放类公共数据依法进行脱密、脱敏处理…可以列入无条件开放类); no clause ties one to the other.
 * Grants go by the sharing attribute alone. */
static void check_sharing(struct rule_context *context, const struct doc *entry)
{
    bool restricted = is_restricted(entry);
    const struct doc *items = doc_get(entry, "items");
    for (size_t i = 0; i < doc_count(items); i++) {
        restricted = restricted || is_restricted(doc_at(items, i));
    }
    if (restricted && doc_get(entry, "sharing_reason") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CN 14", "entry.sharing_reason");
    }
    if (restricted && doc_get(entry, "sharing_basis") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CN 14", "entry.sharing_basis");
    }
    if (doc_text_is(entry, "opening", "conditional") &&
        doc_get(entry, "opening_conditions") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "OPEN 15", "entry.opening_conditions");
    }
}

/* B2: every entry names the duty it stems from, or the supervisor's designation (PT 5). */
int entry_check_stems(struct rule_context *context, const char *provider, const struct doc *entry)
{
    const char *code = doc_get_text(entry, "duty");
    const char *designation = doc_get_text(entry, "designation");
    if (code != NULL) {
        const struct doc *duty =
            state_getf(context->state, "duty/%s/%s", provider, code);
        if (duty == NULL || !doc_text_is(duty, "status", "active")) {
            rule_fault_record(context, duty, "active", "CESI 5.3.1", "entry.duty");
        }
    }
    if (designation != NULL) {
        const struct doc *record = state_getf(context->state, "designation/%s", designation);
        bool own = doc_text_is(record, "member", provider);
        if (!own || !doc_text_is(record, "status", "active")) {
            rule_fault_record(context, own ? record : NULL, "active", "PT 5", "entry.designation");
        }
    }
    return context->error;
}

/* C7: no credentials on the chain. */
static void check_source(struct rule_context *context, const struct doc *entry)
{
    static const char *const names[] = {"system", "store"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (rule_text_has_credentials(doc_get_text(doc_get(entry, "source"), names[i]))) {
            rule_fault(context, ERR_CREDENTIALS, "C7", "entry.source.%s", names[i]);
        }
    }
}

/* ---- conformity of items ---- */

static bool type_has_digits(char type)
{
    return strchr("NYBF", type) != NULL;
}

/* White space and what cannot be seen make no difference between two names. */
static void append_squeezed(struct buf *out, const char *text)
{
    while (text != NULL && *text != 0) {
        size_t blank = rule_blank_bytes(text);
        size_t run = 0;
        if (blank > 0) {
            text += blank;
            continue;
        }
        while (text[run] != 0 && rule_blank_bytes(text + run) == 0) {
            run += text_first_bytes(text + run); /* inside of one, others seem to begin */
        }
        buf_append(out, text, run);
        text += run;
    }
    buf_append_u8(out, 0);
}

/* Names that an earlier item of the list has too, but for what append_squeezed leaves out. What
 * only looks alike (an accent composed or not, full width, a radical for its character) is told
 * apart: that needs Unicode's tables, which change, and whoever reviews the entry sees two. */
static void check_unique(struct rule_context *context, const struct doc *items, const char *member,
                         const char *clause)
{
    AUTO(text_set_free) struct text_set set = {0};
    AUTO(doc_free) struct doc *names = doc_new_array();
    AUTO(buf_free) struct buf name = {0};
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *text = doc_get_text(doc_at(items, i), member);
        buf_clear(&name);
        append_squeezed(&name, text);
        doc_push(names, text == NULL ? doc_new_null() : doc_new_text((const char *)name.data));
    }
    text_set_build(&set, names, NULL);
    size_t told = 0;
    for (long at = text_set_next_duplicate(&set, -1); at >= 0 && told < FAULTS_MAX; told++) {
        rule_fault(context, ERR_DUPLICATE, clause, "entry.items[%ld].%s", at, member);
        at = text_set_next_duplicate(&set, at);
    }
}

static void check_item(struct rule_context *context, const struct doc *entry, size_t index)
{
    const struct doc *item = doc_at(doc_get(entry, "items"), index);
    const char *type = doc_get_text(item, "type");
    const char *sharing = doc_get_text(item, "sharing"), *of = doc_get_text(entry, "sharing");
    /* CESI 5.3.2: 结构化数据除应明确数据类型外，还应标明数据长度. */
    if (type != NULL && type[0] == 'C' && doc_get(item, "length") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CESI 5.3.2", "entry.items[%zu].length", index);
    }
    if (doc_get(item, "precision") != NULL && type != NULL && !type_has_digits(type[0])) {
        faults_note_may(context->faults, ERR_FIELD_FORMAT, "left-out");
        rule_fault(context, ERR_FIELD_FORMAT, "CESI 5.3.2", "entry.items[%zu].precision", index);
    }
    if (sharing != NULL && of != NULL && sharing_rank(sharing) < sharing_rank(of)) {
        rule_fault(context, ERR_FIELD_CHOICE, "CN 附件2", "entry.items[%zu].sharing", index);
    }
    if (!dictionary_agrees(item)) {
        faults_note_may(context->faults, ERR_FIELD_FORMAT, "dictionary");
        rule_fault(context, ERR_FIELD_FORMAT, "CN 附件3 三", "entry.items[%zu].field", index);
    }
}

static void check_content(struct rule_context *context, const struct doc *entry)
{
    if (doc_get(entry, "duty") == NULL && doc_get(entry, "designation") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CESI 5.3.1", "entry.duty");
    }
    rule_check_distinct(context, doc_get(entry, "keywords"), "OPEN 9", "entry.keywords");
    check_period(context, doc_get(entry, "period"));
    class_code_check(context, entry);
    check_sharing(context, entry);
    check_source(context, entry);
    check_unique(context, doc_get(entry, "items"), "name", "CESI 5.3.2");
    check_unique(context, doc_get(entry, "items"), "field", "CN 附件2");
    for (size_t i = 0; i < doc_count(doc_get(entry, "items")); i++) {
        check_item(context, entry, i);
    }
}

int entry_check(struct rule_context *context, const struct doc *entry)
{
    check_content(context, entry);
    class_code_check_demanded(context, entry);
    entry_check_stems(context, context->tx->member, entry);
    return context->error;
}

int entry_check_content(struct faults *faults, const struct doc *entry)
{
    struct rule_context context = {.faults = faults}; /* no ledger: check_content asks none */
    check_content(&context, entry);
    return context.error;
}

void entry_check_body(struct rule_context *context)
{
    const struct doc *entry = doc_get(context->body, "entry");
    if (doc_kind(entry) == DOC_OBJECT) {
        check_content(context, entry);
    }
}

/* ---- sharing attributes ---- */

int sharing_rank(const char *sharing)
{
    return strcmp(sharing, "unconditional") == 0 ? 0 : strcmp(sharing, "authorised") == 0 ? 1 : 2;
}

/* CN 14: 最终认定权: what was ruled counts, whatever the entry says. Without a ruling an item that
 * has no attribute of its own follows the entry. */
int entry_item_rank(const struct doc *record, size_t index)
{
    const struct doc *entry = doc_get(record, "entry"), *ruling = doc_get(record, "ruling");
    const struct doc *item = doc_at(doc_get(entry, "items"), index);
    const char *own = doc_get_text(item, "sharing");
    if (ruling != NULL) {
        return sharing_rank(ruling_sharing(ruling, doc_get_text(item, "name")));
    }
    return sharing_rank(own != NULL ? own : doc_get_text(entry, "sharing"));
}

/* ---- exact duplicates ---- */

/* Two entries of one agency are the same data when name, coverage and the items with their types
 * are the same; white space and what cannot be seen do not count. */
void entry_digest(struct hash *out, const char *member, const struct doc *entry)
{
    AUTO(buf_free) struct buf text = {0};
    const struct doc *items = doc_get(entry, "items");
    buf_reserve(&text, 512);
    append_squeezed(&text, member);
    append_squeezed(&text, doc_get_text(entry, "name"));
    append_squeezed(&text, doc_get_text(entry, "coverage"));
    for (size_t i = 0; i < doc_count(items); i++) {
        append_squeezed(&text, doc_get_text(doc_at(items, i), "name"));
        append_squeezed(&text, doc_get_text(doc_at(items, i), "type"));
    }
    *out = hash_tagged("dirchain/entry/1", view_of_buf(&text));
}

static void same_key(char out[RECORD_KEY_BYTES], const char *member, const struct doc *entry)
{
    struct hash digest;
    char hex[2 * HASH_BYTES + 1];
    entry_digest(&digest, member, entry);
    hash_to_hex(hex, &digest);
    record_key(out, "same/%s", hex);
}

int entry_claim(struct rule_context *context, const struct doc *entry, const char *code)
{
    char key[RECORD_KEY_BYTES];
    same_key(key, context->tx->member, entry);
    const struct doc *owner = state_get(context->state, key);
    if (owner != NULL) {
        return doc_text_is(owner, "code", code)
                   ? 0
                   : rule_fault(context, ERR_DUPLICATE, "PT 13", "entry.name");
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "code", code);
    state_put(context->state, key, record);
    return 0;
}

void entry_unclaim(struct rule_context *context, const char *member, const struct doc *entry)
{
    char key[RECORD_KEY_BYTES];
    same_key(key, member, entry);
    state_delete(context->state, key);
}

/* ---- live grants of an entry ---- */

static void live_key(char out[RECORD_KEY_BYTES], const struct doc *grant, const char *id)
{
    record_key(out, "live/%s/%s/%s%s", doc_get_text(grant, "provider"),
               doc_get_text(grant, "entry"), doc_get(grant, "applicant") != NULL ? "~" : "", id);
}

const char *live_grant_id(const char *place)
{
    return place[0] == '~' ? place + 1 : place;
}

void live_grant_put(struct rule_context *context, const struct doc *grant, const char *id)
{
    char key[RECORD_KEY_BYTES];
    live_key(key, grant, id);
    state_put(context->state, key, doc_new_bool(true));
}

void live_grant_delete(struct rule_context *context, const struct doc *grant, const char *id)
{
    char key[RECORD_KEY_BYTES];
    live_key(key, grant, id);
    state_delete(context->state, key);
}

struct doc *live_grants(struct rule_context *context, const char *provider, const char *code,
                        const char *behind, size_t max)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES];
    struct doc *list = doc_new_array();
    record_key(prefix, "live/%s/%s/", provider, code);
    record_key(after, "%s%s", prefix, behind == NULL ? "" : behind);
    while (doc_count(list) < max && state_next(context->state, key, prefix, after)) {
        doc_push_text(list, key + strlen(prefix));
        memcpy(after, key, sizeof after);
    }
    return list;
}
