/* Options by a table, and processes that end with their parent. */
#include "campaign.h"

#include "base/ensure.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define BAR "########################################"
#define HELP_COLUMN 22

/* ---- options ---- */

void campaign_wrong(const struct campaign *campaign, const char *format, ...)
{
    va_list args;
    (void)fprintf(stderr, "%s: ", campaign->program);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, "\n%s --help tells what there is.\n", campaign->program);
    exit(CAMPAIGN_WRONG_USE);
}

static void print_option(const struct campaign_option *option)
{
    char name[64];
    (void)snprintf(name, sizeof name, "  %s%s%s", option->name, option->value ? " " : "",
                   option->value ? option->value : "");
    (void)printf("%-*s", HELP_COLUMN, name);
    const char *line = option->help;
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        (void)printf("%.*s\n%*s", (int)(end - line), line, HELP_COLUMN, "");
    (void)printf("%s\n", line);
}

static void print_help(const struct campaign *campaign)
{
    (void)fputs(campaign->before, stdout);
    for (size_t i = 0; i < campaign->option_count; i++)
        print_option(&campaign->option[i]);
    (void)printf("  %-*s%s\n", HELP_COLUMN - 2, "-h, --help", "prints this");
    (void)fputs(campaign->after, stdout);
    exit(CAMPAIGN_WELL);
}

static uint64_t read_number(const struct campaign *campaign, const struct campaign_option *option,
                            const char *text)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < option->min ||
        value > option->max)
        campaign_wrong(campaign, "%s wants a number from %" PRIu64 " to %" PRIu64 ", not \"%s\".",
                       option->name, option->min, option->max, text);
    return value;
}

static const struct campaign_option *find_option(const struct campaign *campaign, const char *name)
{
    for (size_t i = 0; i < campaign->option_count; i++) {
        if (strcmp(campaign->option[i].name, name) == 0)
            return &campaign->option[i];
    }
    campaign_wrong(campaign, "there is no option \"%s\".", name);
}

void campaign_read(const struct campaign *campaign, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            print_help(campaign);
    }
    for (int i = 1; i < argc; i++) {
        const struct campaign_option *option = find_option(campaign, argv[i]);
        if (option->flag != NULL) {
            *option->flag = true;
            continue;
        }
        if (++i == argc)
            campaign_wrong(campaign, "%s wants a value: %s.", option->name, option->value);
        if (option->number != NULL)
            *option->number = read_number(campaign, option, argv[i]);
        else
            *option->words = argv[i];
    }
}

/* ---- processes ---- */

pid_t campaign_fork(void)
{
    pid_t parent = getpid();
    (void)fflush(NULL);
    pid_t child = fork();
    ENSURE(child >= 0);
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(CAMPAIGN_BROKEN); /* it is gone already */
    }
    return child;
}

void *campaign_share(size_t bytes)
{
    void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ENSURE(shared != MAP_FAILED);
    return shared;
}

void campaign_progress(uint64_t done, uint64_t all)
{
    if (!isatty(STDERR_FILENO))
        return;
    done = done > all ? all : done;
    (void)fprintf(stderr, "\r[%-40.*s] %" PRIu64 "/%" PRIu64 "%s",
                  (int)((sizeof BAR - 1) * done / all), BAR, done, all, done == all ? "\n" : "");
}
