/* bar/<consumer>/<provider>/<entry>: what stands between a consumer and an entry's data by whatever
 * grant (bars.h).
 *
 * PT 31 suspends 相应共享服务, OPEN 31 withholds data, OPEN 32 limits 其数据获取权限: a consumer
 * may have several grants on one entry, and an unconditional one for the asking. So holds are
 * listed here from the first on a grant to its last, whether the grant is over or not; masks that a
 * notice brought stay; and the calls of a day under a limit are counted here. */
#include "chain/rules/bars.h"

#include "base/errors.h"
#include "chain/rules/access.h"
#include "chain/rules/records.h"

#define BAR_GRANTS_MAX 64

static void bar_key(char out[RECORD_KEY_BYTES], const struct doc *grant)
{
    record_key(out, "bar/%s/%s/%s", doc_get_text(grant, "consumer"),
               doc_get_text(grant, "provider"), doc_get_text(grant, "entry"));
}

const struct doc *bar_of(struct rule_context *context, const struct doc *grant)
{
    char key[RECORD_KEY_BYTES];
    bar_key(key, grant);
    return state_get(context->state, key);
}

/* Takes `part`; without anything in it, it is gone, and so is the record with the last of them. */
static void bar_put(struct rule_context *context, const struct doc *grant, const char *name,
                    struct doc *part)
{
    char key[RECORD_KEY_BYTES];
    bar_key(key, grant);
    struct doc *record = record_edit(state_get(context->state, key));
    if (doc_count(part) > 0) {
        doc_set(record, name, part);
    } else {
        doc_free(&part);
        doc_remove(record, name);
    }
    if (doc_count(record) > 0) {
        state_put(context->state, key, record);
    } else {
        doc_free(&record);
        state_delete(context->state, key);
    }
}

/* ---- holds ---- */

int bar_hold(struct rule_context *context, const struct doc *grant, const char *id,
             const char *clause)
{
    const struct doc *before = doc_get(bar_of(context, grant), "grants");
    if (doc_get(before, id) != NULL) {
        return 0;
    }
    if (doc_count(before) >= BAR_GRANTS_MAX) {
        return rule_fault(context, ERR_QUOTA, clause, "grant.holds");
    }
    struct doc *held = doc_new_object(), *grants = record_edit(before);
    doc_set_text(held, "clause", clause);
    doc_set_int(held, "since_ms", context->time_ms);
    doc_set(grants, id, held);
    bar_put(context, grant, "grants", grants);
    return 0;
}

void bar_release(struct rule_context *context, const struct doc *grant, const char *id)
{
    struct doc *grants = record_edit(doc_get(bar_of(context, grant), "grants"));
    doc_remove(grants, id);
    bar_put(context, grant, "grants", grants);
}

/* ---- masks ---- */

void bar_mask(struct rule_context *context, const struct doc *grant, const struct doc *items)
{
    const struct doc *before = doc_get(bar_of(context, grant), "masked");
    struct doc *masked = doc_new_array();
    for (size_t i = 0; i < doc_count(before); i++) {
        doc_push(masked, doc_ref(doc_at(before, i)));
    }
    for (size_t i = 0; i < doc_count(items); i++) {
        if (!doc_has_text(before, doc_text(doc_at(items, i)))) {
            doc_push(masked, doc_ref(doc_at(items, i)));
        }
    }
    bar_put(context, grant, "masked", masked);
}

/* ---- calls under a limit ---- */

int bar_count_calls(struct rule_context *context, const struct doc *grant, int64_t limit,
                    int64_t before, int64_t calls)
{
    char day[USAGE_DAY_CHARS];
    const struct doc *counted = doc_get(bar_of(context, grant), "calls");
    usage_day(day, context->time_ms);
    if (limit < 0) {
        if (counted != NULL) {
            bar_put(context, grant, "calls", doc_new_object());
        }
        return 0;
    }
    if (doc_text_is(counted, "day", day)) {
        before = doc_get_int(counted, "calls", 0);
    }
    if (before > limit - calls) {
        return rule_fault(context, ERR_QUOTA, "OPEN 32", "quota.calls_per_day");
    }
    struct doc *count = doc_new_object();
    doc_set_int(count, "calls", before + calls);
    doc_set_text(count, "day", day);
    bar_put(context, grant, "calls", count);
    return 0;
}
