/* Persons, companies and organisations that are no members (OPEN 17-20) and apply for open data
 * through one: the member files the application, signs for it and is answered. On the ledger they
 * are a salted digest; who they are stays with the member. What decides is the open list, neither
 * the sharing attribute nor whether the catalog still has the entry: it is looked at when they
 * apply, again when they are answered, and what was granted ends with it (delisting.c). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/bars.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables_use.h"
#include "chain/rules/text_set.h"

#include <stdio.h>
#include <string.h>

/* ---- the open list ---- */

/* OPEN 9: 公共数据开放采取清单制管理: what an agency's list opens, not what its catalog might.
 * NULL: it is not on the list. */
static const struct doc *listing_of(struct rule_context *context, const struct doc *asked)
{
    const struct doc *record =
        state_getf(context->state, "listing/%s/%s", doc_get_text(asked, "provider"),
                   doc_get_text(asked, "entry"));
    return doc_text_is(record, "status", "listed") ? doc_get(record, "listing") : NULL;
}

/* Where the profile keeps no open list, the entry's own attribute is all there is; but what was
 * begun while there was one goes by it to the end: what was listed, and is taken off, gives nothing
 * for that the profile has no word for it any more (OPEN 9). */
static bool by_list(struct rule_context *context, const struct doc *asked)
{
    if (rule_profile_at(context, "open_list") != NULL) {
        return true;
    }
    const struct doc *past = doc_get(state_get(context->state, "profile"), "past");
    return asked != context->body && doc_get(past, "open_list") != NULL &&
           state_getf(context->state, "listing/%s/%s", doc_get_text(asked, "provider"),
                      doc_get_text(asked, "entry")) != NULL;
}

bool applicant_by_list(struct rule_context *context, const struct doc *asked)
{
    return doc_get(asked, "applicant") != NULL && by_list(context, asked);
}

bool applicant_is_listed(struct rule_context *context, const struct doc *asked)
{
    return applicant_by_list(context, asked) && listing_of(context, asked) != NULL;
}

struct doc *applicant_items_left(struct rule_context *context, const struct doc *asked,
                                 const struct doc *items)
{
    AUTO(text_set_free) struct text_set listed = {0};
    struct doc *left = doc_new_array();
    text_set_build(&listed, doc_get(listing_of(context, asked), "items"), NULL);
    for (size_t i = 0; i < doc_count(items); i++) {
        if (text_set_find(&listed, doc_text(doc_at(items, i))) >= 0) {
            doc_push(left, doc_ref(doc_at(items, i)));
        }
    }
    return left;
}

static bool opening_is(struct rule_context *context, const struct doc *asked,
                       const struct doc *entry, const char *opening)
{
    return by_list(context, asked) ? doc_text_is(listing_of(context, asked), "type", opening)
                                   : doc_text_is(doc_get(entry, "entry"), "opening", opening);
}

static int bar_put(struct request_bar *bar, const char *clause, const char *list, size_t index)
{
    (void)snprintf(bar->field, sizeof bar->field, "%s[%zu]", list, index);
    bar->clause = clause;
    return ERR_NOT_SHARED;
}

int applicant_barred(struct rule_context *context, struct request_bar *bar, const struct doc *asked,
                     const struct doc *items, const struct doc *rows)
{
    AUTO(text_set_free) struct text_set listed = {0};
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(asked, "provider"),
                   doc_get_text(asked, "entry"));
    if (!opening_is(context, asked, entry, "conditional")) {
        (void)snprintf(bar->field, sizeof bar->field, "entry");
        bar->clause = "OPEN 18";
        return ERR_NOT_SHARED;
    }
    if (!by_list(context, asked)) {
        return 0;
    }
    if (doc_count(rows) > 0 && applicant_masked(context, asked)) {
        (void)bar_put(bar, "OPEN 14", "rows", 0); /* it would tell what is masked */
        return ERR_MASKED_CONDITION;
    }
    text_set_build(&listed, doc_get(listing_of(context, asked), "items"), NULL);
    for (size_t i = 0; i < doc_count(items); i++) {
        if (text_set_find(&listed, doc_text(doc_at(items, i))) < 0) {
            return bar_put(bar, "OPEN 9", "items", i);
        }
    }
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (text_set_find(&listed, doc_get_text(doc_at(rows, i), "item")) < 0) {
            return bar_put(bar, "OPEN 9", "rows", i);
        }
    }
    return 0;
}

/* OPEN 14: 非开放类公共数据依法进行脱密、脱敏处理: what is on the list for being masked is open
 * masked, and not otherwise; listed so later, what was granted before leaves masked from then on:
 * the provider's gateway asks for each delivery. */
bool applicant_masked(struct rule_context *context, const struct doc *asked)
{
    return listing_masks(state_getf(context->state, "listing/%s/%s",
                                    doc_get_text(asked, "provider"), doc_get_text(asked, "entry")));
}

/* ---- the application ---- */

static size_t materials_of(const struct doc *materials, const char *kind)
{
    size_t found = 0;
    for (size_t i = 0; i < doc_count(materials); i++) {
        found += doc_text_is(doc_at(materials, i), "kind", kind);
    }
    return found;
}

/* OPEN 18: 应当通过开放平台在相应数据页面列明申请材料，包括相关资质与能力证明、数据安全管理制度、应用
 * 场景说明等; OPEN 19: 材料齐全. All that the listing names on the day of the application, and of each
 * kind that the profile has every application bring one at least. What the list names later
 * (及时更新数据申请材料说明) is for who applies then. */
static void check_materials(struct rule_context *context, const struct doc *materials)
{
    const struct doc *always = rule_profile_at(context, "applicants.materials");
    const struct doc *listing =
        by_list(context, context->body) ? listing_of(context, context->body) : NULL;
    for (size_t i = 0; choices_material[i] != NULL; i++) {
        const char *kind = choices_material[i];
        size_t needed = materials_of(doc_get(listing, "materials"), kind);
        if (needed == 0 && doc_has_text(always, kind)) {
            needed = 1;
        }
        if (materials_of(materials, kind) < needed) {
            rule_fault(context, ERR_FIELD_MISSING, "OPEN 18", "applicant.materials.%s", kind);
        }
    }
    /* One paper answers one material of its kind. */
    rule_check_distinct(context, materials, "OPEN 18", "applicant.materials");
}

int applicant_check(struct rule_context *context, const struct doc *entry)
{
    const struct doc *applicant = doc_get(context->body, "applicant");
    struct request_bar bar;
    if (!rule_policy_has(context, "applicants", "OPEN 18", "applicant")) {
        return rule_failed(context);
    }
    check_materials(context, doc_get(applicant, "materials"));
    if (opening_is(context, context->body, entry, "unconditional")) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "OPEN 17", "applicant"); /* 无须注册、申请等流程 */
    } else if (applicant_barred(context, &bar, context->body, doc_get(context->body, "items"),
                                doc_get(context->body, "rows")) != 0) {
        rule_fault(context, ERR_NOT_SHARED, bar.clause, "%s", bar.field);
    }
    if (doc_get(context->body, "scenario") != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 19", "scenario"); /* agencies' own way */
    }
    if (doc_get(context->body, "for_need") != NULL) { /* reviewed with the need: not taken in */
        rule_fault(context, ERR_FIELD_UNKNOWN, "OPEN 19", "for_need");
    }
    return context->error;
}
