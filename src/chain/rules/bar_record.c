/* bar/<consumer>/<provider>/<entry>[/<applicant>]: what stands between who uses an entry and its
 * data by whatever grant (bars.h).
 *
 * PT 31 suspends 相应共享服务, OPEN 31 withholds data, OPEN 32 limits 其数据获取权限: a user may
 * have several grants on one entry, and an unconditional one for the asking. So holds are listed
 * here from the first on a grant to its last, whether the grant is over or not; masks that a notice
 * brought stay until they are lifted; and the calls of a day under a limit are counted here.
 *
 * A limit may begin in the middle of a day, after calls by any of the user's grants. Which of them
 * were used on a day is noted with the first call of each (called/…), so that their usage can be
 * summed up when the limit first counts; from then on the sum is carried in the bar. */
#include "chain/rules/bars.h"

#include "base/errors.h"
#include "chain/rules/access.h"
#include "chain/rules/records.h"

#define BAR_GRANTS_MAX 64
#define BAR_NOTICES_MAX 64
static_assert(BAR_GRANTS_MAX + 2 <= BAR_READS_MAX, "those called by, and what says so");

const struct doc *bar_get(struct rule_context *context, const struct bar_use *use)
{
    char key[BAR_KEY_BYTES];
    bar_key(key, "bar", use);
    return state_get(context->state, key);
}

const struct doc *bar_of(struct rule_context *context, const struct doc *grant)
{
    const struct bar_use use = bar_use_of(grant);
    return bar_get(context, &use);
}

/* Takes `part`; without anything in it, it is gone, and so is the record with the last of them. */
static void bar_put(struct rule_context *context, const struct doc *grant, const char *name,
                    struct doc *part)
{
    char key[BAR_KEY_BYTES];
    const struct bar_use use = bar_use_of(grant);
    bar_key(key, "bar", &use);
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

int bar_mask(struct rule_context *context, const struct doc *grant, const char *notice,
             const struct doc *items)
{
    const struct doc *before = doc_get(bar_of(context, grant), "masked");
    if (items != NULL && doc_get(before, notice) == NULL && doc_count(before) >= BAR_NOTICES_MAX) {
        return rule_fault(context, ERR_QUOTA, "OPEN 31", "masked");
    }
    struct doc *masked = record_edit(before);
    doc_remove(masked, notice);
    record_share(masked, notice, items);
    bar_put(context, grant, "masked", masked);
    return 0;
}

/* ---- calls under a limit ---- */

static const struct doc *called_get(struct rule_context *context, const struct doc *grant)
{
    char key[BAR_KEY_BYTES];
    const struct bar_use use = bar_use_of(grant);
    bar_key(key, "called", &use);
    return state_get(context->state, key);
}

void bar_note_use(struct rule_context *context, const struct doc *grant, const char *id)
{
    char day[USAGE_DAY_CHARS], key[BAR_KEY_BYTES];
    const struct bar_use use = bar_use_of(grant);
    usage_day(day, context->time_ms);
    const struct doc *before = called_get(context, grant);
    struct doc *record = doc_text_is(before, "day", day) ? record_edit(before) : doc_new_object();
    struct doc *grants = doc_new_array();
    for (size_t i = 0; i < doc_count(doc_get(record, "grants")); i++) {
        doc_push(grants, doc_ref(doc_at(doc_get(record, "grants"), i)));
    }
    if (doc_count(grants) < BAR_GRANTS_MAX) {
        doc_push_text(grants, id);
    } else {
        doc_set_bool(record, "more", true);
    }
    doc_set_text(record, "day", day);
    doc_set(record, "grants", grants);
    bar_key(key, "called", &use);
    state_put(context->state, key, record);
}

/* All calls of the day by now; where it was used by more grants than are listed, no further one is
 * known to be within a limit. */
static int64_t calls_of_day(struct rule_context *context, const struct doc *grant, const char *day)
{
    const struct doc *called = called_get(context, grant);
    const struct doc *grants = doc_get(called, "grants");
    int64_t calls = 0;
    if (!doc_text_is(called, "day", day)) {
        return 0;
    }
    for (size_t i = 0; i < doc_count(grants); i++) {
        const struct doc *usage =
            state_getf(context->state, "usage/%s/%s", doc_text(doc_at(grants, i)), day);
        calls += doc_get_int(usage, "calls", 0);
    }
    return doc_get_bool(called, "more", false) ? DOC_INT_MAX : calls;
}

int bar_count_calls(struct rule_context *context, const struct doc *grant, int64_t limit,
                    int64_t calls)
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
    int64_t before = doc_text_is(counted, "day", day) ? doc_get_int(counted, "calls", 0)
                                                      : calls_of_day(context, grant, day);
    if (before > limit - calls) {
        return rule_fault(context, ERR_QUOTA, "OPEN 32", "quota.calls_per_day");
    }
    struct doc *count = doc_new_object();
    doc_set_int(count, "calls", before + calls);
    doc_set_text(count, "day", day);
    bar_put(context, grant, "calls", count);
    return 0;
}
