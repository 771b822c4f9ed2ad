/* What the programs that play many worlds share: their options and their processes.
 *
 * Exit codes: 0 all is well; 1 a violation; 2 called the wrong way; 3 the program itself failed, or
 * its environment; 4 no violation, but something that a run is to exercise never happened. */
#ifndef DIRCHAIN_TESTS_LIB_CAMPAIGN_H
#define DIRCHAIN_TESTS_LIB_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CAMPAIGN_JOBS_MAX 64

enum {
    CAMPAIGN_WELL = 0,
    CAMPAIGN_VIOLATION = 1,
    CAMPAIGN_WRONG_USE = 2,
    CAMPAIGN_BROKEN = 3,
    CAMPAIGN_NOT_EXERCISED = 4
};

struct campaign_option {
    const char *name;  /* "--seeds" */
    const char *value; /* what --help calls its value; NULL: it has none */
    /* One of these is where it goes. */
    bool *flag;
    uint64_t *number; /* from min to max */
    const char **words;
    uint64_t min, max;
    const char *help; /* with line breaks */
};
struct campaign {
    const char *program, *before, *after; /* of the options, in --help */
    size_t option_count;
    const struct campaign_option *option;
};

/* Reads what is told to the program. -h and --help print and end with 0; what is wrong is named and
 * ends it with 2. */
void campaign_read(const struct campaign *campaign, int argc, char **argv);
void campaign_wrong(const struct campaign *campaign, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* A process that does not outlive this one, however this one ends. 0 in the new one. */
pid_t campaign_fork(void);
/* Memory that processes made later share with this one, zeroed. */
void *campaign_share(size_t bytes);
/* On a terminal; the line ends when all is done. */
void campaign_progress(uint64_t done, uint64_t all);

#endif
