/* Duties and designations, by the clause: CESI 5.3.1, 5.3.2, 表5-1; PT 5. */
#include "row.h"

#define D1 "duty/" ALPHA "/D1"

static int publish(struct ledger *ledger, const char *code, const char *category,
                   const char *acts_on)
{
    char version[100] = "";
    if (acts_on != NULL) {
        (void)snprintf(version, sizeof version, "'acts_on':'%s',", acts_on);
    }
    return ledger_do(ledger, ALPHA "/compile", "duty.publish",
                     "{%s'code':'%s','name':'社会团体年度检查','category':'%s',"
                     "'implementer':'民政厅','basis':'社会团体登记管理条例'}",
                     version, code, category);
}

static int submit(struct ledger *ledger, const char *kid, const char *code, const char *root)
{
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'code':'%s','entry':%s}", code, entry_text(code, "unconditional", root));
    if (root != NULL) {
        doc_remove((struct doc *)(uintptr_t)doc_get(body, "entry"), "duty");
    }
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, kid, "catalog.submit", body);
}

static int retire(struct ledger *ledger)
{
    return ledger_do(ledger, ALPHA "/compile", "duty.retire",
                     "{'code':'D1','acts_on':'%s','reason':'职权下放'}",
                     ledger_version(ledger, D1));
}

/* CESI 5.3.1: 逐项列明设定依据; 表5-1: 实施主体、职责、职权名称、类别. */
static void B1_duty(void **state)
{
    (void)state;
    static const char *const core[] = {"code", "name", "category", "implementer", "basis"};
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "duty.publish", "{}"), ERR_FIELD_MISSING);
    for (size_t i = 0; i < COUNT_OF(core); i++) {
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, core[i]));
    }
    assert_int_equal(ledger->faults.count, COUNT_OF(core));
    assert_int_equal(publish(ledger, "D1", "行政检查", NULL), 0);
    assert_string_equal(ledger_text(ledger, D1, "status"), "active");
    ledger_close(&ledger);
}

/* CESI 5.3.2: 行政许可、行政处罚、…、行政裁决及其他类别; the published list of a province besides.
 */
static void B1_categories(void **state)
{
    (void)state;
    static const char *const categories[] = {"行政许可", "行政处罚", "行政强制", "行政征收",
                                             "行政给付", "行政检查", "行政确认", "行政奖励",
                                             "行政裁决", "其他",     "公共服务", "其他行政权力"};
    char code[8];
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(categories); i++) {
        (void)snprintf(code, sizeof code, "C%zu", i);
        assert_int_equal(publish(ledger, code, categories[i], NULL), 0);
    }
    assert_int_equal(publish(ledger, "D1", "行政审批", NULL), ERR_FIELD_CHOICE);
    ledger_close(&ledger);
}

/* L1 业务事项 → L2 → L3 → L4: no entry without its root. */
static void B2_every_entry_stems(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", NULL), ERR_SUBJECT); /* D1 to come */
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", ""), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entry.duty"));
    assert_int_equal(publish(ledger, "D1", "行政检查", NULL), 0);
    assert_int_equal(submit(ledger, GAMMA "/compile", "E1", NULL), ERR_SUBJECT); /* ALPHA's */
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", NULL), 0);
    ledger_close(&ledger);
}

static void B3_versions(void **state)
{
    (void)state;
    char first[65];
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(publish(ledger, "D1", "行政检查", NULL), 0);
    (void)snprintf(first, sizeof first, "%s", ledger->txid);
    assert_int_equal(publish(ledger, "D1", "行政许可", first), 0);
    assert_string_equal(ledger_text(ledger, D1, "replaces"), first);
    assert_int_equal(ledger_int(ledger, D1, "number"), 2);
    assert_int_equal(publish(ledger, "D1", "行政确认", first), ERR_VERSION_STALE);
    ledger_close(&ledger);
}

static void B3_retired(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(retire(ledger), 0);
    assert_string_equal(ledger_text(ledger, D1, "status"), "retired");
    assert_true(doc_has_text(doc_get(ledger_get(ledger, D1), "affected"), ALPHA "/E1"));
    assert_true(ledger_act_is(ledger, 0, "entry/" ALPHA "/E1", "duty-retired"));
    assert_string_equal(ledger_text(ledger, "entry/" ALPHA "/E1", "status"), "published");
    assert_int_equal(submit(ledger, ALPHA "/compile", "E2", NULL), ERR_STATUS);
    ledger_close(&ledger);
}

static void send_back(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'return',"
                "'reasons':[{'reason':'缺少代码表'}]}",
                code, ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

/* Submitted again as one of D2. */
static void submit_of_another(struct ledger *ledger, const char *code)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'%s','acts_on':'%s'}", code,
                                     ledger_version(ledger, "entry/" ALPHA "/%s", code));
    AUTO(doc_free) struct doc *given = fixture_parse("%s", entry_text(code, "unconditional", NULL));
    struct doc *entry = doc_copy(given);
    doc_set_text(entry, "duty", "D2");
    doc_set(body, "entry", entry);
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
}

/* CESI 5.3.1: E1 is published, E2 under review, E3 returned; E4 was returned and is of D2 now. */
static void B3_retired_unpublished(void **state)
{
    (void)state;
    static const char *const of_it[] = {"E1", "E2", "E3"};
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(publish(ledger, "D2", "行政检查", NULL), 0);
    for (size_t i = 1; i < COUNT_OF(of_it); i++) {
        assert_int_equal(submit(ledger, ALPHA "/compile", of_it[i], NULL), 0);
    }
    assert_int_equal(submit(ledger, ALPHA "/compile", "E4", NULL), 0);
    send_back(ledger, "E3");
    send_back(ledger, "E4");
    submit_of_another(ledger, "E4");
    assert_int_equal(retire(ledger), 0);
    const struct doc *affected = doc_get(ledger_get(ledger, D1), "affected");
    assert_int_equal(doc_count(affected), COUNT_OF(of_it));
    for (size_t i = 0; i < COUNT_OF(of_it); i++) {
        char key[100];
        (void)snprintf(key, sizeof key, ALPHA "/%s", of_it[i]);
        assert_string_equal(doc_text(doc_at(affected, i)), key);
    }
    ledger_close(&ledger);
}

static int review(struct ledger *ledger, const char *code, const char *decision)
{
    return ledger_do(ledger, CENTER "/review", "catalog.review",
                     "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':%s}", code,
                     ledger_version(ledger, "entry/" ALPHA "/%s", code), decision);
}

static int assess(struct ledger *ledger, const char *decision)
{
    return ledger_do(ledger, CENTER "/review", "catalog.assess",
                     "{'provider':'" ALPHA "','code':'E2','acts_on':'%s','decision':%s}",
                     ledger_version(ledger, "change/" ALPHA "/E2"), decision);
}

/* CESI 5.3.1: what is accepted stems from a duty in force, whenever it was handed in. */
static void B3_retired_accepted(void **state)
{
    (void)state;
    static const char returned[] = "'return','reasons':[{'reason':'所依职责已撤销'}]";
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E2", "unconditional");
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", NULL), 0);
    ledger_must(ledger, ALPHA "/compile", "catalog.change",
                "{'code':'E2','acts_on':'%s','reason':'系统升级','entry':%s}",
                ledger_version(ledger, "entry/" ALPHA "/E2"),
                entry_text("新名称", "unconditional", NULL));
    assert_int_equal(publish(ledger, "D2", "行政检查", NULL), 0);
    assert_int_equal(retire(ledger), 0);
    assert_int_equal(review(ledger, "E1", "'accept'"), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry.duty"));
    assert_int_equal(assess(ledger, "'accept'"), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry.duty"));
    assert_int_equal(assess(ledger, returned), 0);
    assert_int_equal(review(ledger, "E1", returned), 0);
    submit_of_another(ledger, "E1");
    assert_int_equal(review(ledger, "E1", "'accept'"), 0);
    ledger_close(&ledger);
}

static void B3_again(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(publish(ledger, "D1", "行政检查", NULL), 0);
    assert_int_equal(retire(ledger), 0);
    assert_int_equal(publish(ledger, "D1", "行政检查", NULL), ERR_DUPLICATE);
    assert_int_equal(publish(ledger, "D1", "行政检查", ledger_version(ledger, D1)), 0);
    assert_string_equal(ledger_text(ledger, D1, "status"), "active");
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", NULL), 0);
    ledger_close(&ledger);
}

/* ---- PT 5 ---- */

static int designate(struct ledger *ledger, const char *member, const char *more)
{
    return ledger_do(ledger, SUPERVISOR "/approve", "catalog.designate",
                     "{'matter':'流动人口数据','reason':'涉及多个单位','member':'%s'%s}", member,
                     more);
}

static const char *resting_on(const char *id)
{
    static char root[120];
    (void)snprintf(root, sizeof root, "'designation':'%s',", id);
    return root;
}

static void A5_designation(void **state)
{
    (void)state;
    char id[65];
    struct ledger *ledger = ledger_open("putuo");
    ledger_take_out(ledger, ALPHA);
    assert_int_equal(designate(ledger, ALPHA, ""), ERR_STATUS); /* nobody's data are with nobody */
    assert_true(ledger_fault(ledger, ERR_STATUS, "member"));
    ledger_member(ledger, "member.restore", ALPHA);
    assert_int_equal(designate(ledger, ALPHA, ""), 0);
    (void)snprintf(id, sizeof id, "%s", ledger->txid);
    assert_int_equal(submit(ledger, GAMMA "/compile", "E1", resting_on(id)), ERR_SUBJECT);
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", resting_on(id)), 0);
    ledger_close(&ledger);
}

static void A5_replaced(void **state)
{
    (void)state;
    char id[65], more[100], key[100];
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(designate(ledger, ALPHA, ""), 0);
    (void)snprintf(id, sizeof id, "%s", ledger->txid);
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", resting_on(id)), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    (void)snprintf(more, sizeof more, ",'replaces':'%s'", id);
    assert_int_equal(designate(ledger, GAMMA, more), 0);
    (void)snprintf(key, sizeof key, "designation/%s", id);
    assert_string_equal(ledger_text(ledger, key, "replaced_by"), ledger->txid);
    assert_true(doc_has_text(doc_get(ledger_get(ledger, "%s", key), "affected"), ALPHA "/E1"));
    (void)snprintf(id, sizeof id, "%s", ledger->txid);
    assert_int_equal(submit(ledger, GAMMA "/compile", "E1", resting_on(id)), 0);
    ledger_close(&ledger);
}

static void A5_withdrawn(void **state)
{
    (void)state;
    char id[65];
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(designate(ledger, ALPHA, ""), 0);
    (void)snprintf(id, sizeof id, "%s", ledger->txid);
    assert_int_equal(submit(ledger, ALPHA "/compile", "E2", resting_on(id)), 0);
    ledger_must(ledger, SUPERVISOR "/approve", "designation.withdraw",
                "{'designation':'%s','acts_on':'%s','reason':'职责已划定'}", id, id);
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", resting_on(id)), ERR_STATUS);
    assert_int_equal(review(ledger, "E2", "'accept'"), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry.designation"));
    ledger_close(&ledger);
}
