/* Sharing by authorised scenario (PT 19): what a claim to one of the four cases, or to one that a
 * document has beside them, needs, and which of them nothing on the ledger bears out.
 *
 *   1  a duty of the requester on record, or the paper of the department that recognised the scene
 *   2  what the center finds of the plan and its grounds (the profile: scenario.assessed)
 *   3  the paper of the system or platform that is being planned or built
 *   4  by the person's authorisation: of each access, on record (access.c); by comparison: the
 *      mode; masked: the gateway masks what leaves as a file
 *   5… what the profile has it shown as (scenario.own), one of these four
 *
 * A claim that is refused is none (对不属于第十九条规定情形的…转至相关区级责任单位, PT 20): the
 * agency decides on the request as on any other, within its five days. What the fourth case was
 * claimed for still binds what is given (grants.c).
 *
 * What the ledger cannot know, somebody says on record before there is a grant: the center, which
 * gives the service (PT 19, PT 20). */
#include "base/errors.h"
#include "base/limits.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"

#include <stdio.h>
#include <string.h>

/* A claim: which case of PT 19 it has to show as much as, and by what clause. */
struct claim {
    const struct doc *scenario;
    int64_t kind;
    const char *clause;
};

static const struct doc *own_case(const struct doc *own, int64_t number)
{
    for (size_t i = 0; i < doc_count(own); i++) {
        if (doc_get_int(doc_at(own, i), "case", 0) == number) {
            return doc_at(own, i);
        }
    }
    return NULL;
}

/* Kind 0: the profile (NULL: which one is not known) has no such case. */
static struct claim claim_of(const struct doc *scenario, const struct doc *policy)
{
    int64_t number = doc_get_int(scenario, "case", 0);
    const struct doc *own = own_case(doc_get(policy, "own"), number);
    struct claim claim = {.scenario = scenario, .kind = number, .clause = "PT 19"};
    if (number > SCENARIO_CASES_COMMON) {
        claim.kind = doc_get_int(own, "as", 0);
    }
    if (own != NULL) {
        claim.clause = doc_get_text(own, "clause");
    }
    return claim;
}

bool scenario_knows(struct rule_context *context, int64_t kind)
{
    const struct doc *policy = rule_profile_at(context, "scenario");
    const struct doc *cases = doc_get(policy, "cases");
    bool known = false;
    for (size_t i = 0; !known && i < doc_count(cases); i++) {
        int64_t number = doc_int(doc_at(cases, i), 0);
        known = kind == (number <= SCENARIO_CASES_COMMON
                             ? number
                             : doc_get_int(own_case(doc_get(policy, "own"), number), "as", 0));
    }
    return known;
}

/* PT 19 (一):
 * 将数据应用于政务服务"一网通办"、城市运行"一网统管"事项，或者经相关主管部门认定的…业务场景. A
 * matter (事项) is a duty that the requester has on record (check_matter); what a department has
 * recognised outside the ledger is named. */
static int check_first_case(struct rule_context *context, const struct claim *claim)
{
    bool first = claim->kind == 1;
    bool matter = doc_get(claim->scenario, "matter") != NULL;
    bool recognition = doc_get(claim->scenario, "recognition") != NULL;
    if (recognition && (!first || matter)) {
        return rule_fault(context, ERR_FIELD_UNKNOWN, claim->clause, "scenario.recognition");
    }
    if (matter && !first) {
        return rule_fault(context, ERR_FIELD_UNKNOWN, claim->clause, "scenario.matter");
    }
    return !first || matter || recognition
               ? 0
               : rule_fault(context, ERR_FIELD_MISSING, claim->clause, "scenario.matter");
}

/* Whether the matter of the claim, if it names one, is a duty of this member in force. */
static bool matter_stands(struct rule_context *context, const char *member,
                          const struct doc *scenario)
{
    const char *matter = doc_get_text(scenario, "matter");
    return matter == NULL ||
           doc_text_is(state_getf(context->state, "duty/%s/%s", member, matter), "status",
                       "active");
}

bool scenario_matter_stands(struct rule_context *context, const struct doc *record)
{
    return matter_stands(context, doc_get_text(record, "consumer"),
                         doc_get(doc_get(record, "request"), "scenario"));
}

static void check_matter(struct rule_context *context, const struct claim *claim)
{
    if (!matter_stands(context, context->tx->member, claim->scenario)) {
        rule_fault(context, ERR_SUBJECT, claim->clause, "scenario.matter");
    }
}

/* PT 19 (三): 在跨部门大系统、大平台规划和建设中提出数据共享需求的: in whose, by which paper. */
static void check_third_case(struct rule_context *context, const struct claim *claim)
{
    bool third = claim->kind == 3, named = doc_get(claim->scenario, "project") != NULL;
    if (third != named) {
        rule_fault(context, third ? ERR_FIELD_MISSING : ERR_FIELD_UNKNOWN, claim->clause,
                   "scenario.project");
    }
}

/* PT 19 (四): the fourth case binds the grant to the mode it is claimed for. */
static void check_fourth_case(struct rule_context *context, const struct claim *claim)
{
    const char *restriction = doc_get_text(claim->scenario, "restriction");
    const char *mode = rule_body_text(context, "mode");
    bool fourth = claim->kind == 4, given = doc_get(claim->scenario, "restriction") != NULL;
    if (fourth != given) {
        rule_fault(context, fourth ? ERR_FIELD_MISSING : ERR_FIELD_UNKNOWN, claim->clause,
                   "scenario.restriction");
    } else if (restriction == NULL || mode == NULL) {
        return;
    } else if (strcmp(restriction, "comparison") == 0 && strcmp(mode, "comparison") != 0) {
        rule_fault(context, ERR_FIELD_CHOICE, claim->clause, "mode");
    } else if (strcmp(restriction, "person-authorised") == 0 && strcmp(mode, "query") != 0 &&
               strcmp(mode, "service") != 0) { /* 授权后访问: one at a time */
        rule_fault(context, ERR_FIELD_CHOICE, claim->clause, "mode");
    }
}

void scenario_check_body(struct rule_context *context)
{
    const struct doc *scenario = doc_get(context->body, "scenario");
    const struct claim claim = claim_of(scenario, NULL);
    if (claim.kind != 0) { /* else nobody knows what it needs */
        (void)check_first_case(context, &claim);
        check_third_case(context, &claim);
        check_fourth_case(context, &claim);
    }
}

/* What would do: the four, and those that the profile has beside them. */
static void note_cases(struct rule_context *context, const struct doc *own)
{
    char number[12];
    for (int i = 1; i <= SCENARIO_CASES_COMMON; i++) {
        (void)snprintf(number, sizeof number, "%d", i);
        faults_note_may(context->faults, ERR_FIELD_CHOICE, number);
    }
    for (size_t i = 0; i < doc_count(own); i++) {
        (void)snprintf(number, sizeof number, "%d", (int)doc_get_int(doc_at(own, i), "case", 0));
        faults_note_may(context->faults, ERR_FIELD_CHOICE, number);
    }
}

void scenario_check(struct rule_context *context)
{
    const struct doc *scenario = doc_get(context->body, "scenario");
    const struct doc *policy = rule_profile_at(context, "scenario");
    const struct claim claim = claim_of(scenario, policy);
    if (scenario == NULL) {
        return;
    }
    if (claim.kind == 0) {
        note_cases(context, doc_get(policy, "own"));
        rule_fault(context, ERR_FIELD_CHOICE, "PT 19", "scenario.case");
        return;
    }
    if (check_first_case(context, &claim) == 0) {
        check_matter(context, &claim);
    }
    check_third_case(context, &claim);
    check_fourth_case(context, &claim);
}

bool scenario_on_word(const struct doc *request)
{
    const struct doc *scenario = doc_get(request, "scenario");
    bool masked_elsewhere = doc_text_is(scenario, "restriction", "masked") &&
                            !doc_text_is(request, "mode", "file");
    return doc_get(scenario, "recognition") != NULL || doc_get(scenario, "project") != NULL ||
           masked_elsewhere;
}
