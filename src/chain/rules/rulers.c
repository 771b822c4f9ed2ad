/* Who rules on a dispute (D8), and what the ruling binds. PT 24: 由区府办协调处理. CN 17:
 * 由区科委会同相关部门…作出结论，必要时报请领导小组决定.
 *
 * Nobody rules on its own case, nor on its own refusal of a mode (PT 21). The profile's `ruling.by`
 * are those whom the document names, any of them. Where all of them are sides of the dispute, the
 * first word of `ruling.instead` that has somebody left stands in; the last word is "provider"
 * (profile.c), for of the agencies somebody always is. One that is suspended is waited for, and one
 * whose keys to rule with the center keeps suspended, and so is the successor of the last one that
 * was removed: all are acts of the center, which would otherwise rule itself (PT 24: 由区府办).
 * Both sides together may ask not to wait (dispute.refer, "stand_in"): then whoever is there of
 * `ruling.instead` rules, but the center and who has ruled on it before.
 *
 * What has been ruled on is not disputed again, but before the party that the profile sets above
 * the others (`ruling.above`), whose word is the last. Where that party was removed since, whoever
 * of `ruling.instead` is there, but the center and who has ruled on it before, rules once; that is
 * not the last word, which its successor has. What a ruling refused,
 *
 *   ruled/<consumer>/<provider>/<entry>[/<applicant>]
 *       {"rulings": [{"by","decision","dispute","items","last","time_ms"}]}
 *
 * the same consumer gets by no silence and by no claim of its own: a later request for such an item
 * shows the ruling ("ruled"), goes to the provider, and, unanswered, to who rules. A later ruling
 * that gives an item, or an entry that no longer has a provider's say, ends that. What is in no
 * entry yet (PT 22) is known by the words of who needs it:
 *
 *   ruled-need/<consumer>/<provider or center>
 *       {"rulings": [the same, "items" the digests of what was wanted]}
 *
 * the newest of them; a later need for such a thing shows the ruling as well, and a dispute about
 * it goes to who spoke the last word. */
#include "base/memory.h"
#include "chain/rules/bars.h"
#include "chain/rules/disputes.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"

#include <stdio.h>
#include <string.h>

/* Consumer, provider, and whoever refused the mode or the need, where it is about that (PT 21, 22):
 * often one of the two. A need that no agency was asked for has no provider. */
#define SIDES 3
static void sides_of(const char *sides[SIDES], const struct doc *dispute)
{
    const char *against = doc_get_text(dispute, "against");
    const char *provider = doc_get_text(dispute, "provider");
    sides[0] = doc_get_text(dispute, "consumer");
    sides[1] = provider != NULL ? provider : sides[0];
    sides[2] = against != NULL ? against : sides[0];
}

static bool somebody_is_left(struct rule_context *context, const struct doc *dispute,
                             const char *party)
{
    const char *sides[SIDES];
    sides_of(sides, dispute);
    return party_has_another(context->state, party, sides, SIDES);
}

static bool is_side(struct rule_context *context, const struct doc *dispute)
{
    return rule_signer_is(context, doc_get_text(dispute, "consumer")) ||
           rule_signer_is(context, doc_get_text(dispute, "provider")) ||
           rule_signer_is(context, doc_get_text(dispute, "against"));
}

/* ---- while those whom the profile names are away ---- */

static bool both_ask(const struct doc *dispute)
{
    const struct doc *referrals = doc_get(dispute, "referrals");
    return doc_get_bool(doc_get(referrals, "consumer"), "stand_in", false) &&
           doc_get_bool(doc_get(referrals, "provider"), "stand_in", false);
}

/* Nobody of the party can act: suspended, and both sides do not wait; or all removed, and it was to
 * rule anew on what has been ruled on. */
static bool is_away(struct rule_context *context, const struct doc *dispute, const char *party)
{
    const char *sides[SIDES];
    sides_of(sides, dispute);
    if (both_ask(dispute)) {
        return !party_can_act(context->state, party, sides, SIDES);
    }
    return doc_get(dispute, "above") != NULL &&
           !party_is_there(context->state, party, sides, SIDES);
}

/* Whether the signer is one of the first in `instead` of whom somebody can act. Who suspends does
 * not gain by it, and a last word stands. */
static bool may_stand_in(struct rule_context *context, const struct doc *dispute)
{
    const struct doc *instead = rule_profile_running(context, "ruling.instead");
    const struct doc *said = dispute_said(context, dispute);
    const struct doc *ruling = doc_get(said, "ruling");
    const char *center = doc_get_text(state_get(context->state, "center"), "id");
    const char *before = doc_get_text(ruling, "by");
    const char *sides[SIDES];
    sides_of(sides, dispute);
    const char *const but[] = {sides[0], sides[1], center, before != NULL ? before : center,
                               sides[2]};
    if (doc_get_bool(ruling, "stand_in", false) ||
        doc_get_bool(doc_get(said, "ruled"), "last", false) || rule_signer_is(context, but[2]) ||
        rule_signer_is(context, but[3])) {
        return false;
    }
    for (size_t i = 0; i < doc_count(instead); i++) {
        const char *party = doc_text(doc_at(instead, i));
        if (party_can_act(context->state, party, but, sizeof but / sizeof *but)) {
            return doc_has_text(doc_get(context->member, "parties"), party);
        }
    }
    return false;
}

/* ---- who rules ---- */

bool dispute_may_rule(struct rule_context *context, const struct doc *dispute)
{
    const struct doc *by = rule_profile_running(context, "ruling.by");
    const struct doc *instead = rule_profile_running(context, "ruling.instead");
    const struct doc *parties = doc_get(context->member, "parties");
    const char *above = doc_get_text(dispute, "above");
    bool named_left = false;
    if (is_side(context, dispute)) {
        return false;
    }
    if (above != NULL) {
        return doc_has_text(parties, above) ||
               (is_away(context, dispute, above) && may_stand_in(context, dispute));
    }
    bool away = true;
    for (size_t i = 0; i < doc_count(by); i++) {
        const char *party = doc_text(doc_at(by, i));
        if (doc_has_text(parties, party)) {
            return true;
        }
        named_left = named_left || somebody_is_left(context, dispute, party);
        away = away && is_away(context, dispute, party);
    }
    if (away && may_stand_in(context, dispute)) {
        return true;
    }
    for (size_t i = 0; !named_left && i < doc_count(instead); i++) {
        const char *party = doc_text(doc_at(instead, i));
        if (somebody_is_left(context, dispute, party)) {
            return doc_has_text(parties, party);
        }
    }
    return false;
}

/* ---- upwards ---- */

static const char *party_above(struct rule_context *context)
{
    return doc_get_text(rule_profile_running(context, "ruling"), "above");
}

bool dispute_may_go_on(struct rule_context *context, const struct doc *request)
{
    const struct doc *ruling = doc_get(request, "ruling");
    const char *above = party_above(context);
    return ruling == NULL || (above != NULL && !doc_get_bool(ruling, "last", false) &&
                              somebody_is_left(context, request, above));
}

void dispute_send_up(struct rule_context *context, struct doc *dispute, const struct doc *request)
{
    const char *above = party_above(context);
    bool ruled = doc_get(request, "ruling") != NULL ||
                 doc_get_bool(doc_get(request, "ruled"), "last", false);
    if (ruled && above != NULL && somebody_is_left(context, request, above)) {
        doc_set_text(dispute, "above", above);
    }
}

/* ---- what a ruling binds ---- */

#define WANTED_RULED_MAX 2000 /* of one consumer by one agency: ten needs of the longest */

static void ruled_key(char out[BAR_KEY_BYTES], const struct doc *request)
{
    if (doc_get(request, "entry") == NULL) {
        (void)snprintf(out, BAR_KEY_BYTES, "ruled-need/%s/%s", doc_get_text(request, "consumer"),
                       doc_get_text(request, "provider"));
        return;
    }
    const struct doc *applicant = doc_get(doc_get(request, "request"), "applicant");
    const struct bar_use use = {
        .consumer = doc_get_text(request, "consumer"),
        .provider = doc_get_text(request, "provider"),
        .entry = doc_get_text(request, "entry"),
        .applicant = doc_get_text(applicant, "identity"),
    };
    bar_key(out, "ruled", &use);
}

/* A list without these; NULL: nothing is left. Caller owns it. */
static struct doc *without(const struct doc *list, const struct doc *items)
{
    struct doc *left = doc_new_array();
    for (size_t i = 0; i < doc_count(list); i++) {
        if (!doc_has_text(items, doc_text(doc_at(list, i)))) {
            doc_push(left, doc_ref(doc_at(list, i)));
        }
    }
    if (doc_count(left) == 0) {
        doc_free(&left);
    }
    return left;
}

/* Of what is wanted, which no entry bounds, the oldest rulings make way. */
static void forget_oldest(struct doc **rulings)
{
    size_t items = 0, first = doc_count(*rulings);
    while (first > 0 && items <= WANTED_RULED_MAX) {
        items += doc_count(doc_get(doc_at(*rulings, --first), "items"));
    }
    if (items <= WANTED_RULED_MAX) {
        return;
    }
    struct doc *newest = doc_new_array();
    for (size_t i = first + 1; i < doc_count(*rulings); i++) {
        doc_push(newest, doc_ref(doc_at(*rulings, i)));
    }
    doc_free(rulings);
    *rulings = newest;
}

/* These items are decided anew: no earlier ruling stands for them, and `refused`, if not NULL, does
 * from now on. */
void ruling_note_items(struct rule_context *context, const struct doc *request,
                       const struct doc *items, const struct doc *refused)
{
    char key[BAR_KEY_BYTES];
    ruled_key(key, request);
    const struct doc *before = doc_get(state_get(context->state, key), "rulings");
    struct doc *after = doc_new_array();
    for (size_t i = 0; i < doc_count(before); i++) {
        struct doc *left = without(doc_get(doc_at(before, i), "items"), items);
        if (left != NULL) {
            struct doc *one = record_edit(doc_at(before, i));
            doc_set(one, "items", left);
            doc_push(after, one);
        }
    }
    if (refused != NULL) {
        struct doc *one = record_edit(refused);
        record_share(one, "items", items);
        doc_push(after, one);
    }
    if (doc_get(request, "entry") == NULL) {
        forget_oldest(&after);
    }
    if (doc_count(after) == 0) {
        doc_free(&after);
        state_delete(context->state, key);
        return;
    }
    struct doc *record = doc_new_object();
    doc_set(record, "rulings", after);
    state_put(context->state, key, record);
}

struct doc *ruling_new(struct rule_context *context, const struct doc *dispute)
{
    const char *above = party_above(context);
    bool last = above == NULL || doc_has_text(doc_get(context->member, "parties"), above);
    bool stand_in = !last && doc_get(dispute, "above") != NULL;
    struct doc *ruling = doc_new_object();
    doc_set_text(ruling, "by", context->tx->member);
    record_share(ruling, "decision", doc_get(context->body, "decision"));
    record_share(ruling, "dispute", doc_get(context->body, "dispute"));
    if (stand_in) {
        doc_set_bool(ruling, "stand_in", true);
    }
    doc_set_bool(ruling, "last", last);
    doc_set_int(ruling, "time_ms", context->time_ms);
    return ruling;
}

void ruling_note(struct rule_context *context, const struct doc *dispute, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", id);
    struct doc *record = record_edit(state_get(context->state, subject));
    bool stands = doc_text_is(context->body, "decision", "as-it-stands");
    bool refused = doc_text_is(context->body, "decision", "refused") ||
                   (stands && doc_text_is(record, "status", "refused"));
    struct doc *ruling = ruling_new(context, dispute);
    doc_set(record, "ruling", ruling);
    if (refused) {
        ruling_note_items(context, record, doc_get(doc_get(record, "request"), "items"), ruling);
    } else if (!stands) {
        ruling_note_items(context, record,
                          doc_get(state_getf(context->state, "grant/%s", id), "items"), NULL);
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
}

/* Whether it is about an item asked for, or one that chooses the rows. */
static bool about(const struct doc *ruling, const struct doc *request)
{
    const struct doc *refused = doc_get(ruling, "items");
    const struct doc *items = doc_get(request, "items"), *rows = doc_get(request, "rows");
    for (size_t i = 0; i < doc_count(items); i++) {
        if (doc_has_text(refused, doc_text(doc_at(items, i)))) {
            return true;
        }
    }
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (doc_has_text(refused, doc_get_text(doc_at(rows, i), "item"))) {
            return true;
        }
    }
    return false;
}

bool ruling_shown(struct rule_context *context, struct doc *record)
{
    char key[BAR_KEY_BYTES];
    ruled_key(key, record);
    const struct doc *rulings = doc_get(state_get(context->state, key), "rulings");
    const struct doc *shown = NULL;
    for (size_t i = 0; i < doc_count(rulings) && !doc_get_bool(shown, "last", false); i++) {
        const struct doc *ruling = doc_at(rulings, i);
        shown = about(ruling, doc_get(record, "request")) ? ruling : shown;
    }
    doc_remove(record, "ruled");
    record_share(record, "ruled", shown);
    return shown != NULL;
}

struct doc *ruling_against(struct rule_context *context, const struct doc *consumer,
                           const struct doc *part)
{
    AUTO(doc_free) struct doc *alone = doc_new_object(); /* as a request of its own */
    record_share(alone, "consumer", consumer);
    record_share(alone, "entry", doc_get(part, "entry"));
    record_share(alone, "provider", doc_get(part, "provider"));
    record_share(alone, "request", part);
    if (!ruling_shown(context, alone)) {
        return NULL;
    }
    struct doc *ruling = record_edit(doc_get(alone, "ruled"));
    doc_remove(ruling, "items"); /* as many as that was about */
    return ruling;
}
