/* Cases (D13): what somebody is said to have done, and what was found.
 *
 *   open ──violation──▶ found ─▶ measures (measures.c), orders (orders.c), disclosures
 *        ──none──────▶ dismissed
 *
 * OPEN 30: 任何单位和个人可以对违法违规利用公共数据的行为向数据开放主体及有关部门举报. A member
 * opens a case itself; what comes from outside the network enters through the center, a supervisor
 * or a provider, as the digest of its papers. Who says what was found is the profile's ("finding"):
 * OPEN 32 has 市经济信息化部门…会同市大数据中心和数据开放主体对其予以记录; the other documents name
 * nobody, and there it is the center or the supervisor. Never the member that it is about: where it
 * is the only one of them, whoever of the two is left stands in. */
#include "base/errors.h"
#include "chain/rules/matters.h"
#include "chain/rules/members.h"
#include "chain/rules/tables.h"

#include <string.h>

/* ---- case.open ---- */

/* OPEN 29: 数据开放主体、市经济信息化部门、市网信部门、市大数据中心等可以对数据利用情况进行抽查:
 * a provider, how what it gave is used by whom it gave it. The other documents have no such
 * inspection by providers. */
static bool may_inspect(struct rule_context *context)
{
    const char *id = rule_body_text(context, "grant");
    const struct doc *grant = id == NULL ? NULL : state_getf(context->state, "grant/%s", id);
    bool own = grant != NULL && rule_signed_by(context, doc_get_text(grant, "provider")) &&
               doc_text_is(grant, "consumer", rule_body_text(context, "member"));
    return signer_supervises(context) || (own && rule_profile_at(context, "feedback") != NULL);
}

static void check_source(struct rule_context *context)
{
    const char *source = rule_body_text(context, "source");
    bool provides = doc_has_text(doc_get(context->member, "parties"), "provider");
    if (strcmp(source, "inspection") == 0 && !may_inspect(context)) {
        rule_fault(context, ERR_PARTY, "OPEN 29", "source");
    }
    if (strcmp(source, "report") != 0) {
        return;
    }
    if (!signer_supervises(context) && !provides) {
        rule_fault(context, ERR_PARTY, "OPEN 30", "source");
    }
    if (doc_get(context->body, "papers") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "OPEN 30", "papers");
    }
}

int matter_grant(struct rule_context *context, const char *member, const char *clause)
{
    const char *id = rule_body_text(context, "grant");
    const struct doc *grant = id == NULL ? NULL : state_getf(context->state, "grant/%s", id);
    if (id == NULL || (grant != NULL && (doc_text_is(grant, "consumer", member) ||
                                         doc_text_is(grant, "provider", member)))) {
        return 0;
    }
    return rule_fault(context, ERR_SUBJECT, clause, "grant");
}

int case_open(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    check_source(context);
    if (matter_member(context, "member", "OPEN 32") == 0) {
        (void)matter_grant(context, rule_body_text(context, "member"), "OPEN 32");
    }
    (void)matter_entry(context, "OPEN 32");
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "case", "open");
    state_put(context->state, subject, record);
    return 0;
}

/* ---- case.find ---- */

static bool signs_as(struct rule_context *context, const char *party)
{
    return strcmp(party, "center") == 0 ? rule_center_signs(context, "review")
                                        : signer_is_supervisor(context);
}

static bool may_find(struct rule_context *context, const struct doc *matter)
{
    const char *about = doc_get_text(matter, "member");
    const struct doc *by = rule_profile_at(context, "finding.by");
    bool named = false, somebody = false;
    for (size_t i = 0; i < doc_count(by); i++) {
        const char *party = doc_text(doc_at(by, i));
        named = named || signs_as(context, party);
        somebody = somebody || party_has_another(context->state, party, &about, 1);
    }
    return !rule_signer_is(context, about) && (somebody ? named : signer_supervises(context));
}

/* OPEN 32: 会同: what the others said is in papers, and the ledger has their digest. */
static void check_joint_record(struct rule_context *context)
{
    const struct doc *jointly = rule_profile_at(context, "finding.jointly");
    if (doc_bool(jointly, false) && doc_text_is(context->body, "finding", "violation") &&
        doc_get(context->body, "papers") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "OPEN 32", "papers");
    }
}

int case_find(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *matter = matter_subject(context, subject, "case");
    if (matter == NULL || !matter_is(context, matter, "case", "OPEN 32", "open", NULL)) {
        return rule_failed(context);
    }
    if (!may_find(context, matter)) {
        return rule_fault(context, ERR_PARTY, "OPEN 32", "case");
    }
    check_joint_record(context);
    if (context->error != 0) {
        return rule_failed(context);
    }
    bool violation = strcmp(rule_body_text(context, "finding"), "violation") == 0;
    struct doc *record = record_edit(matter);
    matter_step(context, record, "case", "found", violation ? "found" : "dismissed");
    state_put(context->state, subject, record);
    return 0;
}
