/* Requests, by the clause: PT 17-20, 24, CN 17 and 附件2, OPEN 17-20. 2026: 2 March is a Monday. */
#include "rows_requests.h"

/* ---- D1 to D5 ---- */

static void D1_numbering(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "request", id, "number"), "CNZYSQ260001");
    struct doc *counter = doc_new_object();
    doc_set_int(counter, "last", 9999);
    state_put(ledger->state, "serial/CNZYSQ/26", counter);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "request", id, "number"), "CNZYSQ2610000");
    ledger_at(ledger, "2027-01-01T00:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2027-06-30'}"), 0);
    assert_string_equal(text(ledger, "request", id, "number"), "CNZYSQ270001");
    ledger_close(&ledger);
}

static void D2_commitments(void **state)
{
    (void)state;
    static const char *const names[] = {"genuine", "reasonable", "compliant"};
    struct ledger *ledger = with_entry("putuo", "authorised");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char extra[200], field[60];
        (void)snprintf(
            extra, sizeof extra, "{'commitments':{'genuine':%s,'reasonable':%s,'compliant':%s}}",
            i == 0 ? "false" : "true", i == 1 ? "false" : "true", i == 2 ? "false" : "true");
        (void)snprintf(field, sizeof field, "commitments.%s", names[i]);
        assert_int_equal(ledger_ask(ledger, id, "E1", extra), ERR_COMMITMENT);
        assert_true(ledger_fault(ledger, ERR_COMMITMENT, field));
    }
    ledger_close(&ledger);
}

static void D3_unconditional(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

static void D3_assessment(void **state)
{
    (void)state;
    static const char scenario[] = "{'scenario':{'case':2,'description':'区重点工作'}}";
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", scenario), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "assessing");
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'方案可行','scenario':'accept'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_int_equal(ledger_ask(ledger, id, "E1", scenario), 0);
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'不属重点工作','scenario':'refuse'");
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    /* Received on Monday, 2 March: 3 4 5 6 9. */
    assert_int_equal(due(ledger, "request", id, "answer"), at("2026-03-10T00:00:00+08:00"));
    ledger_close(&ledger);
}

static void D4_refusal_needs_law(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                         "'decision':'refuse','grounds':{'reasons':['数据尚在核查']}"),
                     ERR_GROUNDS);
    assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                         "'decision':'refuse','grounds':{'not_in_order':true,"
                         "'reasons':['未说明使用系统']}"),
                     0);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    ledger_close(&ledger);
}

static void D4_refusal_needs_reason(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(
        act(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'"),
        ERR_GROUNDS);
    assert_int_equal(ledger->faults.count, 2); /* both at once */
    assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                         "'decision':'refuse','grounds':{'reasons':['太忙']}"),
                     ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.legal_basis"));
    assert_int_equal(
        act(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW),
        ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.reasons"));
    /* CN 16 excepts laws, regulations and rules, and no application that is not in order. */
    assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                         "'decision':'refuse','grounds':{'not_in_order':true,"
                         "'reasons':['未说明使用系统']}"),
                     ERR_GROUNDS);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    ledger_close(&ledger);
}

/* CN 17: 提出是否同意共享的意见及理由: whether it agrees or not. PT 20 has grounds of a refusal
 * alone. */
static void D4_approval_with_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *grounds;
        int error;
        const char *field;
    } cases[] = {
        {"", ERR_GROUNDS, "grounds.reasons"},
        {"'reasons':['  ']", ERR_FIELD_BLANK, "grounds.reasons[0]"},
        {"'reasons':['用途与职责相符'],'complete':true", ERR_FIELD_UNKNOWN, "grounds.complete"},
        {"'reasons':['用途与职责相符'],'not_in_order':false", ERR_FIELD_UNKNOWN,
         "grounds.not_in_order"},
    };
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char rest[200];
        (void)snprintf(rest, sizeof rest, "'decision':'approve','grounds':{%s}", cases[i].grounds);
        assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id, rest),
                         cases[i].error);
        assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
    }
    assert_int_equal(
        act(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'"),
        ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.reasons"));
    must(ledger, ALPHA "/approve", "request.answer", "request", id,
         "'decision':'approve','grounds':{'reasons':['用途与职责相符']}");
    const struct doc *grounds = doc_get(ledger_get(ledger, "answer/%s", id), "grounds");
    assert_string_equal(doc_text(doc_at(doc_get(grounds, "reasons"), 0)), "用途与职责相符");
    assert_string_equal(text(ledger, "grant", id, "status"), "agreement");
    ledger_close(&ledger);
}

/* OPEN 19: 审核不通过的，应当一次性告知理由. */
static void D4_all_reasons(void **state)
{
    (void)state;
    static const char *const grounds[] = {"'reasons':['材料不实'],'complete':false",
                                          "'reasons':['申请表未盖章'],'not_in_order':true"};
    struct ledger *ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'accept'");
    for (size_t i = 0; i < COUNT_OF(grounds); i++) {
        char refusal[200];
        (void)snprintf(refusal, sizeof refusal, "'decision':'refuse','grounds':{%s}", grounds[i]);
        assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id, refusal),
                         ERR_GROUNDS);
        assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.complete"));
    }
    must(ledger, ALPHA "/approve", "request.answer", "request", id,
         "'decision':'refuse','grounds':{'reasons':['材料不实','场景不明'],'complete':true}");
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    ledger_close(&ledger);
}

/* One item of two: the other is refused, and that takes the law in Putuo, a reason in Changning. */
static void D4_less_than_asked(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *grounds;
    } cases[] = {{"putuo", "," LAW}, {"changning", "," REASONS}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char enough[300];
        struct ledger *ledger = with_entry(cases[i].profile, "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['姓名','证件号码']}"), 0);
        assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                             "'decision':'approve','items':['姓名']"),
                         ERR_GROUNDS);
        (void)snprintf(enough, sizeof enough, "'decision':'approve','items':['姓名']%s",
                       cases[i].grounds);
        must(ledger, ALPHA "/approve", "request.answer", "request", id, enough);
        assert_string_equal(text(ledger, "request", id, "status"), "granted");
        ledger_close(&ledger);
    }
}

/* Ten working days from Thursday, 5 March: 6, 9-13, 16-19. */
static void D5_intake(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(
        act(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'refuse'"),
        ERR_GROUNDS);
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    assert_int_equal(act(ledger, CENTER "/review", "request.intake", "request", id,
                         "'decision':'accept','reasons':[{'reason':'材料齐全'}]"),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
    must(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'accept'");
    assert_int_equal(due(ledger, "request", id, "answer"), at("2026-03-20T00:00:00+08:00"));
    ledger_close(&ledger);
}

static struct ledger *with_opening(const char *opening)
{
    char extra[200];
    struct ledger *ledger = ledger_open("shanghai-open");
    ledger_give_entry(ledger, "E0", "unconditional");
    (void)snprintf(extra, sizeof extra, "'opening_conditions':'仅限研究用途','opening':'%s'",
                   opening);
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','entry':%s}",
                                     entry_text("社会组织名录", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    fixture_merge(entry, "{%s}", extra);
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    return ledger;
}

static void D5_applicants(void **state)
{
    (void)state;
#define SALTED "00000000000000000000000000000000000000000000000000000000000000aa"
#define MATERIAL(kind) "{'kind':'" kind "','digest':'" SALTED "'}"
#define APPLICANT(materials)                                                                       \
    "{'applicant':{'kind':'person','identity':'" SALTED "','materials':[" materials "]}}"
#define COMPLETE MATERIAL("qualification") "," MATERIAL("security") "," MATERIAL("scenario")
    struct ledger *ledger = with_opening("conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(COMPLETE)), ERR_NOT_SHARED);
    ledger_list_open(ledger, "E1", "conditional"); /* OPEN 9: it is on the list */
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(MATERIAL("security"))),
                     ERR_FIELD_MISSING);
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(COMPLETE)), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "intake");
    ledger_close(&ledger);
    ledger = with_opening("unconditional");
    ledger_list_open(ledger, "E1", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(COMPLETE)), ERR_FIELD_UNKNOWN);
    ledger_close(&ledger);
}

/* ---- D6 ---- */

static struct ledger *awaiting_agreement(void)
{
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, APPROVED);
    return ledger;
}

static void D6_same_text(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
#define CONTAINS "'contains':['safeguards','confidentiality']"
    must(ledger, BETA "/chief", "agreement.sign", "grant", id, CONTAINS "," DIGEST "," FORM);
    assert_int_equal(act(ledger, ALPHA "/chief", "agreement.sign", "grant", id,
                         CONTAINS "," FORM ",'digest':'00000000000000000000000000000000000000000000"
                                  "00000000000000000000'"),
                     ERR_AGREEMENT);
    assert_string_equal(text(ledger, "grant", id, "status"), "agreement");
    must(ledger, ALPHA "/chief", "agreement.sign", "grant", id, CONTAINS "," DIGEST "," FORM);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

static void D6_contents(void **state)
{
    (void)state;
    static const char *const missing[] = {"contains.scenario", "contains.usage-reports",
                                          "contains.safeguards", "contains.liability"};
    struct ledger *ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'accept'");
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    assert_int_equal(act(ledger, BETA "/chief", "agreement.sign", "grant", id, DIGEST),
                     ERR_FIELD_MISSING);
    for (size_t i = 0; i < COUNT_OF(missing); i++) {
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, missing[i]));
    }
    must(ledger, BETA "/chief", "agreement.sign", "grant", id,
         "'contains':['scenario','usage-reports','safeguards','liability']," DIGEST);
    ledger_close(&ledger);
}

static int sign(struct ledger *ledger, const char *kid)
{
    return act(ledger, kid, "agreement.sign", "grant", id, CONTAINS "," DIGEST "," FORM);
}

/* CN 16: 各单位不得拒绝; CN 17 has a refusal answered with its reason, and the way up. Who does not
 * sign has given neither: what is ruled stands in for the provider's signature, and for no other.
 */
static void D6_withheld_signature(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
    static const char kind[] = "'kind':'agreement','reason':'迟迟不予签署'";
    assert_int_equal(act(ledger, BETA "/compile", "dispute.raise", "request", id, kind),
                     ERR_STATUS); /* the consumer has not signed either */
    assert_int_equal(sign(ledger, BETA "/chief"), 0);
    assert_int_equal(act(ledger, ALPHA "/approve", "dispute.raise", "request", id, kind),
                     ERR_PARTY);
    assert_string_equal(text(ledger, "grant", id, "unsigned"), ALPHA);
    assert_int_equal(due(ledger, "grant", id, "agreement"), -1); /* the document has no days */
    raise_dispute(ledger, BETA "/compile", "agreement");
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'已审核同意，应当签署'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_string_equal(text(ledger, "grant", id, "agreement.provider.ruling"), ledger->txid);
    assert_string_equal(text(ledger, "grant", id, "unsigned"), "");
    ledger_close(&ledger);
    /* What was refused and is ruled to be given needs the consumer's signature, and no other. */
    ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-asked','reason':'属履职必需'");
    assert_string_equal(text(ledger, "grant", id, "status"), "agreement");
    assert_string_equal(text(ledger, "grant", id, "unsigned"), BETA);
    assert_int_equal(sign(ledger, ALPHA "/chief"),
                     ERR_STATUS); /* no text of its own to insist on */
    assert_int_equal(sign(ledger, BETA "/chief"), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
    /* A text that the provider has signed is there to be signed: a ruling that changes nothing does
     * not replace it. */
    ledger = awaiting_agreement();
    assert_int_equal(sign(ledger, ALPHA "/chief"), 0);
    assert_string_equal(text(ledger, "grant", id, "unsigned"), BETA);
    raise_dispute(ledger, BETA "/compile", "terms");
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'协议文本并无不当'");
    assert_string_equal(text(ledger, "grant", id, "status"), "agreement");
    assert_string_equal(text(ledger, "grant", id, "agreement.provider.ruling"), "");
    ledger_close(&ledger);
    /* OPEN 20: 应当签署; it knows no disputes, but 5 names who sees to it. */
    ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'accept'");
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    must(ledger, BETA "/chief", "agreement.sign", "grant", id,
         "'contains':['scenario','usage-reports','safeguards','liability']," DIGEST);
    assert_int_equal(act(ledger, BETA "/compile", "dispute.raise", "request", id,
                         "'kind':'terms','reason':'迟迟不予签署'"),
                     ERR_POLICY);
    raise_dispute(ledger, BETA "/compile", "agreement");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'审核通过的应当签署'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

/* Three working days from Monday, 2 March: 3, 4, 5. */
static void D6_signature_overdue(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = awaiting_agreement();
    assert_int_equal(ledger_policy(ledger, "agreement",
                                   "{'required':true,'contents':['safeguards','confidentiality'],"
                                   "'term':{'days':3,'clause':'CN 17'},'clause':'CN 17'}"),
                     0);
    (void)snprintf(key, sizeof key, "grant/%s", id);
    assert_int_equal(due(ledger, "grant", id, "agreement"), -1); /* nobody waits for anybody */
    assert_int_equal(sign(ledger, BETA "/chief"), 0);
    assert_int_equal(due(ledger, "grant", id, "agreement"), at("2026-03-06T00:00:00+08:00"));
    ledger_at(ledger, "2026-03-04T10:00:00+08:00");
    assert_int_equal(sign(ledger, BETA "/chief"), 0); /* again: the other's days are the same */
    assert_int_equal(due(ledger, "grant", id, "agreement"), at("2026-03-06T00:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-03-06T00:00:00+08:00") - 1);
    assert_string_not_equal(text(ledger, "grant", id, "terms.agreement.clause"), "");
    assert_false(ledger_act_is(ledger, 0, key, "agreement-overdue"));
    ledger_at(ledger, "2026-03-06T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "agreement-overdue"));
    assert_string_equal(text(ledger, "grant", id, "status"), "agreement");
    assert_int_equal(sign(ledger, ALPHA "/chief"), 0); /* late, but signed */
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_int_equal(due(ledger, "grant", id, "agreement"), -1);
    ledger_close(&ledger);
}

/* ---- on the way ---- */

/* Received on Monday, 2 March. The 3rd and the 4th are over; after Monday the 16th the 17th, 18th
 * and 19th are left. */
static void D4_speechless(void **state)
{
    (void)state;
    static const char *const holders[] = {CENTER "/admin", ALPHA "/chief"};
    for (size_t i = 0; i < COUNT_OF(holders); i++) {
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        ledger_at(ledger, "2026-03-05T09:00:00+08:00");
        ledger_must(ledger, holders[i], "key.suspend",
                    "{'member':'" ALPHA "','name':'approve','acts_on':'%s','reason':'核查'}",
                    ledger_version(ledger, "key/" ALPHA "/approve"));
        ledger_at(ledger, "2026-03-10T00:00:00+08:00"); /* 3 4 5 6 9 are over */
        assert_string_equal(text(ledger, "request", id, "status"), i == 0 ? "pending" : "granted");
        ledger_at(ledger, "2026-03-16T09:00:00+08:00");
        ledger_must(ledger, holders[i], "key.restore",
                    "{'member':'" ALPHA "','name':'approve','acts_on':'%s','reason':'核查完毕'}",
                    ledger_version(ledger, "key/" ALPHA "/approve"));
        ledger_at(ledger, "2026-03-19T23:59:59.999+08:00");
        assert_string_equal(text(ledger, "request", id, "status"), i == 0 ? "pending" : "granted");
        ledger_at(ledger, "2026-03-20T00:00:00+08:00");
        assert_string_equal(text(ledger, "request", id, "status"), "granted");
        ledger_close(&ledger);
    }
}

static void D3_modes(void **state)
{
    (void)state;
    static const char file[] = "{'mode':'file','mode_reason':'一次性核对'}";
    struct ledger *ledger = with_entry("putuo", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", file), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "assessing");
    assert_null(ledger_get(ledger, "grant/%s", id));
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'技术可行','mode':'accept'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0); /* by interface */
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}
