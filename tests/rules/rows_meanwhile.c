/* What changes while a request, a need or a grant waits, by the clause: CN 14; PT 19, 20, 22, 24,
 * 26, 29, 31. 2026: 15-23 February are days off. */
#include "rows_requests.h"

#include "entry_acts.h"
#include "fused.h"
#include "key_steps.h"

static const char *status_of(struct ledger *ledger, const char *table, const char *of)
{
    return text(ledger, table, of, "status");
}

static void rule_refused(struct ledger *ledger)
{
    both_refer(ledger, BETA);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'refused','reason':'依法不予共享'");
}

/* Asked on Monday, 2 March: 3-6, 9. */
static void D4_ruled_meanwhile(void **state)
{
    (void)state;
    char second[2 * HASH_BYTES + 1];
    struct ledger *ledger = disputed("putuo", LAW);
    assert_int_equal(ledger_ask(ledger, second, "E1", NULL), 0);
    rule_refused(ledger);
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, "request", second), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(status_of(ledger, "request", second), "escalated");
    ledger_close(&ledger);
}

static void assess(struct ledger *ledger, const char *of, const char *verdict)
{
    char more[100];
    (void)snprintf(more, sizeof more, "'opinion':'符合要求',%s", verdict);
    must(ledger, CENTER "/review", "request.assess", "request", of, more);
}

static void D3_ruled_meanwhile(void **state)
{
    (void)state;
    char second[2 * HASH_BYTES + 1];
    struct ledger *ledger = disputed("putuo", LAW);
    assert_int_equal(ledger_ask(ledger, second, "E1",
                                "{'scenario':{'case':3,'description':'应用场景','project':"
                                "{'authority':'市发展改革委','document':'批复12号'}}}"),
                     0);
    assert_string_equal(status_of(ledger, "request", second), "assessing");
    rule_refused(ledger);
    assess(ledger, second, "'scenario':'accept'");
    assert_string_equal(status_of(ledger, "request", second), "pending");
    ledger_close(&ledger);
}

/* BETA asks for what its own duty R1 needs. */
static struct ledger *claims_a_matter(void)
{
    struct ledger *ledger = with_entry("putuo", "authorised");
    ledger_must(ledger, BETA "/compile", "duty.publish",
                "{'code':'R1','name':'技能人才认定','category':'行政确认',"
                "'implementer':'人社厅','basis':'就业促进法'}");
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'scenario':{'case':1,'description':'应用场景',"
                                "'matter':'R1'},'mode':'table','mode_reason':'批量核验'}"),
                     0);
    return ledger;
}

static void retire_matter(struct ledger *ledger)
{
    ledger_must(ledger, BETA "/compile", "duty.retire",
                "{'code':'R1','acts_on':'%s','reason':'职权取消'}",
                ledger_version(ledger, "duty/" BETA "/R1"));
}

static const char *accept_claim(struct ledger *ledger)
{
    bool scenario =
        doc_has_text(doc_get(ledger_get(ledger, "request/%s", id), "awaiting"), "scenario");
    return scenario ? "'scenario':'accept','mode':'accept'" : "'mode':'accept'";
}

static void D3_matter_retired_meanwhile(void **state)
{
    (void)state;
    for (int retired = 0; retired < 2; retired++) {
        struct ledger *ledger = claims_a_matter();
        if (retired) {
            retire_matter(ledger);
        }
        assess(ledger, id, accept_claim(ledger));
        assert_string_equal(status_of(ledger, "request", id), retired ? "pending" : "granted");
        ledger_close(&ledger);
    }
}

/* By a change that the center accepts, or the supervisor's ruling. */
static void D2_raised_meanwhile(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct ledger *ledger = with_entry("putuo", "unconditional");
        assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'table','mode_reason':'批量核验'}"),
                         0);
        assert_string_equal(status_of(ledger, "request", id), "assessing");
        if (how == 1) {
            rule_sharing(ledger, ALPHA, "authorised");
        } else if (how == 2) {
            ledger_must(ledger, ALPHA "/compile", "catalog.change",
                        "{'code':'E1','acts_on':'%s','reason':'分级调整','entry':%s}",
                        ledger_version(ledger, "entry/" ALPHA "/E1"),
                        entry_text("社会组织信息", "authorised", NULL));
            assert_int_equal(accept_change(ledger, ALPHA), 0);
        }
        assess(ledger, id, "'mode':'accept'");
        assert_string_equal(status_of(ledger, "request", id), how == 0 ? "granted" : "pending");
        ledger_close(&ledger);
    }
}

/* Waiting for ALPHA, for that was removed; given back, it may refuse what is its to give by then. */
static void D4_raised_while_gone(void **state)
{
    (void)state;
    for (int raised = 0; raised < 2; raised++) {
        struct ledger *ledger = with_entry("putuo", "unconditional");
        assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'table','mode_reason':'批量核验'}"),
                         0);
        ledger_take_out(ledger, ALPHA);
        assess(ledger, id, "'mode':'accept'");
        assert_string_equal(status_of(ledger, "request", id), "pending");
        ledger_member(ledger, "member.restore", ALPHA);
        if (raised) {
            rule_sharing(ledger, ALPHA, "authorised");
        }
        assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                             "'decision':'refuse'," LAW),
                         raised ? 0 : ERR_STATUS);
        ledger_close(&ledger);
    }
}

/* Asked for as authorised, and unconditional by a ruling, or a change, before ALPHA answers: 直接获取
 * (PT 18). Not where some of it is authorised still, or cannot be given at all. */
static void D4_lowered_meanwhile(void **state)
{
    (void)state;
    static const char *const now[] = {"authorised", "unconditional", "none"};
    for (size_t i = 0; i < COUNT_OF(now); i++) {
        for (int all = 0; all < 2; all++) {
            bool owed = i == 1;
            struct ledger *ledger = with_entry("putuo", "authorised");
            assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
            rule_sharing(ledger, ALPHA, now[i]);
            assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                                 all ? "'decision':'refuse'," LAW
                                     : "'decision':'approve','until':'2026-03-31'," LAW),
                             owed ? ERR_STATUS : i == 2 && !all ? ERR_NOT_SHARED : 0);
            if (owed) {
                assert_true(ledger_fault(ledger, ERR_STATUS, "decision"));
                must(ledger, ALPHA "/approve", "request.answer", "request", id,
                     "'decision':'approve'");
                assert_string_equal(status_of(ledger, "grant", id), "active");
            }
            ledger_close(&ledger);
        }
    }
}

/* What cannot be given any more, for its last day is over, may be refused as before (PT 20). */
static void D4_lowered_and_over(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2026-03-05'}"), 0);
    rule_sharing(ledger, ALPHA, "unconditional");
    ledger_at(ledger, "2026-03-06T10:00:00+08:00");
    assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                         "'decision':'approve'"),
                     ERR_FIELD_RANGE);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    assert_string_equal(status_of(ledger, "request", id), "refused");
    ledger_close(&ledger);
}

/* Accepted by ALPHA, and refused to BETA for good before the center concludes: asked for anew,
 * ALPHA knows of the ruling. */
static void D7_fusion_ruled_since(void **state)
{
    (void)state;
    for (int before = 0; before < 2; before++) {
        char fusion[2 * HASH_BYTES + 1], dispute[2 * HASH_BYTES + 1];
        struct ledger *ledger = with_parts();
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
        assert_int_equal(fuse(ledger, "E1", "2026-12-31"), 0);
        memcpy(fusion, other, sizeof fusion);
        must(ledger, GAMMA "/approve", "fusion.review", "fusion", fusion, OWN_ACCEPT);
        if (!before) {
            must(ledger, ALPHA "/approve", "fusion.review", "fusion", fusion, OWN_ACCEPT);
        }
        raise_dispute(ledger, BETA "/compile", "refusal");
        ledger_at(ledger, "2026-09-22T10:00:00+08:00");
        rule_refused(ledger);
        memcpy(dispute, other, sizeof dispute);
        if (before) {
            must(ledger, ALPHA "/approve", "fusion.review", "fusion", fusion, OWN_ACCEPT);
            assert_string_equal(
                doc_get_text(doc_get(doc_get(ledger_get(ledger, "fusion/%s", fusion), "ruled"),
                                     ALPHA "/E1"),
                             "dispute"),
                dispute);
        }
        assert_int_equal(act(ledger, CENTER "/review", "fusion.conclude", "fusion", fusion,
                             "'decision':'accept'"),
                         before ? 0 : ERR_RULED);
        if (!before) {
            assert_true(ledger_fault(ledger, ERR_RULED, "parts[0].entry"));
            assert_int_equal(ledger->faults.count, 1);
            must(ledger, CENTER "/review", "fusion.conclude", "fusion", fusion, RETURN);
        }
        ledger_close(&ledger);
    }
}

/* The same of a claim for a matter that was retired meanwhile, and of one that stands. */
static void D4_claim_lost_while_gone(void **state)
{
    (void)state;
    for (int retired = 0; retired < 2; retired++) {
        struct ledger *ledger = claims_a_matter();
        ledger_take_out(ledger, ALPHA);
        assess(ledger, id, accept_claim(ledger));
        assert_string_equal(status_of(ledger, "request", id), "pending");
        ledger_member(ledger, "member.restore", ALPHA);
        if (retired) {
            retire_matter(ledger);
        }
        assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                             "'decision':'refuse'," LAW),
                         retired ? 0 : ERR_STATUS);
        ledger_close(&ledger);
    }
}

/* ALPHA compiled what was needed; the same, asked for by itself, is refused, and that is upheld,
 * never, after it was compiled, or before. */
static void D6_need_ruled_since(void **state)
{
    (void)state;
    for (int ruled = 0; ruled < 3; ruled++) {
        char need[2 * HASH_BYTES + 1], asked[2 * HASH_BYTES + 1], extra[100];
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
        assert_int_equal(ledger_need(ledger, need, NULL), 0);
        must(ledger, CENTER "/review", "need.intake", "need", need,
             "'decision':'accept','provider':'" ALPHA "'");
        for (int step = 0; step < 2; step++) {
            ledger_at(ledger, step == 0 ? "2026-03-03T10:00:00+08:00" : "2026-03-04T10:00:00+08:00");
            if (step == (ruled != 2 ? 0 : 1)) {
                must(ledger, ALPHA "/approve", "need.answer", "need", need,
                     "'decision':'compiled','meets':[{'wanted':'名称','entry':'E1','item':'姓名'},"
                     "{'wanted':'年检结论','entry':'E1','item':'证件号码'}]");
            } else if (ruled > 0) {
                raise_dispute(ledger, BETA "/compile", "refusal");
                rule_refused(ledger);
            }
        }
        (void)snprintf(extra, sizeof extra, "{'for_need':'%s'}", need);
        assert_int_equal(ledger_ask(ledger, asked, "E1", extra), 0);
        assert_string_equal(status_of(ledger, "request", asked),
                            ruled == 1 ? "pending" : "granted");
        ledger_close(&ledger);
    }
}

/* Seventeen times in a day, at last from Wednesday, 15 April to Monday the 20th: one day is left. */
static void D11_away_again_and_again(void **state)
{
    (void)state;
    const int64_t minute_ms = 60000, first_ms = at("2026-04-15T10:00:00+08:00");
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    for (int i = 0; i < 17; i++) {
        ledger_at_ms(ledger, first_ms + 2 * i * minute_ms);
        ledger_member(ledger, "member.suspend", ALPHA);
        ledger_at_ms(ledger, i < 16 ? first_ms + (2 * i + 1) * minute_ms
                                    : at("2026-04-20T10:00:00+08:00"));
        ledger_member(ledger, "member.restore", ALPHA);
    }
    ledger_at_ms(ledger, at("2026-04-22T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, "grant", id), "active");
    ledger_at(ledger, "2026-04-22T00:00:00+08:00");
    assert_string_equal(status_of(ledger, "grant", id), "suspended");
    ledger_close(&ledger);
    /* In turn: 16-19 January are over, 24 January to 1 February as well, of 90 days 77 are left
     * after 6 February: 24 April is the last. */
    static const char *const away[][3] = {
        {ALPHA, "2026-01-20T10:00:00+08:00", "2026-01-23T10:00:00+08:00"},
        {BETA, "2026-02-02T10:00:00+08:00", "2026-02-06T10:00:00+08:00"},
    };
    ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    for (size_t i = 0; i < COUNT_OF(away); i++) {
        ledger_at(ledger, away[i][1]);
        ledger_member(ledger, "member.suspend", away[i][0]);
        ledger_at(ledger, away[i][2]);
        ledger_member(ledger, "member.restore", away[i][0]);
    }
    ledger_at_ms(ledger, at("2026-04-25T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, "grant", id), "active");
    ledger_at(ledger, "2026-04-25T00:00:00+08:00");
    assert_string_equal(status_of(ledger, "grant", id), "suspended");
    ledger_close(&ledger);
}

static void silence_gateway(struct ledger *ledger, const char *member)
{
    ledger_must(ledger, CENTER "/admin", "key.suspend",
                "{'member':'%s','name':'gateway','acts_on':'%s','reason':'疑似泄露'," RISK_REPORT
                "}",
                member, ledger_version(ledger, "key/%s/gateway", member));
}

static bool is_late(struct ledger *ledger)
{
    return doc_get_bool(ledger_get(ledger, "entry/" ALPHA "/E1"), "late", false);
}

/* Three months from 15 January; then thirty days to object. */
static void D11_gateway_silenced(void **state)
{
    (void)state;
    static const char *const members[] = {NULL, BETA, ALPHA};
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        struct ledger *ledger = ledger_open("putuo");
        ledger_at(ledger, "2026-01-15T10:00:00+08:00");
        ledger_give_grant(ledger, id, NULL);
        if (members[i] != NULL) {
            silence_gateway(ledger, members[i]);
        }
        ledger_at(ledger, "2026-04-16T00:00:00+08:00");
        assert_string_equal(status_of(ledger, "grant", id),
                            members[i] == NULL ? "suspended" : "active");
        ledger_at(ledger, "2026-05-17T00:00:00+08:00");
        assert_string_equal(status_of(ledger, "grant", id),
                            members[i] == NULL ? "terminated" : "active");
        ledger_close(&ledger);
    }
}

/* Away from the second day, Friday 16 January, to the last, 15 April: ninety days are left, 16 April
 * to 14 July. */
static void D11_away_until_the_end(void **state)
{
    (void)state;
    static const char *const members[] = {BETA, ALPHA};
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        for (int key = 0; key < 2; key++) {
            struct ledger *ledger = ledger_open("putuo");
            ledger_at(ledger, "2026-01-15T10:00:00+08:00");
            ledger_give_grant(ledger, id, NULL);
            ledger_at(ledger, "2026-01-16T10:00:00+08:00");
            if (key) {
                silence_gateway(ledger, members[i]);
            } else {
                ledger_member(ledger, "member.suspend", members[i]);
            }
            ledger_at(ledger, "2026-04-15T23:00:00+08:00");
            if (key) {
                assert_int_equal(
                    key_step(ledger, CENTER "/admin", "key.restore", members[i], "gateway"), 0);
            } else {
                ledger_member(ledger, "member.restore", members[i]);
            }
            ledger_at_ms(ledger, at("2026-07-15T00:00:00+08:00") - 1);
            assert_string_equal(status_of(ledger, "grant", id), "active");
            ledger_at(ledger, "2026-07-15T00:00:00+08:00");
            assert_string_equal(status_of(ledger, "grant", id), "suspended");
            ledger_close(&ledger);
        }
    }
}

/* BETA has a grant of 15 January, and a third party that may refresh entries. */
static struct ledger *with_third_party(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    key_entrust_refresh(ledger);
    return ledger;
}

/* A third party calls no data: BETA, whose own key is suspended, can call none either. */
static void D11_delegate_calls_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = with_third_party();
    silence_gateway(ledger, BETA);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_string_equal(status_of(ledger, "grant", id), "active");
    ledger_close(&ledger);
    /* Nor does the third party's key, suspended, silence BETA. */
    ledger = with_third_party();
    assert_int_equal(key_step(ledger, BETA "/chief", "key.retire", BETA, "gateway"), 0);
    ledger_must(ledger, CENTER "/admin", "key.suspend",
                "{'member':'" BETA "','name':'gw-lan','acts_on':'%s','reason':'疑似泄露',"
                RISK_REPORT "}",
                ledger_version(ledger, "key/" BETA "/gw-lan"));
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_string_equal(status_of(ledger, "grant", id), "suspended");
    ledger_close(&ledger);
}

/* Returned on Monday, 2 March: three working days, 3-5. The key is back on Monday the 9th: 10-12. */
static void C4_compile_silenced(void **state)
{
    (void)state;
    for (int own = 0; own < 2; own++) {
        struct ledger *ledger = ledger_open("putuo");
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_give_duty(ledger);
        ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                    entry_text("E1", "authorised", NULL));
        ledger_must(ledger, CENTER "/review", "catalog.review",
                    "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                    "'reasons':[{'field':'entry.summary','reason':'摘要不清'}]}",
                    ledger_version(ledger, "entry/" ALPHA "/E1"));
        const char *by = own ? ALPHA "/chief" : CENTER "/admin"; /* no agency stops its own clock */
        assert_int_equal(key_step(ledger, by, "key.suspend", ALPHA, "compile"), 0);
        ledger_at_ms(ledger, at("2026-03-06T00:00:00+08:00") - 1);
        assert_false(is_late(ledger));
        ledger_at(ledger, "2026-03-09T10:00:00+08:00");
        assert_int_equal(is_late(ledger), own);
        assert_int_equal(key_step(ledger, by, "key.restore", ALPHA, "compile"), 0);
        ledger_at_ms(ledger, at("2026-03-13T00:00:00+08:00") - 1);
        assert_int_equal(is_late(ledger), own);
        ledger_at(ledger, "2026-03-13T00:00:00+08:00");
        assert_true(is_late(ledger));
        ledger_close(&ledger);
    }
}

/* Fifteen working days: 3-6, 9-13, 16-20, 23 March. */
static void D6_need_speechless(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_need(ledger, id, NULL), 0);
    must(ledger, CENTER "/review", "need.intake", "need", id,
         "'decision':'accept','provider':'" ALPHA "'");
    assert_int_equal(due(ledger, "need", id, "need"), at("2026-03-24T00:00:00+08:00"));
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.suspend", ALPHA, "approve"), 0);
    ledger_at(ledger, "2026-03-24T00:00:00+08:00");
    assert_int_equal(act(ledger, CENTER "/review", "need.intake", "need", id,
                         "'decision':'accept','provider':'" GAMMA "'"),
                     ERR_STATUS);
    ledger_close(&ledger);
}
