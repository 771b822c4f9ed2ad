#include "term_faults.h"

#include "term_habit.h"

#include "base/civil.h"
#include "chain/rules/terms.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct term_fault {
    const char *english;
    int64_t by_ms;
    bool judged;
} faults[] = {
    {"a day early", -DAY_MS, false},        {"a millisecond early", -1, false},
    {"a millisecond late", 1, false},       {"a day late", DAY_MS, false},
    {"judged a millisecond late", 1, true},
};

static const struct term_fault *planted;
static const char *planted_in; /* the name of a kind */
static const char *begins;     /* the term that is being started */

static int64_t fault_ms(const char *term, bool judged)
{
    bool here = planted != NULL && planted->judged == judged && term != NULL;
    return here && strcmp(term, planted_in) == 0 ? planted->by_ms : 0;
}

/* ---- the functions of terms.h, wrapped ---- */

#define WRAPPED(type, function, ...)                                                               \
    type __real_##function(__VA_ARGS__);                                                           \
    type __wrap_##function(__VA_ARGS__);                                                           \
    type __wrap_##function(__VA_ARGS__)

WRAPPED(int64_t, term_length_end, struct rule_context *context, bool *provisional, int64_t from_ms,
        struct term_length length)
{
    return __real_term_length_end(context, provisional, from_ms, length) + fault_ms(begins, false);
}

WRAPPED(bool, term_start_policy, struct rule_context *context, struct doc *record,
        const char *subject, const char *name, const char *section)
{
    begins = name;
    term_habit_watch(context, subject, name);
    bool begun = __real_term_start_policy(context, record, subject, name, section);
    begins = NULL;
    return begun;
}

WRAPPED(bool, term_start_running, struct rule_context *context, struct doc *record,
        const char *subject, const char *name, const char *section)
{
    begins = name;
    term_habit_watch(context, subject, name);
    bool begun = __real_term_start_running(context, record, subject, name, section);
    begins = NULL;
    return begun;
}

WRAPPED(bool, term_start_from, struct rule_context *context, struct doc *record,
        const char *subject, const char *name, const char *section, int64_t from_ms)
{
    begins = name;
    term_habit_watch(context, subject, name);
    bool begun = __real_term_start_from(context, record, subject, name, section, from_ms);
    begins = NULL;
    return begun;
}

WRAPPED(void, term_go_on, struct rule_context *context, struct doc *record, const char *subject,
        const char *name)
{
    begins = name;
    __real_term_go_on(context, record, subject, name);
    begins = NULL;
}

WRAPPED(void, term_start_at, struct rule_context *context, struct doc *record, const char *subject,
        const char *name, int64_t due_ms, const char *clause)
{
    term_habit_watch(context, subject, name);
    __real_term_start_at(context, record, subject, name, due_ms + fault_ms(name, false), clause);
}

WRAPPED(int64_t, term_due_now, struct rule_context *context, const struct term_kind *kind,
        const struct doc *record, bool recount, bool *provisional)
{
    return __real_term_due_now(context, kind, record, recount, provisional) +
           fault_ms(kind->name, true);
}

/* ---- a row under each fault ---- */

/* Whether the row passes, in a process of its own: a fault may end it by an ENSURE. */
static bool passes(int (*row)(void), const struct term_fault *fault)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        planted = fault;
        _exit(row() != 0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("fork");
        _exit(2);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int term_faults_try(const char *term, int (*row)(void))
{
    int unnoticed = 0;
    planted_in = term;
    if (!passes(row, NULL)) {
        (void)printf("%s: the row fails without a fault\n", term);
        return 1;
    }
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        bool noticed = !passes(row, &faults[i]);
        (void)printf("%s %s: %s\n", term, faults[i].english, noticed ? "noticed" : "NOT noticed");
        unnoticed += !noticed;
    }
    return unnoticed;
}
