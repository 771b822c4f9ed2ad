/* dirchain-twins: --help prints the options.
 *
 * Plays all systematic scenarios of 4 validators and a twin (or every Kth), then N random ones of 4
 * and of 7 validators with as many twins as they bear. Prints what came about; ends with 1 at the
 * first violation, with the command that plays it again. */
#include "twins.h"

#include "campaign.h"
#include "consensus_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SYSTEMATIC_VALIDATORS 4
#define PART ((uint64_t)256) /* systematic scenarios that one job takes at a time */
#define RANDOM_PART ((uint64_t)64)
#define ENOUGH 5000 /* scenarios, to have seen all that matters */

struct options {
    bool no_systematic, real_signatures;
    uint64_t every, random, first, jobs;
    const char *replay, *trace_path;
};

/* Shared by the jobs. */
struct job {
    struct twins_counts counts;
    bool failed;
    char text[512], failure[256];
};
struct board {
    uint64_t next; /* part, taken with an atomic addition */
    struct job job[CAMPAIGN_JOBS_MAX];
};

static struct options options = {.every = 1, .random = 10000, .first = 1, .jobs = 2};

static const struct campaign_option option_table[] = {
    {"--random", "N", .number = &options.random, .max = 1000000000,
     .help = "random scenarios (10000), after the systematic ones"},
    {"--first", "S", .number = &options.first, .min = 1, .max = UINT32_MAX,
     .help = "the seed of the first random one (1)"},
    {"--every", "K", .number = &options.every, .min = 1, .max = 1000000,
     .help = "only every Kth systematic one (1: all of them)"},
    {"--no-systematic", .flag = &options.no_systematic, .help = "random ones only"},
    {"--jobs", "J", .number = &options.jobs, .min = 1, .max = CAMPAIGN_JOBS_MAX,
     .help = "processes (2; scripts/twins: one for each processor)"},
    {"--real-signatures", .flag = &options.real_signatures,
     .help = "not marks in their place; slow"},
    {"--trace-steps", "FILE", .words = &options.trace_path,
     .help = "writes each step of consensus, for\ntests/model/check_trace.py"},
    {"--replay", "SCENARIO", .words = &options.replay,
     .help = "plays one again, as a violation prints it"},
};
static const struct campaign campaign = {
    .program = "dirchain-twins",
    .before = "usage: scripts/twins [OPTION...]\n"
              "\n"
              "One validator's key runs twice (Twins, arXiv:2004.10617): all divisions of four\n"
              "validators and a twin into two sets, in each of four rounds, each of them the\n"
              "twin in turn, four kinds of network; then random ones, of four validators with\n"
              "a twin and of seven with two. Production code, built for release:\n"
              "build/release/bin/dirchain-twins. All of it takes 3 to 6 minutes.\n"
              "\n",
    .after = "\n"
             "Ends with 0: no violation; 1: a violation (the scenario is printed, with the\n"
             "command that plays it again); 2: called the wrong way; 3: the program itself\n"
             "failed; 4: no violation, but something that matters never came about.\n",
    .option_count = sizeof option_table / sizeof option_table[0],
    .option = option_table};

static void parse(int argc, char **argv)
{
    campaign_read(&campaign, argc, argv);
    if (options.no_systematic && options.random == 0)
        campaign_wrong(&campaign, "--no-systematic and --random 0 leave nothing to play.");
    if (options.trace_path != NULL)
        consensus_trace_open(options.trace_path);
    if (consensus_trace_is_open())
        options.jobs = 1;
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

static uint64_t systematic_parts(void)
{
    return options.no_systematic ? 0 : systematic_count(SYSTEMATIC_VALIDATORS) / PART;
}

static uint64_t all_parts(void)
{
    return systematic_parts() + (options.random + RANDOM_PART - 1) / RANDOM_PART;
}

static void work(struct board *board, struct job *job)
{
    struct twins *four = twins_create(4, options.real_signatures, &job->counts);
    struct twins *seven = twins_create(7, options.real_signatures, &job->counts);
    uint64_t systematic = systematic_parts(), all = all_parts(), part;
    bool content = true;
    while (content && (part = __atomic_fetch_add(&board->next, 1, __ATOMIC_RELAXED)) < all) {
        if (part < systematic) {
            content = play_systematic(job, four, part, options.every);
            continue;
        }
        uint64_t done = (part - systematic) * RANDOM_PART, left = options.random - done;
        content = play_random(job, four, seven, options.first + done,
                              left < RANDOM_PART ? left : RANDOM_PART);
    }
    if (!content) /* the others need not go on */
        __atomic_fetch_add(&board->next, all, __ATOMIC_RELAXED);
    twins_free(&four);
    twins_free(&seven);
}

static void progress(const struct board *board)
{
    campaign_progress(__atomic_load_n(&board->next, __ATOMIC_RELAXED), all_parts());
}

/* Runs the jobs as processes of their own. False if one of them did not end well. */
static bool run_jobs(struct board *board)
{
    for (uint64_t i = 0; i < options.jobs; i++) {
        if (campaign_fork() == 0) {
            work(board, &board->job[i]);
            consensus_trace_close();
            _exit(CAMPAIGN_WELL);
        }
    }
    bool well = true;
    for (uint64_t left = options.jobs; left > 0;) {
        int status = 0;
        if (waitpid(-1, &status, WNOHANG) > 0) {
            well &= WIFEXITED(status) && WEXITSTATUS(status) == 0;
            left--;
            continue;
        }
        progress(board);
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    progress(board);
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

static int replay(void)
{
    static struct twins_counts counts;
    struct scenario scenario;
    if (!scenario_parse(&scenario, options.replay))
        campaign_wrong(&campaign, "--replay: \"%s\" is no scenario.", options.replay);
    struct twins *twins = twins_create(scenario.validators, options.real_signatures, &counts);
    size_t last_slot;
    bool content = twins_play(&last_slot, twins, &scenario);
    printf("%s: %s\n", options.replay, content ? "no violation" : twins->failure);
    report(&counts, 0);
    twins_free(&twins);
    return content ? CAMPAIGN_WELL : CAMPAIGN_VIOLATION;
}

/* False: a violation, which is printed. */
static bool sum_up(struct twins_counts *sum, const struct board *board)
{
    bool content = true;
    for (size_t i = 0; i < options.jobs; i++) {
        const struct job *job = &board->job[i];
        add(sum, &job->counts);
        if (!job->failed)
            continue;
        printf("failed: %s\nreplay: scripts/twins --replay \"%s\"%s\n", job->failure, job->text,
               options.real_signatures ? " --real-signatures" : "");
        content = false;
    }
    return content;
}

int main(int argc, char **argv)
{
    struct timespec start, end;
    struct twins_counts sum = {0};
    parse(argc, argv);
    if (options.replay)
        return replay();
    struct board *board = campaign_share(sizeof *board);
    clock_gettime(CLOCK_MONOTONIC, &start);
    bool well = run_jobs(board);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (!sum_up(&sum, board))
        return CAMPAIGN_VIOLATION;
    if (!well) {
        printf("failed: a process of this program died\n");
        return CAMPAIGN_BROKEN;
    }
    report(&sum, (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    if (sum.scenarios >= ENOUGH && !exercised(&sum)) {
        printf("never exercised: something that matters (no violation; play more of them)\n");
        return CAMPAIGN_NOT_EXERCISED;
    }
    return CAMPAIGN_WELL;
}
