/* Supervision, by the clause: PT 29, 32; CN 26; OPEN 30, 32. */
#include "matters.h"

#include <inttypes.h>

/* ---- cases ---- */

static int open_case(struct ledger *ledger, const char *kid, const char *member, const char *more)
{
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{'member':'%s','kind':'off-purpose','statement':'用于其他场景'%s}", member,
                   more);
    return begin(ledger, kid, "case.open", body);
}

static int find_with(struct ledger *ledger, const char *kid, const char *finding, const char *with)
{
    char more[400];
    (void)snprintf(more, sizeof more,
                   "'finding':'%s','rule':'实施细则第三十二条','statement':'经核查'%s", finding,
                   with);
    return step(ledger, kid, "case.find", "case", more);
}

static int find(struct ledger *ledger, const char *kid, const char *finding)
{
    return find_with(ledger, kid, finding, "," PAPERS);
}

/* OPEN 29: 数据开放主体…可以对数据利用情况进行抽查: by the grant that it gave. */
static void inspect(struct ledger *ledger)
{
    char more[200];
    (void)snprintf(more, sizeof more, ",'source':'inspection','grant':'%s'", id);
    assert_int_equal(open_case(ledger, ALPHA "/compile", ALPHA, more), ERR_PARTY);
    assert_int_equal(open_case(ledger, GAMMA "/compile", BETA, more), ERR_PARTY);
    assert_int_equal(open_case(ledger, BETA "/compile", BETA, more), ERR_PARTY);
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, more), 0);
    assert_int_equal(ledger_policy(ledger, "feedback", "null"), 0); /* other documents */
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, more), ERR_PARTY);
}

static void D13_report_by_anyone(void **state)
{
    (void)state;
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(open_case(ledger, CENTER "/review", BETA, ",'source':'report'"),
                     ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "papers"));
    assert_int_equal(open_case(ledger, CENTER "/review", BETA, ",'source':'report'," PAPERS), 0);
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'report'," PAPERS), 0);
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'inspection'"),
                     ERR_PARTY);
    assert_int_equal(open_case(ledger, SUPERVISOR "/review", BETA, ",'source':'inspection'"), 0);
    inspect(ledger);
    assert_int_equal(open_case(ledger, BETA "/compile", NEWCOMER, ",'source':'own'"), ERR_SUBJECT);
    char more[200];
    (void)snprintf(more, sizeof more, ",'source':'own','grant':'%s'", id);
    assert_int_equal(open_case(ledger, ALPHA "/compile", GAMMA, more), ERR_SUBJECT);
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, more), 0);
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'own','entry':'E1'"),
                     ERR_FIELD_MISSING);
    ledger_close(&ledger);
}

static void D13_finding(void **state)
{
    (void)state;
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'own'"), 0);
    assert_int_equal(find(ledger, ALPHA "/approve", "violation"), ERR_PARTY);
    assert_int_equal(find(ledger, CENTER "/approve", "violation"), ERR_PARTY);
    /* 市经济信息化部门: the center takes part, and does not say it alone. */
    assert_int_equal(find(ledger, CENTER "/review", "violation"), ERR_PARTY);
    assert_true(ledger_fault(ledger, ERR_PARTY, "case"));
    assert_int_equal(find(ledger, SUPERVISOR "/compile", "violation"), ERR_TX_ROLE);
    assert_int_equal(find(ledger, SUPERVISOR "/review", "violation"), 0);
    assert_string_equal(status(ledger, "case"), "found");
    assert_int_equal(find(ledger, SUPERVISOR "/approve", "none"), ERR_STATUS);
    /* Nobody is its own judge: there the center stands in. */
    assert_int_equal(open_case(ledger, ALPHA "/compile", SUPERVISOR, ",'source':'own'"), 0);
    assert_int_equal(find(ledger, SUPERVISOR "/review", "none"), ERR_PARTY);
    assert_int_equal(find(ledger, CENTER "/review", "none"), 0);
    assert_string_equal(status(ledger, "case"), "dismissed");
    ledger_close(&ledger);
}

/* 会同市大数据中心和数据开放主体: the joint record stands behind a violation; where there was none,
 * there is nothing to record. */
static void D13_recorded_jointly(void **state)
{
    (void)state;
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'own'"), 0);
    assert_int_equal(find_with(ledger, SUPERVISOR "/review", "violation", ""), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "papers"));
    assert_int_equal(find_with(ledger, SUPERVISOR "/review", "violation", "," PAPERS), 0);
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'own'"), 0);
    assert_int_equal(find_with(ledger, SUPERVISOR "/review", "none", ""), 0);
    ledger_close(&ledger);
}

/* CN 25, PT 31, 32 name nobody for it: the center, or the supervisor, alone. */
static void D13_found_by_either(void **state)
{
    (void)state;
    static const char *const profiles[] = {"putuo", "changning"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = granted(profiles[i]);
        assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'own'"), 0);
        assert_int_equal(find_with(ledger, ALPHA "/approve", "violation", ""), ERR_PARTY);
        assert_int_equal(find_with(ledger, CENTER "/review", "violation", ""), 0);
        assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'own'"), 0);
        assert_int_equal(find_with(ledger, SUPERVISOR "/approve", "violation", ""), 0);
        ledger_close(&ledger);
    }
}

/* ---- measures ---- */

static char found[ID_CHARS];

static void find_violation(struct ledger *ledger, const char *member)
{
    char more[200] = ",'source':'own'";
    if (strcmp(member, BETA) == 0) { /* by the use of what ALPHA gives */
        (void)snprintf(more, sizeof more, ",'source':'own','grant':'%s'", id);
    }
    assert_int_equal(open_case(ledger, CENTER "/review", member, more), 0);
    assert_int_equal(find(ledger, SUPERVISOR "/review", "violation"), 0);
    memcpy(found, matter, sizeof found);
}

static int impose(struct ledger *ledger, const char *kid, const char *measure, const char *more)
{
    char body[600];
    (void)snprintf(body, sizeof body, "{'case':'%s','measure':'%s','reason':'超出场景使用'%s}",
                   found, measure, more);
    return begin(ledger, kid, "measure.impose", body);
}

static int lift(struct ledger *ledger, const char *kid)
{
    return step(ledger, kid, "measure.lift", "measure", "'reason':'已改正'");
}

static void D13_access_closed(void **state)
{
    (void)state;
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(open_case(ledger, CENTER "/review", BETA, ",'source':'own'"), 0);
    memcpy(found, matter, sizeof found);
    assert_int_equal(impose(ledger, CENTER "/review", "close", ""), ERR_STATUS);
    find_violation(ledger, BETA);
    assert_int_equal(impose(ledger, BETA "/approve", "close", ""), ERR_PARTY);
    assert_int_equal(impose(ledger, ALPHA "/review", "close", ""), ERR_PARTY);
    assert_int_equal(impose(ledger, CENTER "/review", "close", ",'calls_per_day':1"),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(impose(ledger, CENTER "/review", "close", ""), 0);
    char center[ID_CHARS];
    memcpy(center, matter, sizeof center);
    assert_int_equal(use(ledger, PURPOSE, 1), ERR_ACCESS_CLOSED);
    /* The case is about what ALPHA gives, none of GAMMA's duties. */
    assert_int_equal(impose(ledger, GAMMA "/approve", "close", ""), ERR_PARTY);
    assert_int_equal(impose(ledger, ALPHA "/approve", "close", ""), 0);
    assert_int_equal(lift(ledger, GAMMA "/approve"), ERR_PARTY);
    assert_int_equal(lift(ledger, ALPHA "/approve"), 0);
    assert_string_equal(status(ledger, "measure"), "lifted");
    memcpy(matter, center, sizeof center);
    assert_int_equal(lift(ledger, ALPHA "/approve"), ERR_PARTY);
    assert_int_equal(use(ledger, PURPOSE, 1), ERR_ACCESS_CLOSED);
    assert_int_equal(lift(ledger, SUPERVISOR "/approve"), 0);
    assert_int_equal(use(ledger, PURPOSE, 1), 0);
    char more[200];
    (void)snprintf(more, sizeof more, ",'grant':'%s'", id);
    assert_int_equal(impose(ledger, GAMMA "/approve", "close", more), ERR_PARTY);
    assert_int_equal(impose(ledger, ALPHA "/approve", "close", more), 0);
    assert_int_equal(use(ledger, PURPOSE, 1), ERR_ACCESS_CLOSED);
    ledger_close(&ledger);
    ledger = granted("putuo"); /* PT 31 suspends and terminates grants; it knows no measures */
    find_violation(ledger, BETA);
    assert_int_equal(impose(ledger, CENTER "/review", "close", ""), ERR_POLICY);
    ledger_close(&ledger);
}

static void D13_access_limited(void **state)
{
    (void)state;
    struct ledger *ledger = granted("shanghai-open");
    find_violation(ledger, BETA);
    assert_int_equal(impose(ledger, CENTER "/review", "limit", ""), ERR_FIELD_MISSING);
    assert_int_equal(
        impose(ledger, CENTER "/review", "limit", ",'calls_per_day':5,'until':'2026-03-01'"),
        ERR_FIELD_RANGE);
    assert_int_equal(
        impose(ledger, CENTER "/review", "limit", ",'calls_per_day':5,'until':'2026-03-04'"), 0);
    assert_int_equal(
        impose(ledger, ALPHA "/approve", "limit", ",'calls_per_day':3,'until':'2026-03-03'"), 0);
    assert_int_equal(use(ledger, PURPOSE, 4), ERR_QUOTA);
    assert_int_equal(use(ledger, PURPOSE, 3), 0);
    assert_int_equal(use(ledger, PURPOSE, 1), ERR_QUOTA);
    ledger_at_ms(ledger, at("2026-03-04T00:00:00+08:00") - 1);
    assert_int_equal(use(ledger, PURPOSE, 4), ERR_QUOTA);
    ledger_at(ledger, "2026-03-04T00:00:00+08:00"); /* the provider's is over */
    char subject[100];
    (void)snprintf(subject, sizeof subject, "measure/%s", matter);
    assert_true(ledger_act_is(ledger, 0, subject, "measure-ended"));
    assert_string_equal(status(ledger, "measure"), "ended");
    assert_int_equal(lift(ledger, ALPHA "/approve"), ERR_STATUS);
    assert_int_equal(use(ledger, PURPOSE, 6), ERR_QUOTA);
    assert_int_equal(use(ledger, PURPOSE, 5), 0);
    ledger_at(ledger, "2026-03-05T00:00:00+08:00");
    assert_int_equal(use(ledger, PURPOSE, 6), 0);
    assert_int_equal(ledger_count(ledger, "restriction/"), 0);
    ledger_close(&ledger);
}

/* 在利用公共数据的过程中: not for what is wrong with its own catalog; by a provider, where the case
 * names what it gives. */
static void D13_measures_of_use_only(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        bool of_use;
    } kinds[] = {{"platform-rules", true}, {"unlawful-means", true},    {"infringement", true},
                 {"off-purpose", true},    {"passed-on", true},         {"loss-of-control", true},
                 {"other", true},          {"refusal-or-delay", false}, {"untrue-or-late", false},
                 {"neglect", false}};
    char body[600];
    struct ledger *ledger = granted("shanghai-open");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        (void)snprintf(body, sizeof body,
                       "{'member':'" BETA "','kind':'%s','statement':'经查','source':'own'}",
                       kinds[i].kind);
        assert_int_equal(begin(ledger, CENTER "/review", "case.open", body), 0);
        assert_int_equal(find(ledger, SUPERVISOR "/review", "violation"), 0);
        memcpy(found, matter, sizeof found);
        assert_int_equal(impose(ledger, CENTER "/review", "close", ""),
                         kinds[i].of_use ? 0 : ERR_SUBJECT);
        assert_int_equal(impose(ledger, ALPHA "/approve", "close", ""),
                         kinds[i].of_use ? ERR_PARTY : ERR_SUBJECT);
    }
    (void)snprintf(body, sizeof body,
                   "{'member':'" BETA "','kind':'passed-on','statement':'经查','source':'own',"
                   "'provider':'" ALPHA "','entry':'E1'}");
    assert_int_equal(begin(ledger, CENTER "/review", "case.open", body), 0);
    assert_int_equal(find(ledger, SUPERVISOR "/review", "violation"), 0);
    memcpy(found, matter, sizeof found);
    assert_int_equal(impose(ledger, ALPHA "/approve", "close", ""), 0);
    assert_int_equal(impose(ledger, GAMMA "/approve", "close", ""), ERR_PARTY);
    ledger_close(&ledger);
}

/* 限制或者关闭其数据获取权限: a measure against one grant is against this use of these data; a
 * second grant is no way round it. */
static void D13_measured_under_every_grant(void **state)
{
    (void)state;
    char more[200], first[ID_CHARS], reserve[ID_CHARS];
    struct ledger *ledger = granted("shanghai-open");
    memcpy(first, id, sizeof first);
    ledger_give_grant(ledger, reserve, NULL);
    find_violation(ledger, BETA);
    assert_int_equal(use(ledger, PURPOSE, 2), 0); /* calls before it was imposed count too */
    (void)snprintf(more, sizeof more, ",'grant':'%s','calls_per_day':5,'until':'2026-03-04'", id);
    assert_int_equal(impose(ledger, ALPHA "/approve", "limit", more), 0);
    assert_int_equal(use(ledger, PURPOSE, 1), 0);
    memcpy(id, reserve, sizeof id);
    assert_int_equal(use(ledger, PURPOSE, 3), ERR_QUOTA);
    assert_true(ledger_fault(ledger, ERR_QUOTA, "quota.calls_per_day"));
    assert_int_equal(use(ledger, PURPOSE, 1), 0);
    assert_int_equal(use(ledger, PURPOSE, 1), 0);
    ledger_give_grant(ledger, id, NULL);
    assert_int_equal(use(ledger, PURPOSE, 1), ERR_QUOTA);
    char second[ID_CHARS];
    memcpy(second, id, sizeof second);
    ledger_give_entry(ledger, "E2", "unconditional"); /* other data */
    assert_int_equal(ledger_ask(ledger, id, "E2", NULL), 0);
    assert_int_equal(use(ledger, PURPOSE, 6), 0);
    memcpy(id, second, sizeof id);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00"); /* another day */
    assert_int_equal(use(ledger, PURPOSE, 5), 0);
    memcpy(id, first, sizeof id);
    assert_int_equal(use(ledger, PURPOSE, 1), ERR_QUOTA);
    ledger_at(ledger, "2026-03-05T00:00:00+08:00"); /* it is over, and what was counted for it */
    assert_int_equal(use(ledger, PURPOSE, 6), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    (void)snprintf(more, sizeof more, ",'grant':'%s'", first);
    assert_int_equal(impose(ledger, CENTER "/review", "close", more), 0);
    memcpy(id, reserve, sizeof id);
    assert_int_equal(use(ledger, PURPOSE, 1), ERR_ACCESS_CLOSED);
    assert_int_equal(lift(ledger, CENTER "/review"), 0);
    assert_int_equal(use(ledger, PURPOSE, 1), 0);
    ledger_close(&ledger);
}

/* ---- orders, disclosures ---- */

static int order(struct ledger *ledger, const char *kid, const char *until)
{
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{'member':'" BETA "','kind':'untrue-or-late','requirement':'更新目录',"
                   "'until':'%s'}",
                   until);
    return begin(ledger, kid, "rectify.order", body);
}

#define DONE "'statement':'已更新目录'"
#define REVIEW "'statement':'经核查',"

static void D13_rectify_in_time(void **state)
{
    (void)state;
    struct ledger *ledger = granted("changning");
    assert_int_equal(order(ledger, ALPHA "/approve", "2026-03-10"), ERR_PARTY);
    assert_int_equal(ledger_do(ledger, CENTER "/review", "rectify.order",
                               "{'member':'" CENTER "','kind':'untrue-or-late','requirement':"
                               "'更新目录','until':'2026-03-10'}"),
                     ERR_SELF);
    assert_int_equal(order(ledger, CENTER "/review", "2026-03-01"), ERR_FIELD_RANGE);
    assert_int_equal(ledger->faults.item[0].bounds.low, 20514); /* 2026-03-02, since 1970 */
    assert_int_equal(ledger->faults.item[0].bounds.high, FAULT_OPEN);
    assert_int_equal(order(ledger, CENTER "/review", "2026-03-02"), 0); /* today is not over */
    assert_int_equal(order(ledger, CENTER "/review", "2026-03-10"), 0);
    assert_int_equal(step(ledger, ALPHA "/compile", "rectify.done", "rectification", DONE),
                     ERR_PARTY);
    ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
    assert_int_equal(step(ledger, BETA "/compile", "rectify.done", "rectification", DONE), 0);
    assert_false(doc_get_bool(ledger_get(ledger, "rectification/%s", matter), "late", false));
    assert_int_equal(step(ledger, CENTER "/review", "rectify.review", "rectification",
                          REVIEW "'decision':'return'"),
                     ERR_FIELD_MISSING);
    assert_int_equal(step(ledger, CENTER "/review", "rectify.review", "rectification",
                          REVIEW "'decision':'return','until':'2026-03-20'"),
                     0);
    assert_string_equal(status(ledger, "rectification"), "ordered");
    assert_int_equal(step(ledger, BETA "/chief", "rectify.done", "rectification", DONE), 0);
    assert_int_equal(step(ledger, SUPERVISOR "/approve", "rectify.review", "rectification",
                          REVIEW "'decision':'accept'"),
                     0);
    assert_string_equal(status(ledger, "rectification"), "accepted");
    ledger_close(&ledger);
    ledger = granted("shanghai-open");
    assert_int_equal(order(ledger, CENTER "/review", "2026-03-10"), ERR_POLICY);
    ledger_close(&ledger);
}

static void D13_rectify_overdue(void **state)
{
    (void)state;
    char subject[100];
    struct ledger *ledger = granted("changning");
    assert_int_equal(order(ledger, SUPERVISOR "/review", "2026-03-10"), 0);
    (void)snprintf(subject, sizeof subject, "rectification/%s", matter);
    size_t acts = doc_count(ledger->acts);
    ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), acts);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "rectify-overdue"));
    assert_string_equal(status(ledger, "rectification"), "ordered"); /* still to be done */
    assert_int_equal(step(ledger, BETA "/compile", "rectify.done", "rectification", DONE), 0);
    assert_true(doc_get_bool(ledger_get(ledger, "%s", subject), "late", false));
    ledger_close(&ledger);
}

static int publish(struct ledger *ledger, const char *kid, const char *kind, const char *ground)
{
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{'member':'" BETA
                   "','kind':'%s','title':'关于某单位的通报','text':'通报内容'%s}",
                   kind, ground);
    return begin(ledger, kid, "disclosure.publish", body);
}

static void D13_circular(void **state)
{
    (void)state;
    char ground[200];
    struct ledger *ledger = granted("putuo");
    find_violation(ledger, BETA);
    (void)snprintf(ground, sizeof ground, ",'case':'%s'", found);
    assert_int_equal(publish(ledger, SUPERVISOR "/approve", "circular", ""), ERR_FIELD_MISSING);
    assert_int_equal(publish(ledger, CENTER "/review", "circular", ground), ERR_PARTY);
    assert_int_equal(publish(ledger, SUPERVISOR "/approve", "publicity", ground), ERR_POLICY);
    assert_int_equal(publish(ledger, SUPERVISOR "/approve", "circular", ground), 0);
    assert_int_equal(
        step(ledger, CENTER "/review", "disclosure.withdraw", "disclosure", "'reason':'更正'"),
        ERR_PARTY);
    assert_int_equal(
        step(ledger, SUPERVISOR "/approve", "disclosure.withdraw", "disclosure", "'reason':'更正'"),
        0);
    assert_string_equal(status(ledger, "disclosure"), "withdrawn");
    find_violation(ledger, GAMMA); /* another's case is no ground */
    (void)snprintf(ground, sizeof ground, ",'case':'%s'", found);
    assert_int_equal(publish(ledger, SUPERVISOR "/approve", "circular", ground), ERR_SUBJECT);
    assert_int_equal(open_case(ledger, ALPHA "/compile", BETA, ",'source':'own'"), 0);
    (void)snprintf(ground, sizeof ground, ",'case':'%s'", matter);
    assert_int_equal(publish(ledger, SUPERVISOR "/approve", "circular", ground), ERR_STATUS);
    ledger_close(&ledger);
}

static void D13_publicity(void **state)
{
    (void)state;
    char ground[200];
    struct ledger *ledger = granted("shanghai-open");
    find_violation(ledger, BETA);
    assert_int_equal(impose(ledger, ALPHA "/approve", "close", ""), 0);
    char matter_imposed[sizeof matter];
    memcpy(matter_imposed, matter, sizeof matter);
    (void)snprintf(ground, sizeof ground, ",'case':'%s','measure':'%s'", found, matter);
    assert_int_equal(publish(ledger, SUPERVISOR "/approve", "circular", ground), ERR_POLICY);
    assert_int_equal(publish(ledger, ALPHA "/review", "publicity", ground), ERR_PARTY);
    assert_int_equal(publish(ledger, ALPHA "/approve", "publicity", ground), 0);
    /* 按照各自职责: not by whom it does not concern, nor by whom it is about. */
    assert_int_equal(publish(ledger, GAMMA "/approve", "publicity", ground), ERR_PARTY);
    (void)snprintf(ground, sizeof ground, ",'measure':'%s'", matter_imposed);
    assert_int_equal(publish(ledger, GAMMA "/approve", "publicity", ground), ERR_PARTY);
    assert_int_equal(publish(ledger, ALPHA "/approve", "publicity", ground), 0);
    (void)snprintf(ground, sizeof ground, ",'case':'%s'", found);
    assert_int_equal(publish(ledger, BETA "/approve", "publicity", ground), ERR_SELF);
    assert_int_equal(publish(ledger, ALPHA "/approve", "publicity", ground), 0);
    assert_int_equal(
        step(ledger, GAMMA "/approve", "disclosure.withdraw", "disclosure", "'reason':'更正'"),
        ERR_PARTY);
    assert_int_equal(
        step(ledger, CENTER "/review", "disclosure.withdraw", "disclosure", "'reason':'更正'"), 0);
    assert_int_equal(publish(ledger, CENTER "/review", "publicity", ground), 0);
    ledger_close(&ledger);
    ledger = granted("changning");
    assert_int_equal(publish(ledger, CENTER "/review", "publicity", ""), ERR_POLICY);
    ledger_close(&ledger);
}

/* ---- incidents ---- */

static void D13_incident(void **state)
{
    (void)state;
    static const char text[] = "{'kind':'leak','found_ms':%" PRId64 ",'provider':'" ALPHA
                               "','entry':'%s','statement':'接口密钥外泄','actions':'停用密钥',"
                               "'authority':'区委网信办'}";
    char body[600];
    struct ledger *ledger = granted("putuo");
    (void)snprintf(body, sizeof body, text, at("2026-03-02T10:00:00+08:00") + 1, "E1");
    assert_int_equal(begin(ledger, BETA "/compile", "incident.report", body), ERR_FIELD_RANGE);
    (void)snprintf(body, sizeof body, text, at("2026-03-02T10:00:00+08:00"), "E9");
    assert_int_equal(begin(ledger, BETA "/compile", "incident.report", body), ERR_SUBJECT);
    (void)snprintf(body, sizeof body, text, at("2026-03-02T10:00:00+08:00"), "E1");
    assert_int_equal(begin(ledger, BETA "/compile", "incident.report", body), 0);
    assert_int_equal(
        step(ledger, ALPHA "/compile", "incident.close", "incident", "'statement':'已处置'"),
        ERR_PARTY);
    assert_int_equal(
        step(ledger, BETA "/chief", "incident.close", "incident", "'statement':'已处置'"), 0);
    assert_string_equal(status(ledger, "incident"), "closed");
    assert_int_equal(
        step(ledger, CENTER "/review", "incident.close", "incident", "'statement':'已处置'"),
        ERR_STATUS);
    ledger_close(&ledger);
}
