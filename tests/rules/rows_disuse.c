/* Grants that nobody uses, by the clause: PT 17, PT 26. Instants are worked out by hand: a term of
 * months ends with the day of the same number, one of days counts from the day after. */
#include "rows_grants.h"

static int use_at_most(struct ledger *ledger, int rows_max)
{
    return ledger_do(ledger, BETA "/gateway", "access.open",
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':"
                     "'gateway','purpose':'一网通办：社会组织登记核验','method':'service',"
                     "'parameters':"
                     "'00000000000000000000000000000000000000000000000000000000000000aa',"
                     "'rows_max':%d}",
                     id, ledger_version(ledger, "grant/%s", id), rows_max);
}

static void D11_disuse_suspends(void **state)
{
    (void)state;
    static const struct {
        const char *since, *end, *objections_end;
    } cases[] = {
        /* The last day is Wednesday 15 April; 16 April and 30 days: the last is Friday 15 May. */
        {"2026-01-15T10:00:00+08:00", "2026-04-16T00:00:00+08:00", "2026-05-17T00:00:00+08:00"},
        /* April has no 31st: the last day is Thursday 30 April. 1 May + 30: Sunday 31 May. */
        {"2026-01-31T23:59:59.999+08:00", "2026-05-01T00:00:00+08:00", "2026-06-01T00:00:00+08:00"},
        /* A day begins at Beijing's midnight: 1 February, so the last day is 1 May. */
        {"2026-02-01T00:00:00+08:00", "2026-05-02T00:00:00+08:00", "2026-06-02T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = granted("putuo", cases[i].since, NULL);
        becomes_at(ledger, "active", cases[i].end, "suspended");
        assert_true(ledger_act_is(ledger, 0, subject, "suspended-unused"));
        const struct doc *notice = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
        assert_string_equal(doc_get_text(notice, "clause"), "PT 26");
        assert_int_equal(doc_get_int(notice, "due_ms", 0), at(cases[i].objections_end));
        assert_string_equal(text(ledger, "holds.disuse.clause"), "PT 26");
        assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
        assert_true(ledger_fault(ledger, ERR_NOT_GRANTED, "grant.status.suspended"));
        ledger_close(&ledger);
    }
    /* 长宁 knows no such rule. */
    struct ledger *ledger = granted("changning", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-06-16T00:00:00+08:00");
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), ERR_POLICY);
    ledger_close(&ledger);
}

static void D11_use_moves_the_term(void **state)
{
    (void)state;
    static const char *const types[] = {"access.open", "access.batch"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
        ledger_at(ledger, "2026-04-15T23:59:59.999+08:00"); /* the last moment */
        AUTO(doc_free) struct doc *version = doc_new_text(text(ledger, "version"));
        assert_int_equal(use(ledger, types[i]), 0);
        assert_int_equal(ledger->writes, 3); /* the day's usage, the open, by what was called */
        assert_int_equal(give_data(ledger), 0);
        assert_int_equal(ledger->writes, 5);
        assert_string_equal(text(ledger, "version"), doc_text(version)); /* nobody acted on it */
        assert_int_equal(use(ledger, types[i]), 0); /* again that day: the term stays */
        assert_int_equal(ledger->writes, 2);
        assert_int_equal(give_data(ledger), 0);
        assert_int_equal(ledger->writes, 2);
        /* The last day is Wednesday 15 July. */
        becomes_at(ledger, "active", "2026-07-16T00:00:00+08:00", "suspended");
        ledger_close(&ledger);
    }
}

/* 未发生数据调用: an access that says itself that it takes nothing is no use of the data. */
static void D11_a_call_carries_data(void **state)
{
    (void)state;
    static const struct {
        int rows_max, error;
        const char *end;
    } cases[] = {
        /* The last day is Wednesday 15 April. */
        {0, ERR_FIELD_RANGE, "2026-04-16T00:00:00+08:00"},
        /* From 15 April: the last day is Wednesday 15 July. */
        {1, 0, "2026-07-16T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
        ledger_at(ledger, "2026-04-15T10:00:00+08:00");
        assert_int_equal(use_at_most(ledger, cases[i].rows_max), cases[i].error);
        assert_true(cases[i].error == 0 ? give_data(ledger) == 0
                                        : ledger_fault(ledger, cases[i].error, "rows_max"));
        becomes_at(ledger, "active", cases[i].end, "suspended");
        ledger_close(&ledger);
    }
}

/* Opens an access at this time, and remembers it. */
static void open_at(struct ledger *ledger, char open[sizeof id], const char *time)
{
    ledger_at(ledger, time);
    assert_int_equal(use(ledger, "access.open"), 0);
    memcpy(open, ledger->txid, sizeof id);
}

/* 未发生数据调用: what was given was called, by the word of who gave it or of who got it, so that
 * neither silence nor a "failed" of the provider ends a grant that is used; what failed was not. */
static void D11_a_use_is_given(void **state)
{
    (void)state;
    static const struct {
        const char *side, *result, *end;
    } cases[] = {
        /* From 15 January: the last day is Wednesday 15 April. */
        {NULL, NULL, "2026-04-16T00:00:00+08:00"},
        {"consumer", "failed", "2026-04-16T00:00:00+08:00"},
        {"provider", "failed", "2026-04-16T00:00:00+08:00"},
        /* From Tuesday 10 February: the last day is Sunday 10 May. */
        {"provider", "complete", "2026-05-11T00:00:00+08:00"},
        {"provider", "partial", "2026-05-11T00:00:00+08:00"},
        {"provider", "empty", "2026-05-11T00:00:00+08:00"}, /* asked for, and there was none */
        {"consumer", "complete", "2026-05-11T00:00:00+08:00"},
        {"consumer", "empty", "2026-05-11T00:00:00+08:00"},
    };
    char open[sizeof id];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
        open_at(ledger, open, "2026-02-10T09:00:00+08:00");
        if (cases[i].side != NULL) {
            assert_int_equal(receipt(ledger, open, cases[i].side, cases[i].result), 0);
        }
        becomes_at(ledger, "active", cases[i].end, "suspended");
        ledger_close(&ledger);
    }
    /* The provider says that it failed, the consumer that it came: a call, and a mismatch. */
    struct ledger *disputed = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    open_at(disputed, open, "2026-02-10T09:00:00+08:00");
    assert_int_equal(receipt(disputed, open, "provider", "failed"), 0);
    assert_int_equal(receipt(disputed, open, "consumer", "complete"), 0);
    assert_non_null(ledger_get(disputed, "mismatch/%s", open));
    becomes_at(disputed, "active", "2026-05-11T00:00:00+08:00", "suspended");
    ledger_close(&disputed);
    /* Of the day on which it was opened, however late the receipt; no older one takes days away:
     * from 1 March, the last day is Monday 1 June. */
    char later[sizeof id];
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    open_at(ledger, open, "2026-02-10T09:00:00+08:00");
    open_at(ledger, later, "2026-03-01T09:00:00+08:00");
    ledger_at(ledger, "2026-04-15T23:59:59.999+08:00");
    assert_int_equal(receipt(ledger, later, "provider", "complete"), 0);
    assert_int_equal(receipt(ledger, open, "provider", "complete"), 0);
    becomes_at(ledger, "active", "2026-06-02T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
}

/* A receipt after the suspension shows that it was used: what the suspension rested on was not so.
 * One that shows a use too long ago changes nothing. */
static void D11_use_shown_late(void **state)
{
    (void)state;
    char open[sizeof id], first[sizeof id];
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    open_at(ledger, first, "2026-01-15T11:00:00+08:00");
    open_at(ledger, open, "2026-04-15T23:59:59.999+08:00");
    ledger_at(ledger, "2026-04-16T00:00:05+08:00");
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(receipt(ledger, first, "provider", "complete"), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    AUTO(doc_free) struct doc *version = doc_new_text(text(ledger, "version"));
    assert_int_equal(receipt(ledger, open, "provider", "complete"), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_string_not_equal(text(ledger, "version"), doc_text(version));
    assert_true(ledger_act_is(ledger, 0, subject, "use-shown"));
    assert_string_equal(doc_get_text(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "clause"),
                        "PT 26");
    assert_int_equal(ledger_due(ledger, "objection"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    /* From 15 April: the last day is Wednesday 15 July. */
    becomes_at(ledger, "active", "2026-07-16T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* Opened on 16 January, given in what would have been the last moment: from that day the last
     * one is 16 April. */
    static const struct {
        const char *time, *status;
    } cases[] = {{"2026-04-16T23:59:59.999+08:00", "active"},
                 {"2026-04-17T00:00:00+08:00", "suspended"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
        open_at(ledger, open, "2026-01-16T08:00:00+08:00");
        ledger_at(ledger, "2026-04-16T00:00:00+08:00");
        assert_string_equal(text(ledger, "status"), "suspended");
        ledger_at(ledger, cases[i].time);
        assert_int_equal(receipt(ledger, open, "provider", "complete"), 0);
        assert_string_equal(text(ledger, "status"), cases[i].status);
        ledger_at(ledger, "2026-04-17T00:00:00.001+08:00");
        assert_string_equal(text(ledger, "status"), "suspended");
        ledger_close(&ledger);
    }
    /* What the center holds besides stays so, and what has ended has ended. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    open_at(ledger, open, "2026-04-15T12:00:00+08:00");
    open_at(ledger, first, "2026-04-15T13:00:00+08:00");
    ledger_at(ledger, "2026-04-16T09:00:00+08:00");
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend", ""), 0);
    assert_int_equal(receipt(ledger, open, "provider", "complete"), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_string_equal(text(ledger, "holds.disuse.clause"), "");
    assert_int_equal(ledger_due(ledger, "disuse"), 0);
    assert_int_equal(act(ledger, CENTER "/review", "grant.terminate", ""), 0);
    assert_int_equal(receipt(ledger, first, "provider", "complete"), 0);
    assert_string_equal(text(ledger, "status"), "terminated");
    assert_int_equal(ledger_due(ledger, "disuse"), 0);
    ledger_close(&ledger);
}

/* PT 17 lets a reason stand for less use than every three months: for as little as was declared. */
static void D11_reason_on_record(void **state)
{
    (void)state;
    static const struct {
        const char *frequency, *end;
    } cases[] = {
        /* Twice a year: excused to 15 July, and three months: the last day is 15 October. */
        {"{'frequency':{'times':2,'per':'year','reason':'半年核验一次'}}",
         "2026-10-16T00:00:00+08:00"},
        /* Three times: four months, to 15 May; the last day is 15 August. */
        {"{'frequency':{'times':3,'per':'year','reason':'按学期核验'}}",
         "2026-08-16T00:00:00+08:00"},
        /* Not less than the policy's: there is nothing to excuse. The last day is 15 April. */
        {"{'frequency':{'times':4,'per':'year','reason':'按季核验'}}", "2026-04-16T00:00:00+08:00"},
        {"{'frequency':{'times':10,'per':'month','reason':'日常核验'}}",
         "2026-04-16T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", cases[i].frequency);
        becomes_at(ledger, "active", cases[i].end, "suspended");
        assert_true(ledger_act_is(ledger, 0, subject, "suspended-unused"));
        ledger_close(&ledger);
    }
    /* Used on 10 February: excused to 10 June, the last day is 10 September. */
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", cases[1].frequency);
    assert_string_equal(text(ledger, "idle_reason"), "按学期核验");
    ledger_at(ledger, "2026-02-10T09:00:00+08:00");
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(give_data(ledger), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(give_data(ledger), 0); /* again that day: the term stays */
    assert_int_equal(ledger->writes, 2);
    becomes_at(ledger, "active", "2026-09-11T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* Once a year, and it lasts to the end of the year: nothing runs out before. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00",
                     "{'frequency':{'times':1,'per':'year','reason':'年度检查时核验一次'}}");
    becomes_at(ledger, "active", "2027-01-01T00:00:00+08:00", "expired");
    ledger_close(&ledger);
}

static void D11_objection_stops(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-05-16T23:59:59.999+08:00"); /* the last of the thirty days */
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(act(ledger, GAMMA "/compile", "grant.object", ""), ERR_PARTY);
    assert_int_equal(ledger_do(ledger, BETA "/compile", "grant.object",
                               "{'grant':'%s','acts_on':'%s','reason':'　　——'}", id,
                               ledger_version(ledger, "grant/%s", id)),
                     ERR_FIELD_BLANK); /* 未提供依据和理由 */
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_string_equal(text(ledger, "objection.reason"), "试验理由");
    assert_int_equal(use(ledger, "access.open"), 0);
    /* Anew from 16 May: the last day is Sunday 16 August. A reason filed on it beforehand counts
     * from that day: the last is Monday 16 November. */
    ledger_at(ledger, "2026-08-16T12:00:00+08:00");
    assert_int_equal(act(ledger, BETA "/chief", "grant.object", ""), 0);
    becomes_at(ledger, "active", "2026-11-17T00:00:00+08:00", "suspended");
    /* The center may lift it as well. */
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(ledger_count(ledger, "due/"), 2); /* expiry and disuse; no objection's */
    ledger_close(&ledger);
}

static void D11_silence_terminates(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    becomes_at(ledger, "suspended", "2026-05-17T00:00:00+08:00", "terminated");
    assert_true(ledger_act_is(ledger, 0, subject, "terminated"));
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), ERR_STATUS);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), ERR_STATUS);
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    /* 重新提出共享需求申请. */
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
}

static void member(struct ledger *ledger, const char *type, const char *member)
{
    ledger_member(ledger, type, member);
}

static void D11_silent_because_barred(void **state)
{
    (void)state;
    /* Nothing can be called from a provider that may not act: 16 January to 14 April are over, one
     * day is left after its return on Thursday 16 April, the 17th. */
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-15T10:00:00+08:00");
    member(ledger, "member.suspend", ALPHA);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    member(ledger, "member.restore", ALPHA);
    becomes_at(ledger, "active", "2026-04-18T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* One that was removed is not waited for, and nothing could be used on the last day: from 16
     * April anew, the last day is Thursday 16 July. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-15T10:00:00+08:00");
    ledger_take_out(ledger, ALPHA);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    member(ledger, "member.restore", ALPHA);
    becomes_at(ledger, "active", "2026-07-17T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* The consumer's clock stands: 16 January to 14 April are over, one day is left after its
     * return on Monday 20 April, the 21st. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-15T10:00:00+08:00");
    member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-04-20T10:00:00+08:00");
    member(ledger, "member.restore", BETA);
    becomes_at(ledger, "active", "2026-04-22T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* The consumer may not object from 16 April on; all thirty days are left after 17 May, the last
     * is Tuesday 16 June. The provider's suspension hinders nobody from objecting. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-05-17T00:00:00+08:00");
    member(ledger, "member.restore", BETA);
    member(ledger, "member.suspend", ALPHA);
    becomes_at(ledger, "suspended", "2026-06-17T00:00:00+08:00", "terminated");
    ledger_close(&ledger);
    /* Excused until 15 July, the three months end on 15 October; a calendar that comes while the
     * consumer is suspended, in January, takes nothing of them. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00",
                     "{'frequency':{'times':2,'per':'year','reason':'半年核验一次'}}");
    ledger_at(ledger, "2026-01-16T10:00:00+08:00");
    member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-01-19T10:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2027,'off':['2027-01-01'],'work':[],'source':'试验'}");
    ledger_at(ledger, "2026-01-20T10:00:00+08:00");
    member(ledger, "member.restore", BETA);
    becomes_at(ledger, "active", "2026-10-16T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
}
