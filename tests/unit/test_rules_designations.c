/* Designations by the supervisor (PT 5): made, replaced, withdrawn, and the entries they leave. */
#include "rules_fixture.h"

static const char matter[] = "'matter':'跨部门流动人口数据','reason':'职责不明确'";

static int designate(struct ledger *ledger, const char *member, const char *replaces)
{
    char more[100] = "";
    if (replaces != NULL) {
        (void)snprintf(more, sizeof more, ",'replaces':'%s'", replaces);
    }
    return ledger_do(ledger, SUPERVISOR "/approve", "catalog.designate", "{%s,'member':'%s'%s}",
                     matter, member, more);
}

static int submit(struct ledger *ledger, const char *kid, const char *code, const char *designation)
{
    char extra[120];
    (void)snprintf(extra, sizeof extra, "'designation':'%s',", designation);
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'code':'%s','entry':%s}", code, entry_text(code, "unconditional", extra));
    doc_remove((struct doc *)(uintptr_t)doc_get(body, "entry"), "duty");
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, kid, "catalog.submit", body);
}

static void accept(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

static int withdraw(struct ledger *ledger, const char *kid, const char *id)
{
    return ledger_do(ledger, kid, "designation.withdraw",
                     "{'designation':'%s','acts_on':'%s','reason':'职责已划定'}", id,
                     ledger_version(ledger, "designation/%s", id));
}

static void another_agency_is_designated_in_its_place(void **state)
{
    (void)state;
    char first[65], second[65], key[100];
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(designate(ledger, ALPHA, NULL), 0);
    (void)snprintf(first, sizeof first, "%s", ledger->txid);
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", first), 0);
    accept(ledger, "E1");
    (void)snprintf(key, sizeof key, "%064x", 1);
    assert_int_equal(designate(ledger, GAMMA, key), ERR_SUBJECT);
    assert_int_equal(designate(ledger, GAMMA, first), 0);
    (void)snprintf(second, sizeof second, "%s", ledger->txid);
    (void)snprintf(key, sizeof key, "designation/%s", first);
    assert_string_equal(ledger_text(ledger, key, "status"), "replaced");
    assert_string_equal(ledger_text(ledger, key, "replaced_by"), second);
    assert_true(doc_has_text(doc_get(ledger_get(ledger, "%s", key), "affected"), ALPHA "/E1"));
    assert_true(ledger_act_is(ledger, 0, "entry/" ALPHA "/E1", "designation-replaced"));
    /* The old one takes no entries, and is replaced once. */
    assert_int_equal(submit(ledger, ALPHA "/compile", "E2", first), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry.designation"));
    assert_int_equal(submit(ledger, GAMMA "/compile", "E2", first), ERR_SUBJECT);
    assert_int_equal(submit(ledger, GAMMA "/compile", "E2", second), 0);
    assert_int_equal(designate(ledger, BETA, first), ERR_STATUS);
    ledger_close(&ledger);
}

static void a_designation_is_withdrawn(void **state)
{
    (void)state;
    char id[65], key[100];
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(designate(ledger, ALPHA, NULL), 0);
    (void)snprintf(id, sizeof id, "%s", ledger->txid);
    (void)snprintf(key, sizeof key, "designation/%s", id);
    assert_int_equal(submit(ledger, ALPHA "/compile", "E1", id), 0);
    accept(ledger, "E1");
    assert_int_equal(withdraw(ledger, ALPHA "/approve", id), ERR_PARTY);
    assert_int_equal(withdraw(ledger, SUPERVISOR "/compile", id), ERR_TX_ROLE);
    assert_int_equal(withdraw(ledger, SUPERVISOR "/approve", id), 0);
    assert_string_equal(ledger_text(ledger, key, "status"), "withdrawn");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "%s", key), "affected")), 1);
    assert_true(ledger_act_is(ledger, 0, "entry/" ALPHA "/E1", "designation-withdrawn"));
    assert_int_equal(withdraw(ledger, SUPERVISOR "/approve", id), ERR_STATUS);
    assert_int_equal(submit(ledger, ALPHA "/compile", "E2", id), ERR_STATUS);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_agency_is_designated_in_its_place),
        cmocka_unit_test(a_designation_is_withdrawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
