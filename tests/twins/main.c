/* dirchain-twins [--systematic] [--every K] [--random N] [--first S] [--jobs J]
 *                [--real-signatures] [--trace-steps FILE]
 * dirchain-twins --replay "SCENARIO" [--real-signatures]
 *
 * Plays all systematic scenarios of 4 validators and a twin (or every Kth), then N random ones of 4
 * and of 7 validators with as many twins as they bear. Prints what came about; ends with 1 at the
 * first violation, with the command that plays it again. */
#include "twins.h"

#include "base/ensure.h"
#include "consensus_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 64
#define SYSTEMATIC_VALIDATORS 4
#define PART ((uint64_t)256) /* systematic scenarios that one job takes at a time */
#define RANDOM_PART ((uint64_t)64)
#define ENOUGH 5000 /* scenarios, to have seen all that matters */

struct options {
    bool systematic, real_signatures;
    uint64_t every, random, first, jobs;
    const char *replay;
};

/* Shared by the jobs. */
struct job {
    struct twins_counts counts;
    bool failed;
    char text[512], failure[256];
};
struct board {
    uint64_t next; /* part, taken with an atomic addition */
    struct job job[JOBS_MAX];
};

static void usage(int status)
{
    fputs("usage: dirchain-twins [--systematic] [--every K] [--random N] [--first S] [--jobs J]\n"
          "                      [--real-signatures] [--trace-steps FILE]\n"
          "       dirchain-twins --replay \"SCENARIO\" [--real-signatures]\n",
          status == 0 ? stdout : stderr);
    exit(status);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
    char *end = NULL;
    unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    if (!text || end == text || *end != '\0' || value < min || value > max)
        usage(2);
    return value;
}

static struct options parse(int argc, char **argv)
{
    struct options options = {.every = 1, .first = 1, .jobs = 2};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--help") == 0)
            usage(0);
        else if (strcmp(name, "--systematic") == 0)
            options.systematic = true;
        else if (strcmp(name, "--real-signatures") == 0)
            options.real_signatures = true;
        else if (strcmp(name, "--every") == 0)
            options.every = number(argv[++i], 1, 1000000);
        else if (strcmp(name, "--random") == 0)
            options.random = number(argv[++i], 0, 1000000000);
        else if (strcmp(name, "--first") == 0)
            options.first = number(argv[++i], 1, UINT32_MAX);
        else if (strcmp(name, "--jobs") == 0)
            options.jobs = number(argv[++i], 1, JOBS_MAX);
        else if (strcmp(name, "--trace-steps") == 0 && i + 1 < argc)
            consensus_trace_open(argv[++i]);
        else if (strcmp(name, "--replay") == 0 && i + 1 < argc)
            options.replay = argv[++i];
        else
            usage(2);
    }
    if (!options.systematic && options.random == 0 && !options.replay)
        usage(2);
    if (consensus_trace_is_open())
        options.jobs = 1;
    return options;
}

/* ---- jobs ---- */

static bool play(size_t *last_slot, struct job *job, struct twins *twins,
                 const struct scenario *scenario)
{
    if (twins_play(last_slot, twins, scenario))
        return true;
    scenario_text(job->text, sizeof job->text, scenario);
    snprintf(job->failure, sizeof job->failure, "%s", twins->failure);
    job->failed = true;
    return false;
}

/* One part of the systematic scenarios. Where all had decided in a slot, what the later ones look
 * like makes no difference, and those that differ only there are covered too. */
static bool play_systematic(struct job *job, struct twins *twins, uint64_t part, uint64_t every)
{
    struct scenario scenario;
    uint64_t end = (part + 1) * PART;
    uint64_t i = (part * PART + every - 1) / every * every;
    while (i < end) {
        size_t last_slot;
        systematic_scenario(&scenario, SYSTEMATIC_VALIDATORS, i);
        if (!play(&last_slot, job, twins, &scenario))
            return false;
        uint64_t next =
            every > 1 ? i + every : systematic_next(i, SYSTEMATIC_VALIDATORS, last_slot);
        if (next > end)
            next = end;
        job->counts.covered += every > 1 ? 1 : next - i;
        i = next;
    }
    return true;
}

static bool play_random(struct job *job, struct twins *four, struct twins *seven, uint64_t first,
                        uint64_t count)
{
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct scenario scenario;
        struct twins *twins = seed % 2 ? four : seven;
        random_scenario(&scenario, twins->validators, seed);
        size_t last_slot;
        if (!play(&last_slot, job, twins, &scenario))
            return false;
    }
    return true;
}

static uint64_t systematic_parts(const struct options *options)
{
    return options->systematic ? systematic_count(SYSTEMATIC_VALIDATORS) / PART : 0;
}

static uint64_t all_parts(const struct options *options)
{
    return systematic_parts(options) + (options->random + RANDOM_PART - 1) / RANDOM_PART;
}

static void work(struct board *board, struct job *job, const struct options *options)
{
    struct twins *four = twins_create(4, options->real_signatures, &job->counts);
    struct twins *seven = twins_create(7, options->real_signatures, &job->counts);
    uint64_t systematic = systematic_parts(options), all = all_parts(options), part;
    bool content = true;
    while (content && (part = __atomic_fetch_add(&board->next, 1, __ATOMIC_RELAXED)) < all) {
        if (part < systematic) {
            content = play_systematic(job, four, part, options->every);
            continue;
        }
        uint64_t done = (part - systematic) * RANDOM_PART, left = options->random - done;
        content = play_random(job, four, seven, options->first + done,
                              left < RANDOM_PART ? left : RANDOM_PART);
    }
    if (!content) /* the others need not go on */
        __atomic_fetch_add(&board->next, all, __ATOMIC_RELAXED);
    twins_free(&four);
    twins_free(&seven);
}

static void progress(const struct board *board, uint64_t all)
{
    if (!isatty(STDERR_FILENO))
        return;
    uint64_t done = __atomic_load_n(&board->next, __ATOMIC_RELAXED);
    if (done > all)
        done = all;
    fprintf(stderr, "\r[%-40.*s] %3u%%", (int)(40 * done / all),
            "########################################", (unsigned)(100 * done / all));
}

/* Runs the jobs as processes of their own. False if one of them did not end well. */
static bool run_jobs(struct board *board, const struct options *options)
{
    for (uint64_t i = 0; i < options->jobs; i++) {
        pid_t pid = fork();
        ENSURE(pid >= 0);
        if (pid == 0) {
            work(board, &board->job[i], options);
            consensus_trace_close();
            _exit(0);
        }
    }
    bool well = true;
    for (uint64_t left = options->jobs; left > 0;) {
        int status = 0;
        if (waitpid(-1, &status, WNOHANG) > 0) {
            well &= WIFEXITED(status) && WEXITSTATUS(status) == 0;
            left--;
            continue;
        }
        progress(board, all_parts(options));
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    progress(board, all_parts(options));
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    return well;
}

/* ---- what came about ---- */

static void add(struct twins_counts *sum, const struct twins_counts *part)
{
    uint64_t slowest =
        sum->slowest_rounds > part->slowest_rounds ? sum->slowest_rounds : part->slowest_rounds;
    for (size_t i = 0; i < sizeof *sum / sizeof(uint64_t); i++)
        ((uint64_t *)sum)[i] += ((const uint64_t *)part)[i];
    sum->slowest_rounds = slowest;
}

static void report(const struct twins_counts *counts, double seconds)
{
    const struct {
        uint64_t count;
        const char *text;
    } lines[] = {{counts->scenarios, "scenarios played"},
                 {counts->covered, "systematic ones covered by them"},
                 {counts->steps, "steps of the state machine"},
                 {counts->before_heal, "all correct validators decided before the healing"},
                 {counts->undecided, "nobody decided before the healing"},
                 {counts->equivocations, "pairs of different votes under one key"},
                 {counts->evidence, "times a correct validator gave evidence of it"},
                 {counts->locks_carried, "locks carried into a later round"},
                 {counts->unlocked, "locks that moved to another block"},
                 {counts->values_again, "blocks proposed again"},
                 {counts->slowest_rounds, "rounds from the healing to the last decision, at most"}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        printf("%12" PRIu64 "  %s\n", lines[i].count, lines[i].text);
    printf("decisions of correct validators by round:");
    for (size_t i = 0; i < TWINS_ROUNDS_MAX; i++) {
        if (counts->decisions[i] > 0)
            printf(" %zu: %" PRIu64, i, counts->decisions[i]);
    }
    printf("\n0 forks, 0 honest accused, %.1f s\n", seconds);
}

/* What a run exists to exercise has happened. */
static bool exercised(const struct twins_counts *counts)
{
    return counts->equivocations > 0 && counts->evidence > 0 && counts->locks_carried > 0 &&
           counts->values_again > 0 && counts->before_heal > 0 && counts->undecided > 0 &&
           counts->decisions[0] > 0 && counts->decisions[3] > 0;
}

static int replay(const struct options *options)
{
    static struct twins_counts counts;
    struct scenario scenario;
    if (!scenario_parse(&scenario, options->replay))
        usage(2);
    struct twins *twins = twins_create(scenario.validators, options->real_signatures, &counts);
    size_t last_slot;
    bool content = twins_play(&last_slot, twins, &scenario);
    printf("%s: %s\n", options->replay, content ? "no violation" : twins->failure);
    report(&counts, 0);
    twins_free(&twins);
    return content ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options options = parse(argc, argv);
    if (options.replay)
        return replay(&options);
    struct board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ENSURE(board != MAP_FAILED);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    bool well = run_jobs(board, &options);
    clock_gettime(CLOCK_MONOTONIC, &end);
    struct twins_counts sum = {0};
    for (size_t i = 0; i < options.jobs; i++) {
        const struct job *job = &board->job[i];
        add(&sum, &job->counts);
        if (!job->failed)
            continue;
        printf("failed: %s\nreplay: dirchain-twins --replay \"%s\"%s\n", job->failure, job->text,
               options.real_signatures ? " --real-signatures" : "");
        well = false;
    }
    if (!well) {
        printf("failed: a violation, or a job that did not end\n");
        return 1;
    }
    report(&sum, (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    if (sum.scenarios >= ENOUGH && !exercised(&sum)) {
        printf("failed: something that matters never came about; play more of them\n");
        return 1;
    }
    return 0;
}
