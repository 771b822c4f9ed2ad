/* A family's rows as a test program: the list declares a test for each row, the file that includes
 * this defines them, and main runs the one that is named, or all. A row without a test does not
 * compile.
 *
 *   ROW(name, "requirement ids", "clause", "transaction types", "states", "profile sections",
 *       "English", "中文")
 *
 * Lists within a row are separated by ", "; "" where there is none. Each test is written from the
 * clause: dates in it are literals, worked out by hand, the counting beside them.
 *
 *   BOUNDARY(row, "term")   the row looks at both sides of the instant at which a term of this kind
 *                           (chain/rules/term_kinds.c) ends
 *
 * Each kind has one at least: a test of its own, which runs the row under faults (term_faults.h). */
#ifndef DIRCHAIN_TESTS_RULES_ROW_H
#define DIRCHAIN_TESTS_RULES_ROW_H

#include "rules_fixture.h"
#include "term_faults.h"

#include <string.h>

#define BOUNDARY(row, term)

#define ROW(name, requirements, clause, types, states, sections, english, chinese)                 \
    static void name(void **state);
#include ROWS
#undef ROW

static const struct CMUnitTest rows[] = {
#define ROW(name, requirements, clause, types, states, sections, english, chinese)                 \
    cmocka_unit_test(name),
#include ROWS
#undef ROW
};

static int run_rows(void)
{
    return cmocka_run_group_tests(rows, NULL, NULL);
}

/* The row alone, if there is one of that name. */
static bool choose_row(const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        found += strcmp(rows[i].name, name) == 0;
    }
    cmocka_set_test_filter(name);
    return found == 1;
}

int main(int argc, char **argv)
{
    if (argc > 3) {
        (void)fprintf(stderr, "usage: %s [ROW [TERM]]\n", argv[0]);
        return 2;
    }
    if (argc > 1 && !choose_row(argv[1])) {
        (void)fprintf(stderr, "%s: no such row, or more than one\n", argv[1]);
        return 2;
    }
    return argc == 3 ? term_faults_try(argv[2], run_rows) : run_rows();
}

#endif
