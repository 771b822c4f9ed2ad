/* Entries of ALPHA for the rows of the catalog. Include after row.h. */
#ifndef DIRCHAIN_TESTS_RULES_ENTRIES_H
#define DIRCHAIN_TESTS_RULES_ENTRIES_H

#define ENTRY(code) "entry/" ALPHA "/" code

__attribute__((unused)) static struct ledger *with_duty(const char *profile)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_must(ledger, ALPHA "/compile", "duty.publish",
                "{'code':'D1','name':'社会组织登记','category':'行政许可',"
                "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
    return ledger;
}

__attribute__((unused)) static int submit(struct ledger *ledger, const char *code,
                                          const char *entry)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
                     entry);
}

__attribute__((unused)) static void review(struct ledger *ledger, const char *code,
                                           const char *decision)
{
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':%s}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code), decision);
}

#endif
