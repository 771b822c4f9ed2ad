/* Holds on a grant, and its end, by the clause: PT 26, PT 31, OPEN 31. Instants are worked out by
 * hand: a term of months ends with the day of the same number. */
#include "rows_grants.h"

#define REPLY "'00000000000000000000000000000000000000000000000000000000000000cc'"
static char notice[2 * HASH_BYTES + 1];

/* A notice of risk about the grant, which the center holds meanwhile. */
static void hold_by_notice(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/review", "notice.file",
                "{'kind':'risk','provider':'" ALPHA "','entry':'E1','grant':'%s','hold':true,"
                "'papers':" REPLY ",'summary':'数据可能外流'," RISK_REPORT "}",
                id);
    memcpy(notice, ledger->txid, sizeof notice);
}

static void settle_notice(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/review", "notice.resolve",
                "{'notice':'%s','acts_on':'%s','outcome':'restore','finding':'未见外流',"
                "'reply':" REPLY "}",
                notice, ledger_version(ledger, "notice/%s", notice));
}

static void D12_holds_are_independent(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00"); /* unused */
    hold_by_notice(ledger);
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend", ""), ERR_STATUS);
    settle_notice(ledger);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), 0);
    assert_string_equal(text(ledger, "status"), "suspended"); /* the center's is left */
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ",'hold':'disuse'"),
                     ERR_STATUS);
    ledger_at(ledger, "2026-09-01T09:00:00+08:00"); /* held, it is not unused */
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(use(ledger, "access.open"), 0);
    /* The last day is Tuesday 1 December. */
    becomes_at(ledger, "active", "2026-12-02T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
}

/* 暂停相应共享服务: what is suspended is this consumer's use of the data, by whatever grant. */
static void D12_held_under_every_grant(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-03-02T10:00:00+08:00", "{'until':'2026-03-31'}");
    ask_again(ledger, NULL); /* one in reserve */
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.suspend"), 0);
    barred_by_other(ledger);
    /* Nor by ending it, or asking again. */
    assert_int_equal(on_other(ledger, BETA "/compile", "grant.end"), 0);
    barred_by_other(ledger);
    char held[sizeof id], reserve[sizeof id];
    memcpy(held, other, sizeof held);
    memcpy(reserve, id, sizeof reserve);
    ask_again(ledger, NULL);
    memcpy(other, held, sizeof other);
    barred_by_other(ledger);
    /* Other data of the same agency are no part of it. */
    char second[sizeof id];
    memcpy(second, id, sizeof second);
    ledger_give_entry(ledger, "E2", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E2", NULL), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    memcpy(id, second, sizeof id);
    /* Whoever put the hold lifts it, though the grant is over; that stays over. */
    assert_int_equal(on_other(ledger, ALPHA "/review", "grant.restore"), ERR_PARTY);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), 0);
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", held), "status"), "ended");
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), ERR_STATUS);
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    /* Nor by an end that is the ledger's, or the center's own. */
    memcpy(other, reserve, sizeof other);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.suspend"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.terminate"), 0);
    barred_by_other(ledger);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
}

static void D12_held_beyond_its_expiry(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-03-02T10:00:00+08:00", "{'until':'2026-03-31'}");
    ask_again(ledger, NULL);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.suspend"), 0);
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", other), "status"), "expired");
    barred_by_other(ledger);
    /* What could not be used is not unused: from 3 June anew, the last day is 3 September. */
    ledger_at_ms(ledger, at("2026-06-03T00:00:00+08:00") - 1);
    assert_int_equal(ledger_int(ledger, subject, "terms.disuse.due_ms"),
                     at("2026-06-03T00:00:00+08:00"));
    ledger_at(ledger, "2026-06-03T00:00:00+08:00");
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(ledger_int(ledger, subject, "terms.disuse.due_ms"),
                     at("2026-09-04T00:00:00+08:00"));
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
    /* Disuse bars nothing: PT 26 has whoever needs the data again ask again. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_string_equal(text(ledger, "holds.disuse.clause"), "PT 26");
    ask_again(ledger, NULL);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_at(ledger, "2026-05-17T00:00:00+08:00");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", other), "status"),
                        "terminated");
    assert_null(doc_get(ledger_get(ledger, "grant/%s", other), "holds"));
    ledger_close(&ledger);
}

static void D12_center_terminates(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, CENTER "/review", "grant.terminate", ""), 0);
    assert_string_equal(text(ledger, "status"), "terminated");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    /* The hold is lifted by itself; what is ended stays ended. */
    assert_string_equal(text(ledger, "holds.disuse.clause"), "");
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), 0);
    assert_null(doc_get(ledger_get(ledger, "%s", subject), "holds"));
    assert_string_equal(text(ledger, "status"), "terminated");
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), ERR_STATUS);
    ledger_close(&ledger);
}

/* ---- PT 31: 并报送相关数据安全监管部门、区府办处理 ---- */

static int bare(struct ledger *ledger, const char *type, const char *more)
{
    return ledger_do(ledger, CENTER "/review", type,
                     "{'grant':'%s','acts_on':'%s','reason':'密钥外泄'%s}", id,
                     ledger_version(ledger, "grant/%s", id), more);
}

#define PAPER_TO(authority)                                                                        \
    ",'authority':'" authority "','document':"                                                     \
    "'00000000000000000000000000000000000000000000000000000000000000ff'"

static int handle(struct ledger *ledger, const char *kid, const char *risk)
{
    return ledger_do(ledger, kid, "risk.handle",
                     "{'risk':'%s','acts_on':'%s','finding':'已更换密钥，未见外流'}", risk,
                     ledger_version(ledger, "risk/%s", risk));
}

static void check_report(struct ledger *ledger, const char *type)
{
    static const char *const parts[] = {"authority", "document", "supervisors"};
    static const struct {
        const char *more, *field;
        int error;
    } cases[] = {
        {PAPER_TO("区委网信办"), "supervisors", ERR_FIELD_MISSING},
        {PAPER_TO("　　") ",'supervisors':['" SUPERVISOR "']", "authority", ERR_FIELD_BLANK},
        {PAPER_TO("区委网信办") ",'supervisors':['" BETA "']", "supervisors[0]", ERR_SUPERVISOR},
        {PAPER_TO("区委网信办") ",'supervisors':['" NEWCOMER "']", "supervisors[0]", ERR_SUBJECT},
        {PAPER_TO("区委网信办") ",'supervisors':['" SUPERVISOR "','" SUPERVISOR "']",
         "supervisors[1]", ERR_DUPLICATE},
    };
    assert_int_equal(bare(ledger, type, ""), ERR_FIELD_MISSING);
    assert_int_equal(ledger->faults.count, COUNT_OF(parts));
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, parts[i]));
    }
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(bare(ledger, type, cases[i].more) != 0);
        assert_int_equal(ledger->faults.count, 1);
        assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
    }
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(ledger_count(ledger, "risk/"), 0);
}

static void D12_risk_reported(void **state)
{
    (void)state;
    static const char *const types[] = {"grant.suspend", "grant.terminate"};
    char key[100], risk[sizeof id];
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
        check_report(ledger, types[i]);
        /* 区府办 hears of it, suspended or not: the center spares itself nothing that way. */
        ledger_must(ledger, CENTER "/admin", "member.suspend",
                    "{'member':'" SUPERVISOR "','acts_on':'%s','reason':'整改'," NO_RISK "}",
                    ledger_version(ledger, "member/" SUPERVISOR));
        check_report(ledger, types[i]);
        assert_int_equal(bare(ledger, types[i], "," RISK_REPORT), 0);
        memcpy(risk, ledger->txid, sizeof risk);
        (void)snprintf(key, sizeof key, "risk/%s", risk);
        assert_true(ledger_act_is(ledger, 0, key, "risk-reported"));
        assert_string_equal(
            doc_get_text(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "member"), SUPERVISOR);
        assert_string_equal(ledger_text(ledger, key, "status"), "reported");
        assert_string_equal(ledger_text(ledger, key, "grant"), id);
        assert_string_equal(ledger_text(ledger, key, "act"), types[i]);
        assert_string_equal(ledger_text(ledger, key, "consumer"), BETA);
        assert_string_equal(ledger_text(ledger, key, "statement"), "密钥外泄");
        ledger_must(ledger, CENTER "/admin", "member.restore",
                    "{'member':'" SUPERVISOR "','acts_on':'%s','reason':'整改完毕'}",
                    ledger_version(ledger, "member/" SUPERVISOR));
        assert_int_equal(handle(ledger, CENTER "/review", risk), ERR_PARTY);
        assert_int_equal(handle(ledger, ALPHA "/approve", risk), ERR_PARTY);
        assert_int_equal(handle(ledger, SUPERVISOR "/approve", risk), 0);
        assert_string_equal(ledger_text(ledger, key, "handling.by"), SUPERVISOR);
        assert_int_equal(handle(ledger, SUPERVISOR "/approve", risk), ERR_STATUS);
        ledger_close(&ledger);
    }
}

/* 报送…区府办处理: whoever supervises does not handle the risk about its own use; where there is no
 * other, the center files what the authority found. */
static void D12_risk_own_use(void **state)
{
    (void)state;
    char risk[sizeof id];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask_by(ledger, id, SUPERVISOR, "E1", NULL), 0);
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s'," APPROVED "}", id,
                ledger_version(ledger, "request/%s", id));
    assert_int_equal(bare(ledger, "grant.suspend", "," RISK_REPORT), 0);
    memcpy(risk, ledger->txid, sizeof risk);
    assert_int_equal(handle(ledger, SUPERVISOR "/approve", risk), ERR_PARTY);
    ledger_admit_as(ledger, "supervisor");
    ledger_member(ledger, "member.suspend", NEWCOMER); /* waited for: the center makes no room */
    assert_int_equal(handle(ledger, CENTER "/review", risk), ERR_PARTY);
    assert_int_equal(handle(ledger, SUPERVISOR "/approve", risk), ERR_PARTY);
    ledger_member(ledger, "member.restore", NEWCOMER);
    assert_int_equal(handle(ledger, ALPHA "/approve", risk), ERR_PARTY);
    assert_int_equal(handle(ledger, NEWCOMER "/approve", risk), 0);
    assert_int_equal(bare(ledger, "grant.terminate", "," RISK_REPORT), 0);
    memcpy(risk, ledger->txid, sizeof risk);
    ledger_member(ledger, "member.remove", NEWCOMER);
    assert_int_equal(handle(ledger, SUPERVISOR "/approve", risk), ERR_PARTY);
    assert_int_equal(handle(ledger, CENTER "/review", risk), 0);
    ledger_close(&ledger);
}

/* Where no supervisor is a member the report goes off the ledger, and the center files what came of
 * it. Documents that know no such report have none. */
static void D12_risk_reported_elsewhere(void **state)
{
    (void)state;
    char risk[sizeof id];
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" SUPERVISOR "'],'reason':'机构撤并'}");
    ledger_blocks(ledger, 2);
    ledger_must(ledger, CENTER "/admin", "member.remove",
                "{'member':'" SUPERVISOR "','acts_on':'%s','reason':'机构撤并'," NO_RISK "}",
                ledger_version(ledger, "member/" SUPERVISOR));
    size_t acts = doc_count(ledger->acts);
    assert_int_equal(bare(ledger, "grant.suspend", "," RISK_REPORT), ERR_SUPERVISOR);
    assert_int_equal(bare(ledger, "grant.suspend", PAPER_TO("区委网信办")), 0);
    assert_int_equal(doc_count(ledger->acts), acts);
    memcpy(risk, ledger->txid, sizeof risk);
    assert_int_equal(handle(ledger, ALPHA "/approve", risk), ERR_PARTY);
    assert_int_equal(handle(ledger, CENTER "/review", risk), 0);
    ledger_close(&ledger);
    static const char *const profiles[] = {"changning", "shanghai-open"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        ledger = granted(profiles[i], "2026-01-15T10:00:00+08:00", NULL);
        assert_int_equal(bare(ledger, "grant.suspend", ""), 0);
        assert_int_equal(bare(ledger, "grant.terminate", ""), 0);
        assert_int_equal(ledger_count(ledger, "risk/"), 0);
        ledger_close(&ledger);
    }
}

/* ---- the larger hammer: the member, or its gateway's key ---- */

#define PAPER "'papers':'00000000000000000000000000000000000000000000000000000000000000fe'"

/* By the center's admin, on this record; a key is BETA's. */
static int stop(struct ledger *ledger, const char *type, const char *of, const char *more)
{
    bool key = strncmp(type, "key.", 4) == 0;
    return ledger_do(ledger, CENTER "/admin", type,
                     key ? "{'member':'" BETA "','name':'%s','acts_on':'%s','reason':'外泄'%s}"
                         : "{'member':'%s','acts_on':'%s','reason':'外泄'%s}",
                     of, ledger_version(ledger, key ? "key/" BETA "/%s" : "member/%s", of), more);
}

/* The report is owed unless the act says what else it is for, and shows it. */
static void check_cause(struct ledger *ledger, const char *type, const char *of)
{
    static const char *const owed[] = {"", ",'cause':'risk'"};
    static const char *const wrong[] = {"papers", "papers", "authority"};
    static const char *const more[] = {",'cause':'order'", "," PAPER "," RISK_REPORT,
                                       ",'cause':'request'," PAPER ",'authority':'区委网信办'"};
    static const int errors[] = {ERR_FIELD_MISSING, ERR_FIELD_UNKNOWN, ERR_FIELD_UNKNOWN};
    for (size_t i = 0; i < COUNT_OF(owed); i++) {
        assert_int_equal(stop(ledger, type, of, owed[i]), ERR_FIELD_MISSING);
        assert_int_equal(ledger->faults.count, 3);
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "authority"));
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "document"));
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "supervisors"));
    }
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        assert_int_equal(stop(ledger, type, of, more[i]), errors[i]);
        assert_int_equal(ledger->faults.count, 1);
        assert_true(ledger_fault(ledger, errors[i], wrong[i]));
    }
}

static void D12_risk_of_a_member(void **state)
{
    (void)state;
    static const struct {
        const char *type, *of;
    } stops[] = {
        {"key.suspend", "gateway"},
        {"member.suspend", BETA},
        {"member.remove", BETA},
    };
    char key[100];
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" BETA "'],'reason':'机构撤并'}");
    ledger_blocks(ledger, 3);
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        check_cause(ledger, stops[i].type, stops[i].of);
        assert_int_equal(stop(ledger, stops[i].type, stops[i].of, "," RISK_REPORT), 0);
        (void)snprintf(key, sizeof key, "risk/%s", ledger->txid);
        assert_string_equal(ledger_text(ledger, key, "status"), "reported");
        assert_string_equal(ledger_text(ledger, key, "act"), stops[i].type);
        assert_string_equal(ledger_text(ledger, key, "member"), BETA);
        assert_string_equal(ledger_text(ledger, key, "statement"), "外泄");
        assert_true(ledger_act_is(ledger, 0, key, "risk-reported"));
        assert_int_equal(handle(ledger, CENTER "/review", ledger->txid), ERR_PARTY);
    }
    assert_int_equal(ledger_count(ledger, "risk/"), 3);
    ledger_admit_as(ledger, "supervisor"); /* nobody handles the risk about itself */
    assert_int_equal(stop(ledger, "member.suspend", SUPERVISOR, "," RISK_REPORT), 0);
    char risk[sizeof id];
    memcpy(risk, ledger->txid, sizeof risk);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(handle(ledger, SUPERVISOR "/approve", risk), ERR_PARTY);
    assert_int_equal(handle(ledger, CENTER "/review", risk), ERR_PARTY);
    assert_int_equal(handle(ledger, NEWCOMER "/approve", risk), 0);
    ledger_close(&ledger);
}

/* 整改, 撤并, the member's own wish; another key than the gateway's; a chief's own act; and
 * documents that know no report: nothing is owed. */
static void D12_no_risk_of_a_member(void **state)
{
    (void)state;
    static const char *const causes[] = {"order", "request", "succession"};
    char more[200];
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    for (size_t i = 0; i < COUNT_OF(causes); i++) {
        (void)snprintf(more, sizeof more, ",'cause':'%s'," PAPER, causes[i]);
        assert_int_equal(stop(ledger, "member.suspend", BETA, more), 0);
        ledger_member(ledger, "member.restore", BETA);
    }
    assert_int_equal(stop(ledger, "key.suspend", "compile", ""), 0);
    static const char *const own[] = {"", ",'cause':'request'", ("," PAPER)};
    for (size_t i = COUNT_OF(own); i-- > 0;) {
        assert_int_equal(ledger_do(ledger, BETA "/chief", "key.suspend",
                                   "{'name':'gateway','acts_on':'%s','reason':'遗失'%s}",
                                   ledger_version(ledger, "key/" BETA "/gateway"), own[i]),
                         i == 0 ? 0 : ERR_PARTY);
    }
    assert_int_equal(ledger_count(ledger, "risk/"), 0);
    ledger_close(&ledger);
    ledger = granted("changning", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(stop(ledger, "key.suspend", "gateway", ""), 0);
    assert_int_equal(stop(ledger, "member.suspend", BETA, ""), 0);
    assert_int_equal(ledger_count(ledger, "risk/"), 0);
    ledger_close(&ledger);
}

/* PT 20: a provider says no with its law, in its answer and in time; PT 31 gives suspension and
 * termination to the center. Whatever gave the grant: the answer, silence, a ruling; and CN 16:
 * 各单位不得拒绝. A notice of risk is told, and withholds nothing by the provider's word. */
static void D12_provider_undoes_nothing(void **state)
{
    (void)state;
    static const char *const profiles[] = {"putuo", "changning", "shanghai-open"};
    static const char *const acts[] = {"grant.suspend", "grant.restore", "grant.terminate"};
    static const char *const keys[] = {ALPHA "/approve", ALPHA "/review", ALPHA "/chief"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = granted(profiles[i], "2026-01-15T10:00:00+08:00", NULL);
        for (size_t a = 0; a < COUNT_OF(acts) * COUNT_OF(keys); a++) {
            /* With no report: that is the center's too. */
            int error = ledger_do(ledger, keys[a / COUNT_OF(acts)], acts[a % COUNT_OF(acts)],
                                  "{'grant':'%s','acts_on':'%s','reason':'不便提供'}", id,
                                  ledger_version(ledger, "grant/%s", id));
            assert_true(error == ERR_PARTY || error == ERR_TX_ROLE);
        }
        assert_string_equal(text(ledger, "status"), "active");
        assert_int_equal(use(ledger, "access.open"), 0);
        ledger_close(&ledger);
    }
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
#define RISK                                                                                       \
    "{'kind':'risk','provider':'" ALPHA "','entry':'E1','grant':'%s','papers':" REPLY              \
    ",'summary':'数据可能外流'%s}"
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "notice.file", RISK, id, ",'hold':true"),
                     ERR_PARTY);
    assert_true(ledger_fault(ledger, ERR_PARTY, "hold"));
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "notice.file", RISK, id, ""), 0);
    memcpy(notice, ledger->txid, sizeof notice);
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "notice.hold",
                               "{'notice':'%s','acts_on':'%s','reason':'不便提供'}", notice,
                               ledger_version(ledger, "notice/%s", notice)),
                     ERR_PARTY);
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "notice.resolve",
                               "{'notice':'%s','acts_on':'%s','outcome':'withdraw',"
                               "'finding':'不便提供','reply':" REPLY "}",
                               notice, ledger_version(ledger, "notice/%s", notice)),
                     ERR_PARTY);
    assert_int_equal(use(ledger, "access.open"), 0);
    settle_notice(ledger);
    ledger_close(&ledger);
}

static void D12_consumer_ends(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(act(ledger, ALPHA "/compile", "grant.end", ""), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/compile", "grant.end", ""), 0);
    assert_string_equal(text(ledger, "status"), "ended");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    ledger_close(&ledger);
}
