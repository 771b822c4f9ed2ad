/* Needs for data that is not in the catalog (PT 22), and their way to the upper platform and from
 * it (PT 23, STD 五(六)). */
#include "rules_fixture.h"

#include "base/memory.h"

#define LAW "'grounds':{'legal_basis':[{'law':'社会团体登记管理条例','article':'第六条'}]}"

static char need[2 * HASH_BYTES + 1], id[2 * HASH_BYTES + 1];

#define PAPER "'document':'00000000000000000000000000000000000000000000000000000000000000aa'"
#define NAME_IS(item) "{'wanted':'名称','entry':'E1','item':'" item "'}"
#define COMPILED                                                                                   \
    "'decision':'compiled','meets':[" NAME_IS("姓名") ",{'wanted':'年检结论','entry':'E1',"    \
                                                      "'item':'证件号码'}]"
#define NAME_ALONE "'decision':'compiled','meets':[" NAME_IS("姓名") "]"

/* Monday, 20 April 2026. */
static struct ledger *with_need(const char *profile, const char *extra)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-04-20T09:30:00+08:00");
    assert_int_equal(ledger_need(ledger, need, extra), 0);
    return ledger;
}

static int on_need(struct ledger *ledger, const char *kid, const char *type, const char *rest)
{
    return ledger_do(ledger, kid, type, "{'need':'%s','acts_on':'%s',%s}", need,
                     ledger_version(ledger, "need/%s", need), rest);
}

static const char *text(struct ledger *ledger, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "need/%s", need);
    return ledger_text(ledger, key, path);
}

static int64_t due(struct ledger *ledger)
{
    char key[100];
    (void)snprintf(key, sizeof key, "need/%s", need);
    return ledger_int(ledger, key, "terms.need.due_ms");
}

static int ask_agency(struct ledger *ledger, const char *provider)
{
    char rest[100];
    (void)snprintf(rest, sizeof rest, "'decision':'accept','provider':'%s'", provider);
    return on_need(ledger, CENTER "/review", "need.intake", rest);
}

static int follow(struct ledger *ledger, const char *extra)
{
    char more[300];
    (void)snprintf(more, sizeof more, "{'for_need':'%s'%s}", need, extra);
    return ledger_ask(ledger, id, "E1", more);
}

/* ---- the center asks, the agency answers ---- */

static void the_center_asks_the_agency(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_string_equal(text(ledger, "status"), "submitted");
    assert_int_equal(on_need(ledger, CENTER "/review", "need.intake", "'decision':'accept'"),
                     ERR_FIELD_MISSING);
    assert_int_equal(ask_agency(ledger, BETA), ERR_PARTY);   /* who needs it */
    assert_int_equal(ask_agency(ledger, CENTER), ERR_PARTY); /* no provider */
    assert_int_equal(on_need(ledger, CENTER "/review", "need.intake", "'decision':'refuse'"),
                     ERR_GROUNDS);
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_string_equal(text(ledger, "status"), "asked");
    /* 21-24, 27-30 April, 6-8 May, Saturday 9 (make-up), 11-13: fifteen. */
    assert_int_equal(due(ledger), at("2026-05-14T00:00:00+08:00"));
    assert_int_equal(ask_agency(ledger, GAMMA), ERR_STATUS);
    assert_int_equal(on_need(ledger, GAMMA "/approve", "need.answer", COMPILED), ERR_PARTY);
    assert_int_equal(on_need(ledger, ALPHA "/compile", "need.answer", COMPILED), ERR_TX_ROLE);
    ledger_close(&ledger);
}

static void a_need_may_be_refused_or_withdrawn(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_int_equal(on_need(ledger, CENTER "/review", "need.intake",
                             "'decision':'refuse','reasons':[{'reason':'目录中已有'}]"),
                     0);
    assert_string_equal(text(ledger, "status"), "not-accepted");
    assert_int_equal(on_need(ledger, BETA "/compile", "need.withdraw", "'reason':'不再需要'"),
                     ERR_STATUS);
    ledger_close(&ledger);
    ledger = with_need("putuo", NULL);
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_int_equal(on_need(ledger, GAMMA "/compile", "need.withdraw", "'reason':'不再需要'"),
                     ERR_PARTY);
    assert_int_equal(on_need(ledger, BETA "/compile", "need.withdraw", "'reason':'不再需要'"), 0);
    assert_string_equal(text(ledger, "status"), "withdrawn");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_close(&ledger);
}

/* PT 22: 完成目录编制、归集和需求审核: the answer is the review, and the request follows at once.
 */
static void a_compiled_entry_is_granted_at_once(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", COMPILED), ERR_SUBJECT);
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", "'decision':'compiled'"),
                     ERR_FIELD_MISSING);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer",
                             "'decision':'compiled','meets':[" NAME_IS("年检结论") "]"),
                     ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "meets[0].item"));
    assert_int_equal(follow(ledger, ""), ERR_STATUS); /* not answered yet */
    /* PT 20: what is left out is refused, by law or not at all. */
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", NAME_ALONE), ERR_GROUNDS);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", NAME_ALONE "," LAW), 0);
    assert_string_equal(text(ledger, "status"), "met");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(follow(ledger, ",'items':['姓名','证件号码']"), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "items[1]"));
    assert_int_equal(follow(ledger, ",'purpose':'另一用途'"), ERR_PURPOSE);
    assert_int_equal(follow(ledger, ",'mode':'comparison'"), ERR_PURPOSE);
    assert_int_equal(follow(ledger, ",'until':'2027-01-31'"), ERR_PURPOSE);
    assert_int_equal(follow(ledger, ""), 0);
    assert_string_equal(doc_get_text(ledger_get(ledger, "request/%s", id), "route"), "need");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", id), "status"), "active");
    /* Without the need it is a request like any other (PT 20). */
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(doc_get_text(ledger_get(ledger, "request/%s", id), "status"), "pending");
    ledger_close(&ledger);
}

/* PT 21: the answer to the need reviewed the data; how it is used the center assesses. */
static void another_way_of_use_is_assessed(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", "{'mode':'file','mode_reason':'一次性核对'}");
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", COMPILED), 0);
    assert_int_equal(follow(ledger, ",'mode':'file','mode_reason':'一次性核对'"), 0);
    assert_string_equal(doc_get_text(ledger_get(ledger, "request/%s", id), "status"), "assessing");
    ledger_must(ledger, CENTER "/review", "request.assess",
                "{'request':'%s','acts_on':'%s','opinion':'技术可行','mode':'accept'}", id,
                ledger_version(ledger, "request/%s", id));
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", id), "status"), "active");
    ledger_close(&ledger);
}

/* PT 22: 尚未完成目录编制或者归集的: what is in the catalog is answered for with its collection. */
static void collection_is_part_of_the_answer(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    ledger_must(ledger, ALPHA "/compile", "duty.publish",
                "{'code':'D1','name':'年检','category':'行政确认','implementer':'广东省民政厅',"
                "'basis':'社会团体登记管理条例第六条'}");
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("年检结果", "authorised", NULL));
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", COMPILED), ERR_NOT_COLLECTED);
    assert_true(ledger_fault(ledger, ERR_NOT_COLLECTED, "meets[0].entry"));
    ledger_must(ledger, ALPHA "/compile", "catalog.collect",
                "{'code':'E1','acts_on':'%s','refusal':{'reason':'系统改造中'}}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", COMPILED), ERR_NOT_COLLECTED);
    ledger_collect(ledger, "E1");
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", COMPILED), 0);
    assert_string_equal(text(ledger, "status"), "met");
    ledger_close(&ledger);
}

static void a_refusal_needs_grounds_and_another_is_asked(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer",
                             "'decision':'refuse','grounds':{'reasons':['非本单位职责']}"),
                     ERR_GROUNDS); /* PT 20: the law */
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer",
                             "'decision':'refuse','grounds':{'legal_basis':[{'law':"
                             "'社会团体登记管理条例','article':'第六条'}]}"),
                     0);
    assert_string_equal(text(ledger, "status"), "declined");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_at(ledger, "2026-05-08T10:00:00+08:00");
    assert_int_equal(ask_agency(ledger, GAMMA), 0);
    assert_string_equal(text(ledger, "provider"), GAMMA);
    /* Saturday 9 May (make-up), 11-15, 18-22, 25-28: fifteen. */
    assert_int_equal(due(ledger), at("2026-05-29T00:00:00+08:00"));
    ledger_close(&ledger);
}

/* 原则上: nothing is deemed; the lateness is on record, and the answer still counts. */
static void a_late_answer_counts_and_is_marked(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    size_t acts = doc_count(ledger->acts);
    ledger_at_ms(ledger, at("2026-05-14T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "status"), "asked");
    assert_false(doc_get_bool(
        doc_get(doc_get(ledger_get(ledger, "need/%s", need), "terms"), "need"), "over", false));
    ledger_at(ledger, "2026-05-14T00:00:00+08:00");
    assert_true(doc_count(ledger->acts) > acts);
    assert_string_equal(text(ledger, "status"), "asked");
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", COMPILED), 0);
    assert_true(
        doc_get_bool(doc_get(ledger_get(ledger, "need/%s", need), "answer"), "late", false));
    ledger_close(&ledger);
}

static void the_document_must_know_needs(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_int_equal(ledger_policy(ledger, "need", "null"), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "profile.need")); /* what goes up */
    assert_int_equal(ledger_policy(ledger, "upper", "null"), 0);
    assert_int_equal(ledger_policy(ledger, "need", "null"), 0);
    assert_int_equal(
        ledger_do(ledger, BETA "/compile", "need.submit",
                  "{'name':'社会组织年检结果','wanted':['名称'],'need':'service','purpose':'核验',"
                  "'basis':'职责清单','goal':'减少材料','mode':'query','frequency':{'times':10,"
                  "'per':'month'},'security_level':2,'safeguards':'专网访问','until':'2026-12-31',"
                  "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}"),
        ERR_POLICY);
    ledger_close(&ledger);
}

/* CN 16: 有权利根据履职需要，提出公共数据共享需求, answered within CN 17's ten days (21-24, 27-30
 * April, 6 and 7 May); CN 5: 区科委…组织实施市区两级之间的数据对接: the center takes it up. */
static void a_need_in_changning_goes_up(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("changning", NULL);
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_int_equal(due(ledger), at("2026-05-08T00:00:00+08:00"));
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer",
                             "'decision':'refuse','grounds':{'reasons':['非本单位职责'],"
                             "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"),
                     0);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), ERR_PARTY);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.forward", PAPER), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     0);
    assert_string_equal(text(ledger, "status"), "upper-agreed");
    ledger_close(&ledger);
}

/* ---- the upper platform ---- */

/* PT 23: 由区府办统筹后，向市大数据资源平台提出共享需求申请. */
static void an_unmet_need_goes_up(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.forward", PAPER), ERR_PARTY);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), 0);
    assert_string_equal(text(ledger, "status"), "forwarded");
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), ERR_STATUS);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'"),
                     ERR_FIELD_MISSING); /* the paper */
    assert_int_equal(
        on_need(ledger, CENTER "/review", "upper.answer", "'decision':'refuse'," PAPER),
        ERR_GROUNDS);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer",
                             "'decision':'agree','resource':'市民政年检库'," PAPER),
                     0);
    assert_string_equal(text(ledger, "status"), "upper-agreed");
    ledger_give_entry(ledger, "E1", "authorised");
    /* PT 20: ALPHA has not said that it gives its data, whatever the city agreed to. */
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.deliver",
                             "'provider':'" ALPHA "','meets':[" NAME_IS("姓名") "]"),
                     ERR_PARTY);
    assert_true(ledger_fault(ledger, ERR_PARTY, "provider"));
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_int_equal(follow(ledger, ""), ERR_STATUS);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", COMPILED), 0);
    assert_string_equal(text(ledger, "status"), "met");
    assert_int_equal(follow(ledger, ""), 0);
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", id), "status"), "active");
    ledger_close(&ledger);
}

static int deliver(struct ledger *ledger, const char *provider, const char *entry)
{
    char rest[400];
    (void)snprintf(rest, sizeof rest,
                   "'provider':'%s','meets':[{'wanted':'名称','entry':'%s','item':'姓名'}],"
                   "'reasons':[{'reason':'市级未予提供'}]",
                   provider, entry);
    return on_need(ledger, CENTER "/review", "upper.deliver", rest);
}

/* PT 23: 若取得同意并获取相应数据资源，将通过区大数据资源分平台…提供: the city's own entry, which
 * it agreed to give, or the center's, who runs the district's platform. */
static void what_the_city_gives_is_its_own_or_the_centers(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    ledger_admit_upper(ledger);
    ledger_give_entry_of(ledger, NEWCOMER);
    ledger_give_entry_of(ledger, GAMMA);
    assert_int_equal(
        on_need(ledger, SUPERVISOR "/approve", "upper.forward", "'upper':'" NEWCOMER "'," PAPER),
        0);
    assert_int_equal(on_need(ledger, NEWCOMER "/approve", "upper.answer", "'decision':'agree'"), 0);
    assert_int_equal(deliver(ledger, GAMMA, "E1"), ERR_PARTY);
    assert_int_equal(deliver(ledger, NEWCOMER, "E9"), ERR_SUBJECT);
    assert_int_equal(deliver(ledger, NEWCOMER, "E1"), 0);
    assert_string_equal(text(ledger, "status"), "met");
    assert_string_equal(text(ledger, "provider"), NEWCOMER);
    ledger_close(&ledger);

    ledger = with_need("putuo", NULL);
    struct doc *center = doc_copy(ledger_get(ledger, "member/" CENTER));
    doc_push_text((struct doc *)(uintptr_t)doc_get(center, "parties"), "provider");
    state_put(ledger->state, "member/" CENTER, center);
    ledger_give_entry_of(ledger, CENTER);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     0);
    assert_int_equal(deliver(ledger, CENTER, "E1"), 0);
    assert_string_equal(text(ledger, "status"), "met");
    ledger_close(&ledger);
}

/* Nothing waits for ever: who needs it no longer withdraws it, agreed or not. */
static void what_the_city_agreed_to_may_be_withdrawn(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     0);
    assert_int_equal(on_need(ledger, BETA "/compile", "need.withdraw", "'reason':'不再需要'"), 0);
    ledger_close(&ledger);
}

static void the_upper_platform_signs_its_own_answer(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    ledger_admit_upper(ledger);
    assert_int_equal(
        on_need(ledger, SUPERVISOR "/approve", "upper.forward", "'upper':'" GAMMA "'," PAPER),
        ERR_PARTY);
    assert_int_equal(
        on_need(ledger, SUPERVISOR "/approve", "upper.forward", "'upper':'" NEWCOMER "'," PAPER),
        0);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     ERR_PARTY);
    assert_int_equal(on_need(ledger, NEWCOMER "/review", "upper.answer", "'decision':'agree'"),
                     ERR_PARTY);
    assert_int_equal(on_need(ledger, NEWCOMER "/approve", "upper.answer",
                             "'decision':'refuse','reasons':[{'reason':'市级亦无此数据'}]"),
                     0);
    assert_string_equal(text(ledger, "status"), "upper-refused");
    ledger_close(&ledger);

    /* Forwarded to nobody by name: a platform that is a member still speaks for itself. */
    ledger = with_need("putuo", NULL);
    ledger_admit_upper(ledger);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     ERR_PARTY);
    assert_int_equal(on_need(ledger, NEWCOMER "/approve", "upper.answer", "'decision':'agree'"), 0);
    assert_string_equal(text(ledger, "status"), "upper-agreed");
    ledger_close(&ledger);
}

/* STD 五(六): the other way, what the city asks of the district. */
/* It is a member no longer that may act: its paper is the center's to file. */
static void for_a_removed_platform_the_center_files(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    ledger_admit_upper(ledger);
    assert_int_equal(
        on_need(ledger, SUPERVISOR "/approve", "upper.forward", "'upper':'" NEWCOMER "'," PAPER),
        0);
    ledger_member(ledger, "member.suspend", NEWCOMER); /* it is waited for */
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     ERR_PARTY);
    ledger_member(ledger, "member.remove", NEWCOMER);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'"),
                     ERR_FIELD_MISSING);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     0);
    assert_string_equal(text(ledger, "status"), "upper-agreed");
    ledger_close(&ledger);
}

static void a_need_comes_down(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_must(ledger, CENTER "/review", "upper.receive",
                "{'name':'社会组织名录','wanted':['名称'],'purpose':'全市核验'," PAPER "}");
    memcpy(need, ledger->txid, sizeof need);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), ERR_STATUS);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     ERR_STATUS);
    assert_int_equal(ask_agency(ledger, ALPHA), 0);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer", NAME_ALONE), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer",
                             "'decision':'refuse','reasons':[{'reason':'不予提供'}]," PAPER),
                     ERR_STATUS); /* not what the agency said */
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.answer", "'decision':'agree'," PAPER),
                     0);
    assert_string_equal(text(ledger, "status"), "replied");
    ledger_close(&ledger);
}

/* Who forwards is the document's: CN 5 has 区科委 connect district and city. */
static void who_forwards_is_the_documents(void **state)
{
    (void)state;
    struct ledger *ledger = with_need("putuo", NULL);
    assert_int_equal(ledger_policy(ledger, "upper", "{'by':'center','clause':'CN 5'}"), 0);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), ERR_PARTY);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.forward", PAPER), 0);
    ledger_close(&ledger);
    ledger = with_need("putuo", NULL);
    assert_int_equal(ledger_policy(ledger, "upper", "null"), 0);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), ERR_POLICY);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_center_asks_the_agency),
        cmocka_unit_test(a_need_may_be_refused_or_withdrawn),
        cmocka_unit_test(a_compiled_entry_is_granted_at_once),
        cmocka_unit_test(another_way_of_use_is_assessed),
        cmocka_unit_test(collection_is_part_of_the_answer),
        cmocka_unit_test(a_refusal_needs_grounds_and_another_is_asked),
        cmocka_unit_test(a_late_answer_counts_and_is_marked),
        cmocka_unit_test(the_document_must_know_needs),
        cmocka_unit_test(a_need_in_changning_goes_up),
        cmocka_unit_test(an_unmet_need_goes_up),
        cmocka_unit_test(what_the_city_gives_is_its_own_or_the_centers),
        cmocka_unit_test(what_the_city_agreed_to_may_be_withdrawn),
        cmocka_unit_test(the_upper_platform_signs_its_own_answer),
        cmocka_unit_test(for_a_removed_platform_the_center_files),
        cmocka_unit_test(a_need_comes_down),
        cmocka_unit_test(who_forwards_is_the_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
