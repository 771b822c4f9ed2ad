/* Who rules on a dispute (D8). PT 24: 由区府办协调处理. CN 17:
 * 由区科委会同相关部门…作出结论，必要时报请领导小组决定.
 *
 * Nobody rules on its own case. The profile's `ruling.by` are those whom the document names, any of
 * them. Where none of them is left that is no side of the dispute and may act, the first word of
 * `ruling.instead` that has somebody left stands in; the last word is "provider" (profile.c), for
 * of the agencies somebody always is. */
#include "chain/rules/disputes.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"

#include <string.h>

/* How many of the two sides count among the active members that hold this party. */
static int64_t sides_among(struct rule_context *context, const struct doc *dispute,
                           const char *party)
{
    static const char *const sides[] = {"consumer", "provider"};
    int64_t count = 0;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const struct doc *member =
            state_getf(context->state, "member/%s", doc_get_text(dispute, sides[i]));
        count += doc_text_is(member, "status", "active") &&
                 doc_has_text(doc_get(member, "parties"), party);
    }
    return count;
}

static bool somebody_is_left(struct rule_context *context, const struct doc *dispute,
                             const char *party)
{
    return members_active(context->state, party) > sides_among(context, dispute, party);
}

static bool is_side(struct rule_context *context, const struct doc *dispute)
{
    return rule_signed_by(context, doc_get_text(dispute, "consumer")) ||
           rule_signed_by(context, doc_get_text(dispute, "provider"));
}

bool dispute_may_rule(struct rule_context *context, const struct doc *dispute)
{
    const struct doc *by = rule_profile_running(context, "ruling.by");
    const struct doc *instead = rule_profile_running(context, "ruling.instead");
    const struct doc *parties = doc_get(context->member, "parties");
    bool named_left = false;
    if (is_side(context, dispute)) {
        return false;
    }
    for (size_t i = 0; i < doc_count(by); i++) {
        const char *party = doc_text(doc_at(by, i));
        if (doc_has_text(parties, party)) {
            return true;
        }
        named_left = named_left || somebody_is_left(context, dispute, party);
    }
    for (size_t i = 0; !named_left && i < doc_count(instead); i++) {
        const char *party = doc_text(doc_at(instead, i));
        if (somebody_is_left(context, dispute, party)) {
            return doc_has_text(parties, party);
        }
    }
    return false;
}
