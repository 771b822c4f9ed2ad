/* What a request must hold before anybody looks at it (PT 17, 18, 19, 21; CN 17). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/bars.h"
#include "chain/rules/catalog.h"
#include "chain/rules/members.h"
#include "chain/rules/needs.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/text_set.h"
#include "chain/rules/upkeep.h"

#include <stdio.h>
#include <string.h>

/* ---- items ---- */

int check_subset(struct rule_context *context, const struct doc *list, const struct doc *of,
                 const char *of_member, const char *name, const char *clause)
{
    AUTO(text_set_free) struct text_set known = {0};
    AUTO(text_set_free) struct text_set asked = {0};
    text_set_build(&known, of, of_member);
    text_set_build(&asked, list, NULL);
    for (size_t i = 0; i < doc_count(list); i++) {
        if (text_set_find(&known, doc_text(doc_at(list, i))) < 0) {
            rule_fault(context, ERR_SUBJECT, clause, "%s[%zu]", name, i);
        }
    }
    long twice = text_set_next_duplicate(&asked, -1);
    if (twice >= 0) {
        rule_fault(context, ERR_DUPLICATE, clause, "%s[%ld]", name, twice);
    }
    return context->error;
}

/* The strictest attribute among the items asked for and those that choose the rows: a filter tells
 * of the item it looks at. */
static void check_sharing(struct rule_context *context, const struct doc *entry, int *rank)
{
    AUTO(text_set_free) struct text_set known = {0};
    const struct doc *items = doc_get(context->body, "items");
    const struct doc *rows = doc_get(context->body, "rows");
    text_set_build(&known, doc_get(doc_get(entry, "entry"), "items"), "name");
    bool by_list = applicant_by_list(context, context->body); /* CN 14 is about sharing */
    *rank = 0;
    for (size_t i = 0; i < doc_count(items) + doc_count(rows); i++) {
        bool is_item = i < doc_count(items);
        size_t index = is_item ? i : i - doc_count(items);
        const char *name =
            is_item ? doc_text(doc_at(items, index)) : doc_get_text(doc_at(rows, index), "item");
        long at = text_set_find(&known, name);
        if (at < 0) {
            if (!is_item) { /* check_subset tells of the others */
                rule_fault(context, ERR_SUBJECT, "D10", "rows[%zu].item", index);
            }
            continue;
        }
        int own = entry_item_rank(entry, (size_t)at);
        if (own > 1 && !by_list) {
            rule_fault(context, ERR_NOT_SHARED, "CN 14", is_item ? "items[%zu]" : "rows[%zu].item",
                       index);
        }
        *rank = own > *rank ? own : *rank;
    }
}

/* PT 22:
 * 对共享需求中涉及公共数据尚未完成目录编制或者归集的，由区大数据中心提请相关区级责任单位开展…
 * 归集工作: not PT 20's five days and deemed approval, but the agency's fifteen, in which it
 * collects and reviews: a need (needs.c). CN 17:
 * 无条件共享类资源由共享交换平台进行汇聚后，…即可予以共享. */
bool request_is_collected(struct rule_context *context, const char *provider, const char *code,
                          int rank)
{
    const struct doc *collected = rule_profile_at(context, "collected");
    const char *sharing = rank == 0 ? "unconditional" : "authorised";
    return !doc_has_text(doc_get(collected, "sharing"), sharing) ||
           collection_is_there(context, provider, code);
}

int request_check_collected(struct rule_context *context, const char *provider, const char *code,
                            int rank, const char *field)
{
    const struct doc *collected = rule_profile_at(context, "collected");
    return request_is_collected(context, provider, code, rank)
               ? 0
               : rule_fault(context, ERR_NOT_COLLECTED, doc_get_text(collected, "clause"), "%s",
                            field);
}

/* What stands between the data and whoever would use them: `asked` names them, `request` (a body of
 * request.submit) the applicant, if there is one. */
static const struct doc *bar_asked(struct rule_context *context, const char *consumer,
                                   const struct doc *asked, const struct doc *request)
{
    const struct bar_use use = {.consumer = consumer,
                                .provider = doc_get_text(asked, "provider"),
                                .entry = doc_get_text(asked, "entry"),
                                .applicant =
                                    doc_get_text(doc_get(request, "applicant"), "identity")};
    return bar_get(context, &use);
}

/* A condition on what is given masked would tell of the values behind the mask, one question after
 * another: of none where everything is masked (PT 19 四, OPEN 14), and of no item that a notice had
 * masked for this consumer (OPEN 31). */
static void check_masked_rows(struct rule_context *context)
{
    const struct doc *rows = doc_get(context->body, "rows");
    bool applicant = doc_get(context->body, "applicant") != NULL;
    if (rows == NULL) {
        return;
    }
    if (doc_text_is(doc_get(context->body, "scenario"), "restriction", "masked")) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 19", "rows");
    } else if (applicant && applicant_masked(context, context->body)) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "OPEN 14", "rows");
    }
    const struct doc *bar = bar_asked(context, context->tx->member, context->body, context->body);
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (bar_masks(bar, doc_get_text(doc_at(rows, i), "item"))) {
            rule_fault(context, ERR_NOT_SHARED, "OPEN 31", "rows[%zu].item", i);
        }
    }
}

/* ---- the entry as it stands when a request is decided ---- */

static int bar_item(struct request_bar *bar, const struct doc *entry, const struct text_set *known,
                    const char *name, const char *list, size_t index)
{
    long at = text_set_find(known, name);
    if (at >= 0 && entry_item_rank(entry, (size_t)at) <= 1) {
        return 0;
    }
    (void)snprintf(bar->field, sizeof bar->field, "%s[%zu]", list, index);
    bar->clause = at < 0 ? "PT 14" : "CN 14";
    return at < 0 ? ERR_SUBJECT : ERR_NOT_SHARED;
}

int request_rank_now(struct rule_context *context, const struct doc *record)
{
    AUTO(text_set_free) struct text_set known = {0};
    const struct doc *request = doc_get(record, "request");
    const struct doc *items = doc_get(request, "items"), *rows = doc_get(request, "rows");
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(record, "provider"),
                   doc_get_text(record, "entry"));
    int strictest = doc_get(request, "applicant") != NULL; /* as when it was asked for */
    text_set_build(&known, doc_get(doc_get(entry, "entry"), "items"), "name");
    for (size_t i = 0; i < doc_count(items) + doc_count(rows); i++) {
        const char *name = i < doc_count(items)
                               ? doc_text(doc_at(items, i))
                               : doc_get_text(doc_at(rows, i - doc_count(items)), "item");
        long at = text_set_find(&known, name);
        int rank = at < 0 ? 0 : entry_item_rank(entry, (size_t)at);
        strictest = rank > strictest ? rank : strictest;
    }
    return strictest;
}

/* OPEN 31: a condition on what a notice had masked in the meantime chooses nothing any more. */
static int bar_masked_row(struct rule_context *context, struct request_bar *bar,
                          const struct doc *record)
{
    const struct doc *request = doc_get(record, "request"), *rows = doc_get(request, "rows");
    const struct doc *masks = bar_asked(context, doc_get_text(record, "consumer"), record, request);
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (bar_masks(masks, doc_get_text(doc_at(rows, i), "item"))) {
            (void)snprintf(bar->field, sizeof bar->field, "rows[%zu]", i);
            bar->clause = "OPEN 31";
            return ERR_MASKED_CONDITION;
        }
    }
    return 0;
}

/* PT 17 has agencies ask, and PT 31 (一经发现安全风险，可以…暂停或者终止相应共享服务) gives nothing
 * to one that is suspended. */
int request_use_barred(struct rule_context *context, struct request_bar *bar, const char *consumer,
                       const struct doc *use)
{
    int64_t until;
    if (civil_parse_date(&until, doc_get_text(use, "until")) == 0 &&
        until < civil_day(context->time_ms)) {
        (void)snprintf(bar->field, sizeof bar->field, "until");
        bar->clause = "D10";
        return ERR_FIELD_RANGE;
    }
    (void)snprintf(bar->field, sizeof bar->field, "consumer");
    bar->clause = member_is_gone(context, consumer) ? "PT 17" : "PT 31";
    return member_is_active(context, consumer) ? 0 : ERR_CONSUMER;
}

/* CN 14: 领导小组具有公共数据共享属性最终认定权; CN 17 knows answers for shared data only. PT 14:
 * an entry that was changed or deleted in the meantime gives what it has now. */
int request_barred(struct rule_context *context, struct request_bar *bar, const struct doc *record,
                   const struct doc *items)
{
    AUTO(text_set_free) struct text_set known = {0};
    const struct doc *request = doc_get(record, "request");
    const struct doc *rows = doc_get(request, "rows");
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(record, "provider"),
                   doc_get_text(record, "entry"));
    bool by_list = applicant_by_list(context, request);
    if (!by_list && !doc_text_is(entry, "status", "published")) {
        (void)snprintf(bar->field, sizeof bar->field, "entry");
        bar->clause = "PT 14";
        return ERR_STATUS;
    }
    items = items != NULL ? items : doc_get(request, "items");
    text_set_build(&known, doc_get(doc_get(entry, "entry"), "items"), "name");
    int error = doc_get(request, "applicant") != NULL
                    ? applicant_barred(context, bar, record, items, rows)
                    : 0;
    for (size_t i = 0; error == 0 && !by_list && i < doc_count(items); i++) {
        error = bar_item(bar, entry, &known, doc_text(doc_at(items, i)), "items", i);
    }
    for (size_t i = 0; error == 0 && !by_list && i < doc_count(rows); i++) {
        error = bar_item(bar, entry, &known, doc_get_text(doc_at(rows, i), "item"), "rows", i);
    }
    error = error != 0 ? error : bar_masked_row(context, bar, record);
    return error != 0 ? error
                      : request_use_barred(context, bar, doc_get_text(record, "consumer"), request);
}

int request_fault_barred(struct rule_context *context, const struct doc *request, int barred,
                         const struct request_bar *bar, const char *before)
{
    if (barred != ERR_STATUS) {
        return rule_fault(context, barred, bar->clause, "%s%s", before, bar->field);
    }
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(request, "provider"),
                   doc_get_text(request, "entry"));
    return rule_fault_record(context, entry, "published", bar->clause, "%s%s", before, bar->field);
}

bool request_items_left(struct rule_context *context, const struct doc *record,
                        const struct doc *items)
{
    AUTO(text_set_free) struct text_set known = {0};
    AUTO(text_set_free) struct text_set given = {0};
    const struct doc *asked = doc_get(doc_get(record, "request"), "items");
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(record, "provider"),
                   doc_get_text(record, "entry"));
    text_set_build(&known, doc_get(doc_get(entry, "entry"), "items"), "name");
    text_set_build(&given, items, NULL);
    struct request_bar bar;
    bool by_list = applicant_by_list(context, doc_get(record, "request"));
    AUTO(doc_free) struct doc *listed = applicant_items_left(context, record, asked);
    for (size_t i = 0; i < doc_count(asked); i++) {
        const char *name = doc_text(doc_at(asked, i));
        if (text_set_find(&given, name) < 0 &&
            (by_list ? doc_has_text(listed, name)
                     : bar_item(&bar, entry, &known, name, "items", i) == 0)) {
            return true;
        }
    }
    return false;
}

/* ---- use ---- */

static int frequency_gap_months(const struct doc *frequency)
{
    int64_t times = doc_get_int(frequency, "times", 0);
    int64_t months = doc_text_is(frequency, "per", "year")      ? 12
                     : doc_text_is(frequency, "per", "quarter") ? 3
                                                                : 1;
    return times < 1 ? 0 : times > months ? 1 : (int)((months + times - 1) / times);
}

int frequency_seldom_months(struct rule_context *context, const struct doc *frequency)
{
    const struct doc *most = rule_profile_at(context, "frequency.months");
    int months = frequency_gap_months(frequency);
    return most != NULL && months > doc_int(most, 0) ? months : 0;
}

/* PT 17: 数据使用频率原则上不得低于每 3 个月使用一次。确有特殊情况的，…提供相关依据和理由. */
static void check_frequency(struct rule_context *context)
{
    const struct doc *frequency = doc_get(context->body, "frequency");
    if (frequency_seldom_months(context, frequency) > 0 &&
        doc_get(frequency, "reason") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "PT 17", "frequency.reason");
    }
}

/* PT 18: 应当作出需求真实、使用目标合理、使用过程安全合规等承诺. */
static void check_commitments(struct rule_context *context)
{
    static const char *const names[] = {"genuine", "reasonable", "compliant"};
    const struct doc *commitments = doc_get(context->body, "commitments");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!doc_get_bool(commitments, names[i], true)) { /* the table has each of them given */
            rule_fault(context, ERR_COMMITMENT, "PT 18", "commitments.%s", names[i]);
        }
    }
}

/* Who does not look things up one by one has a system that takes them in. */
static void check_system(struct rule_context *context)
{
    const char *mode = rule_body_text(context, "mode");
    if (mode != NULL && strcmp(mode, "query") != 0 && doc_get(context->body, "system") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CN 附件2", "system");
    }
}

static void check_mode(struct rule_context *context)
{
    const char *mode = rule_body_text(context, "mode");
    check_system(context);
    if (doc_has_text(rule_profile_at(context, "modes.assessed"), mode) &&
        doc_get(context->body, "mode_reason") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "PT 21", "mode_reason");
    }
}

static void check_until(struct rule_context *context)
{
    int64_t until, today = civil_day(context->time_ms);
    int64_t last = today + rule_profile_int(context, "grant.days_max");
    int error = civil_parse_date(&until, rule_body_text(context, "until"));
    if (error != 0 || until < today || until > last) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, today, last);
        rule_fault(context, error != 0 ? error : ERR_FIELD_RANGE, "D10", "until");
    }
}

void request_check_body(struct rule_context *context)
{
    check_commitments(context);
    check_system(context);
    scenario_check_body(context);
}

int request_check_use(struct rule_context *context)
{
    check_frequency(context);
    check_commitments(context);
    check_mode(context);
    check_until(context);
    return context->error;
}

int request_check(struct rule_context *context, const struct doc *entry, int *rank)
{
    check_subset(context, doc_get(context->body, "items"),
                 doc_get(doc_get(entry, "entry"), "items"), "name", "items", "PT 17");
    check_sharing(context, entry, rank);
    if (!applicant_by_list(context, context->body)) { /* OPEN 19 knows no such condition */
        request_check_collected(context, rule_body_text(context, "provider"),
                                rule_body_text(context, "entry"), *rank, "entry");
    }
    check_masked_rows(context);
    request_check_use(context);
    scenario_check(context);
    if (doc_get(context->body, "for_need") != NULL) {
        need_check_request(context);
    }
    if (doc_get(context->body, "applicant") != NULL) {
        applicant_check(context, entry);
        *rank = 1; /* OPEN 19: intake and review, however freely agencies share it */
    }
    return context->error;
}
