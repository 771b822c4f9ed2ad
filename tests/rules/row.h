/* A family's rows as a test program: the list declares a test for each row, the file that includes
 * this defines them, and main runs the one that is named, or all. A row without a test does not
 * compile.
 *
 *   ROW(name, "requirement ids", "clause", "transaction types", "states", "profile sections",
 *       "English", "中文")
 *
 * Lists within a row are separated by ", "; "" where there is none. Each test is written from the
 * clause: dates in it are literals, worked out by hand, the counting beside them. */
#ifndef DIRCHAIN_TESTS_RULES_ROW_H
#define DIRCHAIN_TESTS_RULES_ROW_H

#include "rules_fixture.h"

#include <string.h>

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

int main(int argc, char **argv)
{
    if (argc > 2) {
        (void)fprintf(stderr, "usage: %s [ROW]\n", argv[0]);
        return 2;
    }
    if (argc == 2) {
        size_t found = 0;
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            found += strcmp(rows[i].name, argv[1]) == 0;
        }
        if (found != 1) {
            (void)fprintf(stderr, "%s: no such row, or more than one\n", argv[1]);
            return 2;
        }
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(rows, NULL, NULL);
}

#endif
