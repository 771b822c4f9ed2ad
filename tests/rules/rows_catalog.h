/* What rows of the catalog share. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_RULES_ROWS_CATALOG_H
#define DIRCHAIN_TESTS_RULES_ROWS_CATALOG_H

#include "row.h"

#include "entries.h"

static const char *const profiles[] = {"putuo", "changning", "shanghai-open"};

/* PT 13 and PT 14 have days for the review, the resubmission and the assessment; neither
 * 长府规〔2019〕1号 nor 沪经信规范〔2022〕12号 has, so nothing is overdue there. */
static inline bool has_days(const char *profile)
{
    return strcmp(profile, "putuo") == 0;
}

static inline void expect_overdue(const struct ledger *ledger, const char *profile,
                                  const char *subject, const char *act)
{
    if (has_days(profile)) {
        assert_true(ledger_act_is(ledger, 0, subject, act));
    } else {
        assert_int_equal(doc_count(ledger->acts), 0);
    }
}

#endif
