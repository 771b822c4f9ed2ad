/* Notices that somebody's rights are hurt, or data at risk, by the clause: OPEN 31, PT 31. */
#include "rows_grants.h"

#include "chain/rules/bars.h"

#define PAPERS "'papers':'00000000000000000000000000000000000000000000000000000000000000bb'"
#define REPLY "'reply':'00000000000000000000000000000000000000000000000000000000000000cc'"
static char notice[2 * HASH_BYTES + 1];

static int file(struct ledger *ledger, const char *kid, const char *kind, const char *more)
{
    int error = ledger_do(ledger, kid, "notice.file",
                          "{'kind':'%s','provider':'" ALPHA "','entry':'E1'," PAPERS
                          ",'summary':'权利人认为数据侵犯其商业秘密'%s}",
                          kind, more);
    memcpy(notice, ledger->txid, sizeof notice);
    return error;
}

static int resolve(struct ledger *ledger, const char *kid, const char *outcome, const char *more)
{
    return ledger_do(ledger, kid, "notice.resolve",
                     "{'notice':'%s','acts_on':'%s','outcome':'%s','finding':'核实属实'," REPLY
                     "%s}",
                     notice, ledger_version(ledger, "notice/%s", notice), outcome, more);
}

static void D12_notice_holds_a_grant(void **state)
{
    (void)state;
    char more[200];
    struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
    (void)snprintf(more, sizeof more, ",'grant':'%s','hold':true", id);
    assert_int_equal(file(ledger, BETA "/approve", "rights", more), ERR_PARTY);
    assert_int_equal(file(ledger, ALPHA "/review", "rights", more), ERR_PARTY);
    assert_int_equal(file(ledger, ALPHA "/approve", "rights", more), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    char first[sizeof notice];
    memcpy(first, notice, sizeof first);
    assert_int_equal(file(ledger, CENTER "/review", "rights", more), 0); /* a second one */
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), ERR_STATUS);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""),
                     ERR_PARTY); /* the center's */
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), ERR_STATUS);
    memcpy(notice, first, sizeof first);
    /* 处理后再开放: on terms that are told, and items masked that the grant has. */
    assert_int_equal(resolve(ledger, ALPHA "/approve", "reprocess", ""), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "terms"));
    assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ",'masked':['姓名']"),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(
        resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'脱敏','masked':['证件号码']"),
        ERR_SUBJECT);
    assert_int_equal(
        resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'姓名脱敏','masked':['姓名']"), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_true(bar_masks(ledger_get(ledger, "bar/" BETA "/" ALPHA "/E1"), "姓名"));
    assert_int_equal(use(ledger, "access.open"), 0);
    /* 撤回数据. */
    assert_int_equal(file(ledger, ALPHA "/approve", "rights", more), 0);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "withdraw", ""), 0);
    assert_string_equal(text(ledger, "status"), "terminated");
    ledger_close(&ledger);
}

/* 撤回数据: from this consumer, until they are processed; and what was masked for it stays masked
 * in whatever it is granted later. */
static void D12_withdrawn_under_every_grant(void **state)
{
    (void)state;
    static const struct {
        const char *hold, *end;
    } cases[] = {{",'hold':true", NULL}, {"", NULL}, {"", "grant.end"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char more[200];
        struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
        (void)snprintf(more, sizeof more, ",'grant':'%s'%s", id, cases[i].hold);
        assert_int_equal(file(ledger, CENTER "/review", "rights", more), 0);
        if (cases[i].end != NULL) {
            assert_int_equal(act(ledger, BETA "/compile", cases[i].end, ""), 0);
        }
        assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), 0);
        assert_string_equal(text(ledger, "status"), cases[i].end != NULL ? "ended" : "terminated");
        ask_again(ledger, NULL);
        barred_by_other(ledger);
        assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), ERR_STATUS);
        assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), ERR_PARTY);
        assert_int_equal(
            resolve(ledger, CENTER "/review", "reprocess", ",'terms':'姓名脱敏','masked':['姓名']"),
            0);
        assert_int_equal(use(ledger, "access.open"), 0);
        const struct doc *bar = ledger_get(ledger, "bar/" BETA "/" ALPHA "/E1");
        assert_null(doc_get(bar, "grants"));
        assert_true(bar_masks(bar, "姓名"));
        assert_false(bar_masks(bar, "证件号码"));
        ask_again(ledger, "{'items':['姓名','证件号码']}");
        assert_true(bar_masks(ledger_get(ledger, "bar/" BETA "/" ALPHA "/E1"), "姓名"));
        /* Nor does a choice of rows tell of it. */
        assert_int_equal(ledger_ask(ledger, other, "E1",
                                    "{'items':['证件号码'],'rows':["
                                    "{'item':'证件号码','is':'prefix','value':'1'},"
                                    "{'item':'姓名','is':'eq','value':'张三'}]}"),
                         ERR_NOT_SHARED);
        assert_int_equal(ledger->faults.count, 1);
        assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "rows[1].item"));
        ledger_close(&ledger);
    }
}

static int hold(struct ledger *ledger, const char *kid)
{
    return ledger_do(ledger, kid, "notice.hold",
                     "{'notice':'%s','acts_on':'%s','reason':'有必要先行中止'}", notice,
                     ledger_version(ledger, "notice/%s", notice));
}

static void D12_notice_halts_an_entry(void **state)
{
    (void)state;
    char first[sizeof notice];
    struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(file(ledger, CENTER "/review", "rights", ""), 0);
    assert_int_equal(use(ledger, "access.open"), 0); /* 认为必要的: it is for the provider to say */
    assert_int_equal(hold(ledger, BETA "/approve"), ERR_PARTY);
    assert_int_equal(hold(ledger, ALPHA "/approve"), 0);
    assert_int_equal(hold(ledger, ALPHA "/approve"), ERR_STATUS);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
    assert_int_equal(use(ledger, "access.batch"), ERR_ENTRY_HALTED);
    assert_string_equal(text(ledger, "status"), "active"); /* the grant itself is not at fault */
    memcpy(first, notice, sizeof first);
    assert_int_equal(file(ledger, ALPHA "/approve", "risk", ",'hold':true"), ERR_PARTY);
    assert_int_equal(file(ledger, ALPHA "/approve", "rights", ",'hold':true"), 0);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED); /* the first one is open */
    memcpy(notice, first, sizeof first);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "withdraw", ""), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "withdraw", ""), ERR_STATUS);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'删去争议信息'"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(ledger_count(ledger, "halt/"), 0);
    ledger_close(&ledger);
}

/* What the center withdrew the provider does not give again, whoever held it before. */
static void D12_withdrawn_by_the_center(void **state)
{
    (void)state;
    for (int held = 0; held < 2; held++) {
        struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
        assert_int_equal(file(ledger, CENTER "/review", "rights", ""), 0);
        assert_int_equal(held ? hold(ledger, ALPHA "/approve") : 0, 0);
        assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), 0);
        assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), ERR_PARTY);
        assert_int_equal(resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'已处理'"),
                         ERR_PARTY);
        assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
        assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
        assert_int_equal(use(ledger, "access.open"), 0);
        ledger_close(&ledger);
    }
}

static void D12_risk_notice(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(file(ledger, CENTER "/review", "rights", ""), ERR_POLICY);
    assert_int_equal(file(ledger, CENTER "/review", "risk", ",'hold':true," RISK_REPORT), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
    ledger = granted("changning", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(file(ledger, CENTER "/review", "risk", ""), ERR_POLICY);
    ledger_close(&ledger);
}

static int hold_with(struct ledger *ledger, const char *more)
{
    return ledger_do(ledger, CENTER "/review", "notice.hold",
                     "{'notice':'%s','acts_on':'%s','reason':'先行中止'%s}", notice,
                     ledger_version(ledger, "notice/%s", notice), more);
}

/* PT 31: 一经发现安全风险，…并报送: by the center that finds it, or that does something about what
 * a provider tells it; once for each notice. */
static void D12_risk_notice_reported(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(file(ledger, CENTER "/review", "risk", ""), ERR_FIELD_MISSING);
    assert_int_equal(ledger->faults.count, 3);
    assert_int_equal(file(ledger, CENTER "/review", "risk", "," RISK_REPORT), 0);
    (void)snprintf(key, sizeof key, "risk/%s", notice);
    assert_string_equal(ledger_text(ledger, key, "notice"), notice);
    assert_string_equal(ledger_text(ledger, key, "statement"), "权利人认为数据侵犯其商业秘密");
    assert_true(ledger_act_is(ledger, 0, key, "risk-reported"));
    assert_int_equal(hold_with(ledger, ""), 0);
    assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), 0);
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
    assert_int_equal(ledger_count(ledger, "risk/"), 1);
    /* What a provider tells; its own word reports nothing. */
    assert_int_equal(file(ledger, ALPHA "/approve", "risk", "," RISK_REPORT), ERR_PARTY);
    assert_int_equal(file(ledger, ALPHA "/approve", "risk", ""), 0);
    assert_int_equal(hold_with(ledger, ""), ERR_FIELD_MISSING);
    assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), ERR_FIELD_MISSING);
    assert_int_equal(resolve(ledger, CENTER "/review", "reprocess", ",'terms':'已处理'"),
                     ERR_FIELD_MISSING);
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(hold_with(ledger, "," RISK_REPORT), 0);
    assert_int_equal(ledger_count(ledger, "risk/"), 2);
    assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), 0);
    /* There was none. */
    assert_int_equal(file(ledger, ALPHA "/approve", "risk", ""), 0);
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
    assert_int_equal(ledger_count(ledger, "risk/"), 2);
    ledger_close(&ledger);
}

static void sign(struct ledger *ledger, const char *kid)
{
    ledger_must(ledger, kid, "agreement.sign",
                "{'grant':'%s','acts_on':'%s','digest':"
                "'00000000000000000000000000000000000000000000000000000000000000dd','contains':"
                "['scenario','usage-reports','safeguards','liability']}",
                id, ledger_version(ledger, "grant/%s", id));
}

/* 应当立即中止: whatever the agreement waits for. */
static void D12_held_before_it_is_signed(void **state)
{
    (void)state;
    char more[200];
    for (int settled_first = 0; settled_first < 2; settled_first++) {
        struct ledger *ledger = ledger_open("shanghai-open");
        ledger_at(ledger, "2026-01-15T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        (void)snprintf(subject, sizeof subject, "grant/%s", id);
        static const char *const steps[][2] = {{CENTER "/review", "request.intake"},
                                               {ALPHA "/approve", "request.answer"}};
        for (size_t i = 0; i < COUNT_OF(steps); i++) {
            ledger_must(ledger, steps[i][0], steps[i][1],
                        "{'request':'%s','acts_on':'%s','decision':'%s'}", id,
                        ledger_version(ledger, "request/%s", id), i == 0 ? "accept" : "approve");
        }
        assert_string_equal(text(ledger, "status"), "agreement");
        (void)snprintf(more, sizeof more, ",'grant':'%s','hold':true", id);
        assert_int_equal(file(ledger, ALPHA "/approve", "rights", more), 0);
        assert_string_equal(text(ledger, "status"), "agreement");
        sign(ledger, ALPHA "/chief");
        if (settled_first) {
            assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), 0);
            assert_string_equal(text(ledger, "status"), "agreement");
            sign(ledger, BETA "/chief");
        } else {
            sign(ledger, BETA "/chief");
            assert_string_equal(text(ledger, "status"), "suspended");
            assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
            assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), 0);
        }
        assert_string_equal(text(ledger, "status"), "active");
        assert_int_equal(use(ledger, "access.open"), 0);
        ledger_close(&ledger);
    }
}
