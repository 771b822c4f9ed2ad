/* What an open listing says, against the entry it is derived from (OPEN 9, 14, 15, 18). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/listings.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/text_set.h"

#include <string.h>

static int opening_rank(const char *opening)
{
    return strcmp(opening, "unconditional") == 0 ? 0 : strcmp(opening, "conditional") == 0 ? 1 : 2;
}

bool listing_within(const struct doc *listing, const struct doc *items)
{
    AUTO(text_set_free) struct text_set known = {0};
    const struct doc *listed = doc_get(listing, "items");
    text_set_build(&known, items, "name");
    for (size_t i = 0; i < doc_count(listed); i++) {
        if (text_set_find(&known, doc_text(doc_at(listed, i))) < 0) {
            return false;
        }
    }
    return true;
}

bool opening_wider(const char *wide, const char *narrow)
{
    return opening_rank(wide) < opening_rank(narrow);
}

/* OPEN 9: 明确开放清单中的数据字段在数据湖中的目录来源: each item is one of the entry's, once. */
static void check_items(struct rule_context *context, const struct doc *entry,
                        const struct doc *items)
{
    AUTO(text_set_free) struct text_set known = {0};
    text_set_build(&known, doc_get(entry, "items"), "name");
    for (size_t i = 0; i < doc_count(items); i++) {
        if (text_set_find(&known, doc_text(doc_at(items, i))) < 0) {
            rule_fault(context, ERR_SUBJECT, "OPEN 9", "listing.items[%zu]", i);
        }
    }
}

static void check_items_once(struct rule_context *context, const struct doc *items)
{
    AUTO(text_set_free) struct text_set given = {0};
    text_set_build(&given, items, NULL);
    for (long at = text_set_next_duplicate(&given, -1); at >= 0;
         at = text_set_next_duplicate(&given, at)) {
        rule_fault(context, ERR_DUPLICATE, "OPEN 9", "listing.items[%ld]", at);
    }
}

/* OPEN 9: 具有准确、方便用户理解的数据字段及配套说明: what the entry says of an item, or a note of the
 * list. */
void listing_check_explained(struct rule_context *context, const struct doc *listing,
                             const struct doc *items, const char *where)
{
    AUTO(text_set_free) struct text_set known = {0}, noted = {0};
    const struct doc *listed = doc_get(listing, "items");
    bool of_entry = strcmp(where, "entry") == 0;
    text_set_build(&known, items, "name");
    text_set_build(&noted, doc_get(listing, "notes"), "item");
    for (size_t i = 0; i < doc_count(listed); i++) {
        const char *name = doc_text(doc_at(listed, i));
        long at = text_set_find(&known, name);
        if (at >= 0 && text_set_find(&noted, name) < 0 &&
            doc_get(doc_at(items, (size_t)at), "description") == NULL) {
            rule_fault(context, ERR_FIELD_MISSING, "OPEN 9", "%s.items[%zu].description", where,
                       of_entry ? (size_t)at : i);
        }
    }
}

/* A note is of a listed item, one of each, and says something. */
static void check_notes(struct rule_context *context, const struct doc *listing)
{
    AUTO(text_set_free) struct text_set listed = {0}, noted = {0};
    const struct doc *notes = doc_get(listing, "notes");
    text_set_build(&listed, doc_get(listing, "items"), NULL);
    text_set_build(&noted, notes, "item");
    for (size_t i = 0; i < doc_count(notes); i++) {
        const char *item = doc_get_text(doc_at(notes, i), "item");
        if (item != NULL && text_set_find(&listed, item) < 0) {
            rule_fault(context, ERR_SUBJECT, "OPEN 9", "listing.notes[%zu].item", i);
        }
    }
    for (long at = text_set_next_duplicate(&noted, -1); at >= 0;
         at = text_set_next_duplicate(&noted, at)) {
        rule_fault(context, ERR_DUPLICATE, "OPEN 9", "listing.notes[%ld].item", at);
    }
}

/* OPEN 14:
 * 非开放类公共数据依法进行脱密、脱敏处理，或者相关权利人同意开放的，可以列入无条件开放类或者有条件
 * 开放类: only then a listing says more than its entry. */
static void check_type(struct rule_context *context, const struct doc *entry,
                       const struct doc *listing)
{
    const char *type = doc_get_text(listing, "type");
    if (opening_wider(type, doc_get_text(entry, "opening")) &&
        doc_get(listing, "processing") == NULL) {
        rule_fault(context, ERR_OPENNESS, "OPEN 14", "listing.type");
    }
}

/* OPEN 15: 列入有条件开放类的公共数据，…明确开放条件; OPEN 18: 列明申请材料. OPEN 17: who takes
 * what is unconditional needs neither. */
static void check_conditions(struct rule_context *context, const struct doc *listing)
{
    static const struct {
        const char *name, *clause;
    } lists[] = {{"conditions", "OPEN 15"}, {"materials", "OPEN 18"}};
    bool conditional = doc_text_is(listing, "type", "conditional");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        bool given = doc_get(listing, lists[i].name) != NULL;
        if (given != conditional) {
            rule_fault(context, given ? ERR_FIELD_UNKNOWN : ERR_FIELD_MISSING,
                       given ? "OPEN 17" : lists[i].clause, "listing.%s", lists[i].name);
        }
    }
}

/* OPEN 9: 更新频率应当与数据产生频率相当: the cycle is the one that the catalog has.
 * 对于不定期产生的数据或不再更新的数据，可以列为静态数据: no other. What a retired entry described
 * is not updated any more, and is nothing else. */
static void check_update(struct rule_context *context, const struct doc *record,
                         const struct doc *listing)
{
    const struct doc *entry = doc_get(record, "entry");
    bool retired = doc_text_is(record, "status", "retired");
    bool may_rest = retired || doc_text_is(entry, "update", "static") ||
                    doc_text_is(entry, "update", "irregular");
    bool rests = doc_text_is(listing, "update", "static");
    bool same = doc_text_is(listing, "update", doc_get_text(entry, "update"));
    if (rests ? !may_rest : retired || !same) {
        faults_note_may(context->faults, ERR_FIELD_CHOICE,
                        retired ? NULL : doc_get_text(entry, "update"));
        faults_note_may(context->faults, ERR_FIELD_CHOICE, may_rest ? "static" : NULL);
        rule_fault(context, ERR_FIELD_CHOICE, "OPEN 9", "listing.update");
    }
}

int listing_check(struct rule_context *context, const struct doc *record, const struct doc *listing)
{
    const struct doc *entry = doc_get(record, "entry");
    if (doc_get(listing, "theme") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "OPEN 9", "listing.theme");
    }
    check_items(context, entry, doc_get(listing, "items"));
    check_items_once(context, doc_get(listing, "items"));
    listing_check_explained(context, listing, doc_get(entry, "items"), "listing");
    check_notes(context, listing);
    check_type(context, entry, listing);
    check_conditions(context, listing);
    /* Each material that is named is demanded (applicants.c): the same one twice, as two papers. */
    rule_check_distinct(context, doc_get(listing, "materials"), "OPEN 18", "listing.materials");
    check_update(context, record, listing);
    return context->error;
}

void listing_check_body(struct rule_context *context)
{
    const struct doc *listing = doc_get(context->body, "listing");
    if (doc_kind(listing) != DOC_OBJECT) {
        return;
    }
    check_items_once(context, doc_get(listing, "items"));
    if (rule_is_readable(doc_get(listing, "items"))) {
        check_notes(context, listing);
    }
    if (doc_get_text(listing, "type") != NULL) {
        check_conditions(context, listing);
    }
    rule_check_distinct(context, doc_get(listing, "materials"), "OPEN 18", "listing.materials");
}
