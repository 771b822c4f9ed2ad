/* Watches each change of a term that a row's transactions make (term_habit.c). */
#ifndef DIRCHAIN_TESTS_RULES_TERM_HABIT_H
#define DIRCHAIN_TESTS_RULES_TERM_HABIT_H

#include "chain/rule.h"

/* The term of the record under `subject` is about to be stopped, or replaced. */
void term_habit_watch(struct rule_context *context, const char *subject, const char *name);

#endif
