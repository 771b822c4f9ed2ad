/* The answer to a request: a refusal with its grounds, an approval that narrows, who may give it;
 * and what the requester takes back. */
#include "request_steps.h"

static void what_a_refusal_needs(void **state)
{
    (void)state;
#define LAW "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]"
#define REASONS "'reasons':['数据尚在核查，暂不具备共享条件']"
    static const struct {
        const char *profile, *grounds;
        int error;
        const char *field;
    } cases[] = {
        {"putuo", "", ERR_GROUNDS, "grounds.legal_basis"},
        {"putuo", ",'grounds':{" REASONS "}", ERR_GROUNDS, "grounds.legal_basis"},
        {"putuo", ",'grounds':{'legal_basis':[{'law':'  ','article':'一'}]}", ERR_FIELD_BLANK,
         "grounds.legal_basis[0].law"},
        {"putuo", ",'grounds':{'legal_basis':[{'law':'\u200b\u200b','article':'\u2060'}]}",
         ERR_FIELD_BLANK, "grounds.legal_basis[0].article"},
        {"putuo", ",'grounds':{'legal_basis':[{'law':'个人信息保护法','article':'\u3164\ufeff'}]}",
         ERR_FIELD_BLANK, "grounds.legal_basis[0].article"},
        {"putuo", ",'grounds':{" LAW "}", 0, NULL},
        {"putuo", ",'grounds':{'not_in_order':true}", ERR_GROUNDS, "grounds.reasons"},
        {"putuo", ",'grounds':{'not_in_order':true," REASONS "}", 0, NULL},
        {"changning", "", ERR_GROUNDS, "grounds.reasons"},
        {"changning", ",'grounds':{" LAW "}", ERR_GROUNDS, "grounds.reasons"},
        {"changning", ",'grounds':{'reasons':['  ']," LAW "}", ERR_FIELD_BLANK, "grounds.reasons[0]"},
        {"changning", ",'grounds':{" REASONS "}", ERR_GROUNDS, "grounds.legal_basis"},
        {"changning", ",'grounds':{" REASONS "," LAW "}", 0, NULL},
        {"shanghai-open", ",'grounds':{" REASONS "}", ERR_GROUNDS, "grounds.complete"},
        {"shanghai-open", ",'grounds':{" REASONS ",'complete':true}", 0, NULL},
        /* The exemption is Putuo's alone. */
        {"changning", ",'grounds':{'not_in_order':true}", ERR_GROUNDS, "grounds.reasons"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char rest[300];
        struct ledger *ledger = with_entry(cases[i].profile, "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        if (strcmp(cases[i].profile, "shanghai-open") == 0) {
            assert_int_equal(step(ledger, "request.intake", "'decision':'accept'"), 0);
        }
        (void)snprintf(rest, sizeof rest, "'refuse'%s", cases[i].grounds);
        assert_int_equal(answer(ledger, rest), cases[i].error);
        if (cases[i].error != 0) {
            assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
            assert_string_equal(request_text(ledger, "status"), "pending");
            assert_null(ledger_get(ledger, "answer/%s", id));
        } else {
            assert_string_equal(request_text(ledger, "status"), "refused");
            assert_int_equal(ledger_due(ledger, "answer"), 0);
        }
        ledger_close(&ledger);
    }
}

static void an_approval_narrows(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'items':['姓名','证件号码'],'quota':{'calls_per_day':100},"
                                "'rows':[{'item':'姓名','is':'prefix','value':'王'}]}"),
                     0);
    assert_int_equal(answer(ledger, "'approve','items':['年龄']"), ERR_SUBJECT);
    assert_int_equal(answer(ledger, "'approve','items':['姓名'],'masked':['证件号码']"),
                     ERR_SUBJECT);
    assert_int_equal(answer(ledger, "'approve','until':'2027-01-01'"), ERR_FIELD_RANGE);
    assert_int_equal(answer(ledger, "'approve','until':'2026-03-01'"), ERR_FIELD_RANGE);
    assert_int_equal(answer(ledger, "'approve','grounds':{" LAW "}"), ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "grounds.legal_basis"));
    assert_int_equal(answer(ledger, "'approve','rows':[{'item':'年龄','is':'ge','value':'1'}]"),
                     ERR_SUBJECT);
    assert_int_equal(answer(ledger, "'approve','items':['证件号码'],'masked':['证件号码'],"
                                    "'rows':[{'item':'证件号码','is':'prefix','value':'44'}],"
                                    "'until':'2026-06-30','quota':{'calls_per_day':10},"
                                    "'terms':'仅限核验','grounds':{" LAW "}"),
                     0);
    const struct doc *grant = ledger_get(ledger, "grant/%s", id);
    assert_int_equal(doc_count(doc_get(grant, "items")), 1);
    assert_true(doc_has_text(doc_get(grant, "items"), "证件号码"));
    assert_true(doc_has_text(doc_get(grant, "masked"), "证件号码"));
    assert_int_equal(doc_count(doc_get(grant, "rows")), 2);
    assert_int_equal(doc_get_int(doc_get(grant, "quota"), "calls_per_day", 0), 10);
    assert_int_equal(doc_get_int(grant, "expires_ms", 0), at("2026-07-01T00:00:00+08:00"));
    assert_string_equal(grant_text(ledger, "terms_of_use"), "仅限核验");
    assert_string_equal(grant_text(ledger, "number"), request_text(ledger, "number"));
    (void)snprintf(key, sizeof key, "answer/%s", id);
    assert_string_equal(ledger_text(ledger, key, "by"), "approve");
    assert_int_equal(answer(ledger, "'approve'"), ERR_STATUS);
    ledger_close(&ledger);
}

/* PT 20, CN 16: what is left out is refused, and a refusal has its grounds; what is only used
 * otherwise, or is all that was asked for, needs none. */
static void what_is_left_out_needs_grounds(void **state)
{
    (void)state;
    static const struct {
        const char *terms;
        bool less;
    } cases[] = {
        {",'items':['姓名']", true},
        {",'items':['证件号码','姓名']", false},
        {",'rows':[{'item':'姓名','is':'prefix','value':'王'}]", true},
        {",'masked':['证件号码']", true},
        {",'until':'2026-12-30'", true},
        {",'until':'2026-12-31'", false},
        {",'terms':'仅限核验'", false},
        {",'quota':{'calls_per_day':20,'rows_per_day':500},'terms':'仅限核验'", false},
        {",'quota':{'calls_per_day':19}", true}, /* of the 20 asked for */
        {",'quota':{'calls_per_day':1}", true},
        {",'quota':{'rows_per_day':499}", true},
        {",'quota':{'bytes_per_day':1000000000}", true}, /* as many as it liked were asked for */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char body[300];
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1",
                                    "{'items':['姓名','证件号码'],'quota':{'calls_per_day':20,"
                                    "'rows_per_day':500}}"),
                         0);
        (void)snprintf(body, sizeof body, "'approve'%s,'grounds':{" LAW "}", cases[i].terms);
        if (!cases[i].less) {
            assert_int_equal(answer(ledger, body), ERR_FIELD_UNKNOWN);
        }
        (void)snprintf(body, sizeof body, "'approve'%s", cases[i].terms);
        assert_int_equal(answer(ledger, body), cases[i].less ? ERR_GROUNDS : 0);
        if (cases[i].less) {
            assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.legal_basis"));
            (void)snprintf(body, sizeof body, "'approve'%s,'grounds':{" LAW "}", cases[i].terms);
            assert_int_equal(answer(ledger, body), 0);
        }
        assert_string_equal(request_text(ledger, "status"), "granted");
        ledger_close(&ledger);
    }
}

/* E6: a condition that the request itself made on a masked item chooses nothing: the provider
 * leaves it in plain, or refuses; its own condition is its own affair. */
static void what_chooses_the_rows_is_not_masked(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'items':['姓名','证件号码'],"
                                "'rows':[{'item':'证件号码','is':'prefix','value':'44'}]}"),
                     0);
    assert_int_equal(answer(ledger, "'approve','masked':['姓名','证件号码'],'grounds':{" LAW "}"),
                     ERR_MASKED_CONDITION);
    assert_true(ledger_fault(ledger, ERR_MASKED_CONDITION, "masked[1]"));
    assert_string_equal(request_text(ledger, "status"), "pending");
    assert_int_equal(answer(ledger, "'approve','masked':['姓名'],'grounds':{" LAW "},"
                                    "'rows':[{'item':'姓名','is':'prefix','value':'王'}]"),
                     0);
    ledger_close(&ledger);
}

static void only_the_provider_answers(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    static const struct {
        const char *kid;
        int error;
    } cases[] = {{GAMMA "/approve", ERR_PARTY},
                 {BETA "/approve", ERR_PARTY},
                 {CENTER "/approve", ERR_PARTY},
                 {ALPHA "/compile", ERR_TX_ROLE},
                 {ALPHA "/chief", ERR_TX_ROLE}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ledger_do(ledger, cases[i].kid, "request.answer",
                                   "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
                                   ledger_version(ledger, "request/%s", id)),
                         cases[i].error);
    }
    ledger_close(&ledger);
}

static void a_request_is_withdrawn(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(ledger_do(ledger, GAMMA "/compile", "request.withdraw",
                               "{'request':'%s','acts_on':'%s','reason':'误操作'}", id,
                               ledger_version(ledger, "request/%s", id)),
                     ERR_PARTY);
    ledger_must(ledger, BETA "/compile", "request.withdraw",
                "{'request':'%s','acts_on':'%s','reason':'业务调整'}", id,
                ledger_version(ledger, "request/%s", id));
    assert_string_equal(request_text(ledger, "status"), "withdrawn");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(answer(ledger, "'approve'"), ERR_STATUS);
    assert_int_equal(ledger_do(ledger, BETA "/compile", "request.withdraw",
                               "{'request':'%s','acts_on':'%s','reason':'再次'}", id,
                               ledger_version(ledger, "request/%s", id)),
                     ERR_STATUS);
    ledger_close(&ledger);
}

/* The largest bodies that a payload can carry still make records within the state's bound. */
static void the_largest_request_fits_the_state(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf items = {0}, names = {0};
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E0", "unconditional");
    for (int i = 0; i < 400; i++) { /* names of 200 characters, 592 bytes: near 256 KiB */
        char name[700] = "";
        for (int k = 0; k < 196; k++) {
            memcpy(name + strlen(name), "项", sizeof "项");
        }
        (void)snprintf(name + strlen(name), 8, "%04d", i);
        buf_append_format(&items, "%s{'name':'%s','type':'L'}", i == 0 ? "" : ",", name);
        buf_append_format(&names, "%s'%s'", i == 0 ? "" : ",", name);
    }
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'code':'E1','entry':%s}", entry_text("大目录", "authorised", NULL));
    AUTO(doc_free) struct doc *list = fixture_parse("[%s]", buf_text(&items));
    doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "items", doc_ref(list));
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    ledger_collect(ledger, "E1");
    AUTO(buf_free) struct buf extra = {0}, text = {0};
    buf_append_format(&extra,
                      "{'items':[%s],'mode':'file','mode_reason':'一次性核对',"
                      "'scenario':{'case':4,'description':'脱敏使用',"
                      "'restriction':'masked'}}",
                      buf_text(&names));
    assert_int_equal(ledger_ask(ledger, id, "E1", buf_text(&extra)), 0);
    ledger_must(ledger, CENTER "/review", "request.assess",
                "{'request':'%s','acts_on':'%s','opinion':'技术可行','mode':'accept'}", id,
                ledger_version(ledger, "request/%s", id));
    doc_append_canonical(&text, ledger_get(ledger, "grant/%s", id));
    assert_in_range(text.len, 230000, STATE_VALUE_BYTES_MAX);
    buf_clear(&text);
    doc_append_canonical(&text, ledger_get(ledger, "request/%s", id));
    assert_in_range(text.len, 230000, STATE_VALUE_BYTES_MAX);
    ledger_close(&ledger);
}

#define LONG_NAME_BYTES 792
static char long_names[320][LONG_NAME_BYTES];

/* `count` of the names, from `first` on, each between these. */
static const char *long_list(size_t count, const char *open, const char *close)
{
    static char text[COUNT_OF(long_names) * (LONG_NAME_BYTES + 32)];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s%s", i == 0 ? "" : ",",
                                 open, long_names[i], close);
    }
    return text;
}

static int ask_for(struct ledger *ledger, size_t count)
{
    static char extra[sizeof long_names + 16384];
    (void)snprintf(extra, sizeof extra, "{'items':[%s]}", long_list(count, "'", "'"));
    return ledger_ask(ledger, id, "E2", extra);
}

static int approve_masked(struct ledger *ledger, size_t count)
{
    static char rest[sizeof long_names + 16384];
    (void)snprintf(rest, sizeof rest, "'approve','grounds':{" LAW "},'masked':[%s]",
                   long_list(count, "'", "'"));
    return answer(ledger, rest);
}

/* A grant holds what was asked for and what was answered. The ledger itself makes it of them where
 * its consumer was suspended, and what nobody could execute would end the chain: a whole
 * transaction of 256 KiB and 128 KiB of terms, each name 794 bytes, fit beside all that is noted
 * later. */
static void what_a_grant_can_hold(void **state)
{
    (void)state;
    static char entry[sizeof long_names + 32768];
    struct ledger *ledger = with_entry("putuo", "authorised");
    for (size_t i = 0; i < COUNT_OF(long_names); i++) {
        size_t used = (size_t)snprintf(long_names[i], LONG_NAME_BYTES, "%03zu", i);
        while (used + 4 < LONG_NAME_BYTES) {
            used += (size_t)snprintf(long_names[i] + used, LONG_NAME_BYTES - used, "𠀀");
        }
    }
    (void)snprintf(entry, sizeof entry, "%s", entry_text("长名", "authorised", ""));
    (void)snprintf(strstr(entry, "'items':["), sizeof long_names + 16384, "'items':[%s]}",
                   long_list(COUNT_OF(long_names), "{'name':'", "','type':'D'}"));
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E2','entry':%s}", entry);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E2','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E2"));
    ledger_collect(ledger, "E2");
    assert_int_equal(ask_for(ledger, COUNT_OF(long_names)), 0);
    ledger_member(ledger, "member.suspend", BETA);
    assert_int_equal(approve_masked(ledger, 165), ERR_TOO_LARGE);
    assert_true(ledger_fault(ledger, ERR_TOO_LARGE, "body"));
    assert_int_equal(approve_masked(ledger, 163), 0);
    ledger_member(ledger, "member.restore", BETA);
    ledger_blocks(ledger, 1);
    assert_string_equal(grant_text(ledger, "status"), "active");
    ledger_must(ledger, CENTER "/review", "grant.suspend",
                "{'grant':'%s','acts_on':'%s','reason':'核查'," RISK_REPORT "}", id,
                ledger_version(ledger, "grant/%s", id));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_refusal_needs),
        cmocka_unit_test(an_approval_narrows),
        cmocka_unit_test(what_is_left_out_needs_grounds),
        cmocka_unit_test(what_chooses_the_rows_is_not_masked),
        cmocka_unit_test(only_the_provider_answers),
        cmocka_unit_test(a_request_is_withdrawn),
        cmocka_unit_test(the_largest_request_fits_the_state),
        cmocka_unit_test(what_a_grant_can_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
