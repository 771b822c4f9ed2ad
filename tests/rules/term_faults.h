/* Faults planted in the ends of terms. A row that claims the boundary of a kind of term (BOUNDARY in
 * the lists) is run again under each of them, and has to fail; as it is, it has to pass.
 *
 *   written   each term of the kind that begins ends a day or a millisecond too early or too late
 *   judged    its end is written down as it should be, and taken for reached a millisecond late
 *
 * The product is not changed: its functions that begin and judge terms are wrapped by the linker. */
#ifndef DIRCHAIN_TESTS_RULES_TERM_FAULTS_H
#define DIRCHAIN_TESTS_RULES_TERM_FAULTS_H

/* Prints a line for each fault, and returns how many of them were not noticed, or 1 if the row fails
 * without any. `row` returns how many tests failed; it runs in a process of its own each time. */
int term_faults_try(const char *term, int (*row)(void));

#endif
