/* Who may not decide, by the clause: OPEN 16, 19, 29, 32; PT 16, 19, 21. */
#include "matters.h"

/* A member takes on another part, as its admission might have given it. */
static void takes_part(struct ledger *ledger, const char *member, const char *party)
{
    struct doc *record = doc_copy(ledger_get(ledger, "member/%s", member));
    struct doc *parties = doc_copy(doc_get(record, "parties"));
    doc_push_text(parties, party);
    doc_set(record, "parties", parties);
    state_putf(ledger->state, record, "member/%s", member);
    static const char *const numbers[] = {"able", "admitted", "left"};
    struct doc *counts = doc_copy(ledger_get(ledger, "party/%s", party));
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        doc_set_int(counts, numbers[i], doc_get_int(counts, numbers[i], 0) + 1);
    }
    state_putf(ledger->state, counts, "party/%s", party);
}

/* ---- quality ---- */

static int close_objection(struct ledger *ledger, const char *kid, const char *decision)
{
    char more[100];
    (void)snprintf(more, sizeof more, "'decision':'%s','statement':'经核对'", decision);
    return step(ledger, kid, "quality.close", "objection", more);
}

/* Raises an objection to ALPHA's E1 and disputes the answer. */
static void dispute_objection(struct ledger *ledger, const char *kid)
{
    assert_int_equal(begin(ledger, kid, "quality.object",
                           "{'provider':'" ALPHA
                           "','entry':'E1','kind':'missing','statement':'大量空值'}"),
                     0);
    assert_int_equal(step(ledger, ALPHA "/compile", "quality.answer", "objection",
                          "'decision':'upheld','statement':'无误'"),
                     0);
    assert_int_equal(close_objection(ledger, kid, "dispute"), 0);
}

static void D13_own_objection(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo");
    dispute_objection(ledger, CENTER "/review");
    assert_int_equal(close_objection(ledger, CENTER "/review", "settle"), ERR_PARTY);
    assert_int_equal(close_objection(ledger, SUPERVISOR "/approve", "settle"), 0);
    dispute_objection(ledger, SUPERVISOR "/compile");
    assert_int_equal(close_objection(ledger, SUPERVISOR "/approve", "settle"), ERR_PARTY);
    assert_int_equal(close_objection(ledger, CENTER "/review", "settle"), 0);
    assert_string_equal(status(ledger, "objection"), "decided");
    /* Where both who could settle it are its sides, the objector can still let it rest. */
    dispute_objection(ledger, CENTER "/review");
    assert_int_equal(close_objection(ledger, CENTER "/review", "accept"), 0);
    assert_string_equal(status(ledger, "objection"), "resolved");
    ledger_close(&ledger);
}

/* OPEN 16: the provider was removed before it had answered: nobody would. */
static void D13_objection_left(void **state)
{
    (void)state;
    static const char object[] =
        "{'provider':'" ALPHA "','entry':'E1','kind':'missing','statement':'大量空值'}";
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(ledger_policy(ledger, "quality_answer", "{'days':5,'clause':'OPEN 16'}"), 0);
    assert_int_equal(begin(ledger, BETA "/compile", "quality.object", object), 0);
    assert_int_equal(close_objection(ledger, CENTER "/review", "settle"), ERR_STATUS);
    assert_int_equal(close_objection(ledger, BETA "/compile", "accept"), ERR_STATUS);
    ledger_take_out(ledger, ALPHA);
    /* Five working days from Monday, 2 March: 3-6, 9; then the term rests with the agency. */
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "rest/" ALPHA "/quality/"), 1);
    assert_int_equal(close_objection(ledger, BETA "/compile", "dispute"), ERR_STATUS);
    assert_int_equal(close_objection(ledger, SUPERVISOR "/compile", "settle"), ERR_PARTY);
    assert_int_equal(close_objection(ledger, SUPERVISOR "/approve", "settle"), 0);
    assert_string_equal(status(ledger, "objection"), "decided");
    assert_int_equal(ledger_count(ledger, "rest/" ALPHA "/quality/"), 0);
    ledger_close(&ledger);

    ledger = granted("shanghai-open");
    assert_int_equal(begin(ledger, BETA "/compile", "quality.object", object), 0);
    ledger_take_out(ledger, ALPHA);
    assert_int_equal(close_objection(ledger, BETA "/compile", "accept"), 0);
    assert_string_equal(status(ledger, "objection"), "resolved");
    ledger_close(&ledger);

    /* Answered, and the objector removed: nobody else would close it. */
    ledger = granted("shanghai-open");
    assert_int_equal(begin(ledger, BETA "/compile", "quality.object", object), 0);
    assert_int_equal(step(ledger, ALPHA "/compile", "quality.answer", "objection",
                          "'decision':'corrected','statement':'已补全'"),
                     0);
    assert_int_equal(close_objection(ledger, SUPERVISOR "/approve", "settle"), ERR_STATUS);
    ledger_take_out(ledger, BETA);
    assert_int_equal(close_objection(ledger, SUPERVISOR "/approve", "accept"), ERR_PARTY);
    assert_int_equal(close_objection(ledger, SUPERVISOR "/approve", "settle"), 0);
    assert_string_equal(status(ledger, "objection"), "decided");
    ledger_close(&ledger);
}

/* ---- reports ---- */

static void D13_own_report(void **state)
{
    (void)state;
    static const char in_order[] = "'finding':'in-order','statement':'属实'";
    char body[600], asked[ID_CHARS];
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(ledger_ask_by(ledger, asked, SUPERVISOR, "E1", NULL), 0);
    struct doc *grant = doc_copy(ledger_get(ledger, "grant/%s", id));
    doc_set_text(grant, "consumer", SUPERVISOR);
    state_putf(ledger->state, grant, "grant/%s", asked);
    (void)snprintf(body, sizeof body,
                   "{'grant':'%s','from':'2026-02-01','to':'2026-03-01','scenes':'登记核验',"
                   "'benefits':'减少证明材料','safeguards':'专网访问'}",
                   asked);
    assert_int_equal(begin(ledger, SUPERVISOR "/compile", "feedback.submit", body), 0);
    assert_int_equal(step(ledger, SUPERVISOR "/approve", "feedback.check", "feedback", in_order),
                     ERR_PARTY);
    assert_int_equal(step(ledger, ALPHA "/approve", "feedback.check", "feedback",
                          "'finding':'questioned','statement':'场景不符'"),
                     0);
    assert_int_equal(step(ledger, SUPERVISOR "/approve", "feedback.check", "feedback", in_order),
                     ERR_PARTY);
    assert_string_equal(status(ledger, "feedback"), "questioned");
    assert_int_equal(step(ledger, CENTER "/review", "feedback.check", "feedback", in_order), 0);
    ledger_close(&ledger);
}

/* ---- publicity ---- */

static void D13_own_publicity(void **state)
{
    (void)state;
    char body[600];
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(
        begin(ledger, CENTER "/review", "case.open",
              "{'member':'" SUPERVISOR
              "','source':'inspection','kind':'off-purpose','statement':'用于其他场景'}"),
        0);
    assert_int_equal(
        step(ledger, CENTER "/review", "case.find", "case",
             "'finding':'violation','rule':'细则第三十二条','statement':'查实'," PAPERS),
        0);
    (void)snprintf(body, sizeof body,
                   "{'member':'" SUPERVISOR
                   "','kind':'publicity','title':'公示','text':'公示内容','case':'%s'}",
                   matter);
    assert_int_equal(begin(ledger, CENTER "/review", "disclosure.publish", body), 0);
    assert_int_equal(
        step(ledger, SUPERVISOR "/approve", "disclosure.withdraw", "disclosure", "'reason':'更正'"),
        ERR_PARTY);
    assert_string_equal(status(ledger, "disclosure"), "published");
    assert_int_equal(
        step(ledger, CENTER "/review", "disclosure.withdraw", "disclosure", "'reason':'更正'"), 0);
    ledger_close(&ledger);
}

/* ---- the center's own requests ---- */

static int intake(struct ledger *ledger, const char *kid)
{
    return step(ledger, kid, "request.intake", "request", "'decision':'accept'");
}

static int assess(struct ledger *ledger, const char *kid)
{
    return step(ledger, kid, "request.assess", "request", "'mode':'accept','opinion':'技术评估'");
}

/* The center asks for ALPHA's E1, in a profile where something is checked first. */
static struct ledger *center_asks(const char *profile, const char *extra)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, matter, "E1", extra), 0);
    struct doc *request = doc_copy(ledger_get(ledger, "request/%s", matter));
    doc_set_text(request, "consumer", CENTER);
    state_putf(ledger->state, request, "request/%s", matter);
    return ledger;
}

static void D3_own_request(void **state)
{
    (void)state;
    static const char file[] = "{'mode':'file','mode_reason':'一次性核对'}";
    struct ledger *ledger = center_asks("shanghai-open", NULL);
    assert_int_equal(intake(ledger, CENTER "/review"), ERR_PARTY);
    assert_int_equal(intake(ledger, ALPHA "/approve"), ERR_PARTY);
    assert_int_equal(intake(ledger, SUPERVISOR "/review"), 0);
    assert_string_equal(status(ledger, "request"), "pending");
    ledger_close(&ledger);

    ledger = center_asks("putuo", file);
    assert_int_equal(assess(ledger, CENTER "/review"), ERR_PARTY);
    assert_int_equal(assess(ledger, SUPERVISOR "/approve"), 0);
    assert_string_equal(status(ledger, "request"), "pending");
    ledger_close(&ledger);

    /* Nobody else supervises: the center's own seat there is no other's. */
    ledger = center_asks("putuo", file);
    takes_part(ledger, CENTER, "supervisor");
    ledger_member(ledger, "member.suspend", SUPERVISOR); /* the center's own act */
    assert_int_equal(assess(ledger, ALPHA "/approve"), ERR_PARTY);
    ledger_take_out(ledger, SUPERVISOR);
    assert_int_equal(assess(ledger, CENTER "/review"), ERR_PARTY);
    assert_int_equal(assess(ledger, GAMMA "/approve"), ERR_PARTY);
    assert_int_equal(assess(ledger, ALPHA "/review"), ERR_PARTY);
    assert_int_equal(assess(ledger, ALPHA "/approve"), 0);
    ledger_close(&ledger);

    /* What others ask for, only the center checks. */
    ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, matter, "E1", file), 0);
    assert_int_equal(assess(ledger, SUPERVISOR "/review"), ERR_PARTY);
    assert_int_equal(assess(ledger, ALPHA "/approve"), ERR_PARTY);
    assert_int_equal(assess(ledger, CENTER "/review"), 0);
    ledger_close(&ledger);
}

/* ---- what need not be collected ---- */

/* The member's E1, whose collection it refuses. */
static struct ledger *refuses(const char *profile, const char *member)
{
    char kid[64];
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    takes_part(ledger, member, "provider");
    ledger_give_entry_of(ledger, member);
    (void)snprintf(kid, sizeof kid, "%s/compile", member);
    (void)snprintf(matter, sizeof matter, "%s/E1", member);
    ledger_must(ledger, kid, "catalog.collect",
                "{'code':'E1','acts_on':'%s','refusal':{'reason':'不便','basis':'内部规定'}}",
                ledger_version(ledger, "entry/%s", matter));
    assert_string_equal(status(ledger, "collection"), "refused");
    return ledger;
}

static int exempt(struct ledger *ledger, const char *kid)
{
    return ledger_do(ledger, kid, "catalog.certify",
                     "{'provider':'%.18s','code':'E1','acts_on':'%s','decision':'accept'}", matter,
                     ledger_version(ledger, "collection/%s", matter));
}

static void C6_own_refusal(void **state)
{
    (void)state;
    /* CN 15: the supervisor's own; there is no other. */
    struct ledger *ledger = refuses("changning", SUPERVISOR);
    assert_int_equal(exempt(ledger, SUPERVISOR "/approve"), ERR_PARTY);
    assert_int_equal(exempt(ledger, GAMMA "/approve"), ERR_PARTY);
    assert_int_equal(exempt(ledger, CENTER "/review"), 0);
    assert_string_equal(status(ledger, "collection"), "exempt");
    ledger_close(&ledger);
    /* There is one, which the center does not stand in for, be it suspended. */
    ledger = refuses("changning", SUPERVISOR);
    takes_part(ledger, GAMMA, "supervisor");
    ledger_member(ledger, "member.suspend", GAMMA);
    assert_int_equal(exempt(ledger, SUPERVISOR "/approve"), ERR_PARTY);
    assert_int_equal(exempt(ledger, CENTER "/review"), ERR_PARTY);
    ledger_member(ledger, "member.restore", GAMMA);
    assert_int_equal(exempt(ledger, GAMMA "/approve"), 0);
    ledger_close(&ledger);
    /* PT 11 names nobody: the center's own is the supervisor's. */
    ledger = refuses("putuo", CENTER);
    assert_int_equal(exempt(ledger, CENTER "/review"), ERR_PARTY);
    assert_int_equal(exempt(ledger, SUPERVISOR "/approve"), 0);
    ledger_close(&ledger);
    /* Nobody else is left. */
    ledger = refuses("putuo", CENTER);
    takes_part(ledger, CENTER, "supervisor");
    ledger_take_out(ledger, SUPERVISOR);
    assert_int_equal(exempt(ledger, GAMMA "/approve"), ERR_PARTY);
    assert_int_equal(exempt(ledger, CENTER "/review"), 0);
    ledger_close(&ledger);
}
