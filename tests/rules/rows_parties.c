/* Parties, officers and their keys, by the clause: PT 4-6, 11, 29, 31; CN 5, 10, 24. */
#include "row.h"

#include "chain/rules/possession.h"

#define KEY "{'name':'%s','role':'%s','public':'%s'}"
/* clang-format off */
#define DUTY "{'code':'%s','name':'年检','category':'行政检查'," \
             "'implementer':'民政厅','basis':'条例'}"
/* clang-format on */

static void proof_of(char out[100], struct ledger *ledger, const char *signed_by, const char *kid)
{
    struct hash digest;
    struct signature signature;
    AUTO(buf_free) struct buf text = {0};
    struct secret_key secret = fixture_secret_of(signed_by);
    possession_digest(&digest, &ledger->genesis_hash, ALPHA, kid + MEMBER_ID_CHARS + 1,
                      fixture_public(kid));
    assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
    base64url_append(&text, view_of(signature.bytes, sizeof signature.bytes));
    (void)snprintf(out, 100, "%s", buf_text(&text));
}

static int sign_something(struct ledger *ledger, const char *kid, const char *code)
{
    return ledger_do(ledger, kid, "duty.publish", DUTY, code);
}

/* PT 4 区府办、区大数据中心, PT 5 区级责任单位; CN 5 领导小组. */
static void A1_parties(void **state)
{
    (void)state;
    static const char *const parties[] = {"provider", "consumer", "supervisor", "auditor", "upper"};
    struct ledger *ledger = ledger_open("putuo");
    AUTO(doc_free) struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
    struct doc *all = doc_new_array();
    for (size_t i = 0; i < COUNT_OF(parties); i++) {
        doc_push_text(all, parties[i]);
    }
    doc_set(join, "parties", all);
    ledger_sign_join(join, MEMBER_COUNT);
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set(body, "join", doc_ref(join));
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "member.admit", body), 0);
    const struct doc *member = ledger_get(ledger, "member/" NEWCOMER);
    assert_int_equal(doc_count(doc_get(member, "parties")), COUNT_OF(parties));
    assert_string_equal(ledger_text(ledger, "center", "id"), CENTER);
    ledger_close(&ledger);
}

/* PT 6: 首席数据官和数据执行专员具体负责本单位公共数据共享工作. */
static void A2_officers_on_record(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/chief", "office"), "chief");
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/review", "office"), "data");
    ledger_must(ledger, ALPHA "/chief", "officer.register",
                "{'code':'data-2','filing':'%064x','keys':[" KEY "]}", 9, "data-2", "compile",
                fixture_public(ALPHA "/data-2"));
    ledger_blocks(ledger, 1);
    assert_int_equal(sign_something(ledger, ALPHA "/data-2", "X1"), 0);
    ledger_close(&ledger);
}

/* CN 10: 指定专人负责资源目录的编制、审核、发布、更新等. */
static void A2_apart(void **state)
{
    (void)state;
    static const char *const apart[][2] = {
        {"compile", "review"}, {"review", "approve"}, {"approve", "compile"}};
    struct ledger *ledger = ledger_open("changning");
    for (size_t i = 0; i < COUNT_OF(apart); i++) {
        assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add",
                                   "{'name':'x','role':'%s','officer':'%s','public':'%s'}",
                                   apart[i][0], apart[i][1], fixture_public(ALPHA "/x")),
                         ERR_SAME_OFFICER);
    }
    ledger_close(&ledger);
}

/* CN 24: 将相关人员信息向区科委备案，如有人员变动，应当及时更新. The block is of 2026-01-05. */
static void A2_updated(void **state)
{
    (void)state;
    static const char update[] = "{'code':'compile','acts_on':'%s','filing':'%064x',"
                                 "'changed_on':'%s','reason':'人员变动'}";
    struct ledger *ledger = ledger_open("changning");
    const char *version = ledger_version(ledger, "officer/" ALPHA "/compile");
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "officer.update", update, version, 3, "2026-01-06"),
        ERR_FIELD_RANGE);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "officer.update", update, version, 3, "2026-01-05"), 0);
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/compile", "changed_on"),
                        "2026-01-05");
    ledger_close(&ledger);
}

static void A2_succession(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.end",
                               "{'code':'chief','acts_on':'%s','reason':'调离'}",
                               ledger_version(ledger, "officer/" ALPHA "/chief")),
                     ERR_LAST_CHIEF);
    ledger_must(ledger, ALPHA "/chief", "officer.register",
                "{'code':'chief-2','succeeds':'chief','keys':[" KEY "]}", "chief-2", "chief",
                fixture_public(ALPHA "/chief-2"));
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/chief", "to") + 1,
                     ledger_int(ledger, "key/" ALPHA "/chief-2", "from"));
    assert_int_equal(ledger_int(ledger, "officer/" ALPHA "/chief", "to"), ledger->height);
    ledger_blocks(ledger, 1);
    ledger_must(ledger, ALPHA "/chief-2", "officer.end",
                "{'code':'review','acts_on':'%s','reason':'调离'}",
                ledger_version(ledger, "officer/" ALPHA "/review"));
    ledger_close(&ledger);
}

static void A2_rotation(void **state)
{
    (void)state;
    char proof[100];
    struct ledger *ledger = ledger_open("putuo");
    for (int proven = 0; proven <= 1; proven++) {
        proof_of(proof, ledger, proven ? ALPHA "/compile-2" : BETA "/compile", ALPHA "/compile-2");
        assert_int_equal(ledger_do(ledger, ALPHA "/compile", "key.rotate",
                                   "{'name':'compile','acts_on':'%s','new_name':'compile-2',"
                                   "'new_public':'%s','proof':'%s','reason':'定期更换'}",
                                   ledger_version(ledger, "key/" ALPHA "/compile"),
                                   fixture_public(ALPHA "/compile-2"), proof),
                         proven ? 0 : ERR_SIGNATURE);
    }
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "X1"), 0);
    ledger_blocks(ledger, 1);
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "X2"), ERR_TX_KEY);
    assert_int_equal(sign_something(ledger, ALPHA "/compile-2", "X2"), 0);
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile-2", "officer"), "compile");
    ledger_close(&ledger);
}

/* PT 29: 在发生数据安全事件时应当立即采取处置措施; the operator of an access is named by a key that
 * can sign, too. */
static void A2_suspension(void **state)
{
    (void)state;
    static const char act[] = "{'member':'" ALPHA "','name':'compile','acts_on':'%s',"
                              "'reason':'疑似泄露'}";
    const char *key = "key/" ALPHA "/compile";
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, CENTER "/admin", "key.suspend", act, ledger_version(ledger, "%s", key));
    ledger_blocks(ledger, 1);
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "X1"), ERR_KEY_SUSPENDED);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "key.restore", act, ledger_version(ledger, "%s", key)),
        ERR_PARTY);
    ledger_must(ledger, CENTER "/admin", "key.restore", act, ledger_version(ledger, "%s", key));
    ledger_blocks(ledger, 1);
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "X1"), 0);
    ledger_close(&ledger);
}

static void A2_retired(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/chief", "key.retire",
                "{'name':'compile','acts_on':'%s','reason':'离任'}",
                ledger_version(ledger, "key/" ALPHA "/compile"));
    assert_int_equal(ledger_int(ledger, "officer/" ALPHA "/compile", "to"), ledger->height);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add",
                               "{'name':'compile','role':'compile','public':'%s'}",
                               fixture_public(ALPHA "/x")),
                     ERR_KEY_DUPLICATE);
    ledger_blocks(ledger, 1);
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "X1"), ERR_TX_KEY);
    ledger_close(&ledger);
}

/* CN 24: 如有人员变动，应当及时更新: who is gone makes room. Five keys are the genesis's. */
static void A2_keys_in_force(void **state)
{
    (void)state;
    static const char add[] = "{'name':'g%d','role':'gateway','public':'%s'}";
    char kid[64];
    struct ledger *ledger = ledger_open("changning");
    for (int i = 6; i <= 257; i++) {
        (void)snprintf(kid, sizeof kid, ALPHA "/g%d", i);
        assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add", add, i, fixture_public(kid)),
                         i <= 256 ? 0 : ERR_KEYS_FULL);
    }
    ledger_must(ledger, ALPHA "/chief", "key.retire",
                "{'name':'g6','acts_on':'%s','reason':'离任'}",
                ledger_version(ledger, "key/" ALPHA "/g6"));
    ledger_must(ledger, ALPHA "/chief", "key.add", add, 257, fixture_public(kid));
    ledger_close(&ledger);
}

/* PT 11: 区大数据中心…组织; PT 31: 暂停. GAMMA leaves its seat before it is removed. */
static void A3_membership(void **state)
{
    (void)state;
    static const char *const acts[] = {"member.suspend", "member.restore", "member.remove"};
    static const char *const then[] = {"suspended", "active", "removed"};
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" GAMMA "'],'reason':'机构调整'}");
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        ledger_must(ledger, CENTER "/admin", acts[i],
                    "{'member':'" GAMMA "','acts_on':'%s','reason':'核查'%s}",
                    ledger_version(ledger, "member/" GAMMA), ledger_no_risk(acts[i]));
        assert_string_equal(ledger_text(ledger, "member/" GAMMA, "status"), then[i]);
        assert_int_equal(sign_something(ledger, GAMMA "/compile", "X1"),
                         i == 1 ? 0 : ERR_TX_SUSPENDED);
    }
    ledger_close(&ledger);
}

static void A3_own_record(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_must(ledger, ALPHA "/chief", "member.update", "{'acts_on':'%s','name':'民政局'}",
                ledger_version(ledger, "member/" ALPHA));
    assert_string_equal(ledger_text(ledger, "member/" ALPHA, "name"), "民政局");
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "member.update",
                               "{'acts_on':'%s','name':'民政'}",
                               ledger_version(ledger, "member/" ALPHA)),
                     ERR_TX_ROLE);
    ledger_close(&ledger);
}

/* ---- delegations ---- */

#define THIRD "91440000231112653B"
#define WORKER ALPHA "/compile-lan"

/* ALPHA entrusts a company with these types until that day. */
static int entrust(struct ledger *ledger, const char *types, const char *until)
{
    char proof[100];
    proof_of(proof, ledger, WORKER, WORKER);
    return ledger_do(ledger, ALPHA "/chief", "delegation.grant",
                     "{'code':'lan','delegate':'" THIRD "','delegate_name':'数据服务公司',"
                     "'types':[%s],'until':'%s','basis':'政府采购法','keys':[{"
                     "'name':'compile-lan','role':'compile','public':'%s','proof':'%s'}]}",
                     types, until, fixture_public(WORKER), proof);
}

static int submit_something(struct ledger *ledger, const char *kid, const char *code)
{
    return ledger_do(ledger, kid, "catalog.submit", "{'code':'%s','entry':%s}", code,
                     entry_text(code, "unconditional", NULL));
}

/* PT 2: 以及依法委托第三方收集和产生的数据. */
static void A2_delegated(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "D1"), 0);
    assert_int_equal(entrust(ledger, "'catalog.submit'", "2026-12-31"), 0);
    ledger_blocks(ledger, 1);
    ledger_must(ledger, WORKER, "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("社会组织信息", "unconditional", NULL));
    assert_string_equal(ledger_text(ledger, "entry/" ALPHA "/E1", "provider"), ALPHA);
    const char *key = ledger_text(ledger, "entry/" ALPHA "/E1", "compiled_by");
    assert_true(doc_text_is(ledger_get(ledger, "key/" ALPHA "/%s", key), "delegate", THIRD));
    assert_int_equal(sign_something(ledger, WORKER, "D2"), ERR_DELEGATION_SCOPE);
    ledger_close(&ledger);
}

/* Until 2026-02-16, in the Spring Festival: a date, whatever days are worked. */
static void A2_delegation_term(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "D1"), 0);
    assert_int_equal(entrust(ledger, "'catalog.submit'", "2026-02-16"), 0);
    ledger_at(ledger, "2026-02-16T23:59:59.999+08:00");
    assert_int_equal(submit_something(ledger, WORKER, "X1"), 0);
    ledger_at(ledger, "2026-02-17T00:00:00+08:00");
    assert_int_equal(submit_something(ledger, WORKER, "X2"), ERR_DELEGATION);
    assert_string_equal(ledger_text(ledger, "delegation/" ALPHA "/lan", "status"), "expired");
    ledger_blocks(ledger, 1);
    assert_int_equal(submit_something(ledger, WORKER, "X2"), ERR_TX_KEY);
    ledger_close(&ledger);
}

static void A2_delegation_ended(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "D1"), 0);
    assert_int_equal(entrust(ledger, "'catalog.submit'", "2026-12-31"), 0);
    ledger_must(ledger, ALPHA "/chief", "delegation.end",
                "{'code':'lan','acts_on':'%s','reason':'合同解除'}",
                ledger_version(ledger, "delegation/" ALPHA "/lan"));
    ledger_blocks(ledger, 1);
    assert_int_equal(submit_something(ledger, WORKER, "X1"), ERR_TX_KEY);
    ledger_close(&ledger);
}

static void A2_delegated_no_further(void **state)
{
    (void)state;
    static const char *const never[] = {"'delegation.grant'", "'key.rotate'", "'officer.register'",
                                        "'catalog.review'", "'request.answer'"};
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        assert_int_equal(entrust(ledger, never[i], "2026-12-31"), ERR_FIELD_CHOICE);
    }
    ledger_close(&ledger);
}

/* PT 2: 收集和产生. What the agency asks for, opens, refuses or retires is neither. */
static void A2_delegated_collecting(void **state)
{
    (void)state;
    static const char *const may[] = {"'catalog.submit'", "'catalog.change'", "'catalog.bind'",
                                      "'catalog.collect'", "'catalog.refresh'"};
    static const char *const never[] = {"'request.submit'", "'dispute.settle'", "'access.open'",
                                        "'duty.publish'",   "'open.list'",      "'catalog.retire'",
                                        "'onward.ask'",     "'grant.end'",      "'need.submit'"};
    for (size_t i = 0; i < COUNT_OF(may); i++) {
        struct ledger *ledger = ledger_open("putuo");
        assert_int_equal(entrust(ledger, may[i], "2026-12-31"), 0);
        ledger_close(&ledger);
    }
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        assert_int_equal(entrust(ledger, never[i], "2026-12-31"), ERR_FIELD_CHOICE);
    }
    ledger_close(&ledger);
}

/* A delegation for D2: neither an entry of D1, nor one of D2 that becomes D1's. */
static void A2_delegated_duties(void **state)
{
    (void)state;
    static const struct {
        const char *code, *before, *after;
        int error;
    } cases[] = {{"E1", "D1", "D2", ERR_DELEGATION_SCOPE},
                 {"E2", "D2", "D1", ERR_DELEGATION_SCOPE},
                 {"E3", "D2", "D2", 0}};
    char proof[100];
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "D1"), 0);
    assert_int_equal(sign_something(ledger, ALPHA "/compile", "D2"), 0);
    proof_of(proof, ledger, WORKER, WORKER);
    ledger_must(ledger, ALPHA "/chief", "delegation.grant",
                "{'code':'lan','delegate':'" THIRD "','delegate_name':'数据服务公司',"
                "'types':['catalog.change'],'duties':['D2'],'until':'2026-12-31',"
                "'basis':'政府采购法','keys':[{'name':'compile-lan','role':'compile',"
                "'public':'%s','proof':'%s'}]}",
                fixture_public(WORKER), proof);
    ledger_blocks(ledger, 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *code = cases[i].code;
        AUTO(doc_free) struct doc *body = fixture_parse("{'code':'%s'}", code);
        AUTO(doc_free)
        struct doc *entry = fixture_parse("%s", entry_text(code, "unconditional", NULL));
        doc_set_text(entry, "duty", cases[i].before);
        doc_set(body, "entry", doc_ref(entry));
        assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
        ledger_must(ledger, CENTER "/review", "catalog.review",
                    "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                    ledger_version(ledger, "entry/" ALPHA "/%s", code));
        AUTO(doc_free)
        struct doc *change = fixture_parse("{'code':'%s','acts_on':'%s','reason':'系统升级'}", code,
                                           ledger_version(ledger, "entry/" ALPHA "/%s", code));
        AUTO(doc_free)
        struct doc *after = fixture_parse("%s", entry_text(code, "unconditional", NULL));
        doc_set_text(after, "duty", cases[i].after);
        doc_set_text(after, "summary", "系统升级后的内容");
        doc_set(change, "entry", doc_ref(after));
        ledger->faults = (struct faults){0};
        assert_int_equal(fixture_submit(ledger, WORKER, "catalog.change", change), cases[i].error);
        ledger->faults = (struct faults){0};
    }
    ledger_close(&ledger);
}
