/* Seeds over processes. Each takes the next seed that nobody has; the first of each is run once
 * more at its end: it must go the very same way. */
#include "sim.h"

#include "base/ensure.h"
#include "campaign.h"
#include "consensus_trace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process tells its parent, a seed at a time and at the end. */
struct report {
    bool last, failed;
    struct sim_outcome outcome;
};

static void tell(int fd, const struct report *report)
{
    size_t done = 0;
    while (done < sizeof *report) {
        ssize_t put = write(fd, (const char *)report + done, sizeof *report - done);
        if (put <= 0)
            exit(CAMPAIGN_BROKEN);
        done += (size_t)put;
    }
}

/* The same seed again. */
static void check_replay(struct report *report, const struct sim_options *options, uint64_t seed,
                         const uint64_t digest[2])
{
    static struct counters unused;
    uint64_t again[2];
    (void)sim_run(again, report->outcome.failure, &unused, options, seed);
    report->failed = memcmp(again, digest, sizeof again) != 0;
    report->outcome.seed = seed;
    (void)snprintf(report->outcome.failure, sizeof report->outcome.failure, "%s",
                   "a second run of the same seed went another way");
}

static void work(const struct sim_options *options, uint64_t *next, int fd)
{
    static struct report report;
    struct sim_outcome *outcome = &report.outcome;
    uint64_t digest[2], first_digest[2] = {0}, first_seed = 0, played = 0, i;
    while (!report.failed && (i = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED)) < options->seeds) {
        outcome->seed = options->first + i;
        consensus_trace_world(outcome->seed, NULL);
        report.failed =
            !sim_run(digest, outcome->failure, &outcome->counters, options, outcome->seed);
        if (played++ == 0) {
            first_seed = outcome->seed;
            memcpy(first_digest, digest, sizeof digest);
        }
        tell(fd, &report);
    }
    if (!report.failed && played > 0 && !options->trace && !consensus_trace_is_open())
        check_replay(&report, options, first_seed, first_digest);
    report.last = true;
    tell(fd, &report);
    founding_free_all();
}

static void add_counters(struct counters *sum, const struct counters *part)
{
#define X(name, needs, text) sum->name += part->name;
#include "counters.def"
#undef X
    sum->lost_for_good += part->lost_for_good;
    if (part->slowest_recovery_ms > sum->slowest_recovery_ms)
        sum->slowest_recovery_ms = part->slowest_recovery_ms;
}

static bool hear(struct report *report, int fd)
{
    size_t have = 0;
    while (have < sizeof *report) {
        ssize_t got = read(fd, (char *)report + have, sizeof *report - have);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

/* Reads what the processes tell until all have ended. */
static enum sim_verdict listen_to(struct sim_outcome *out, const struct sim_options *options,
                                  int fd)
{
    static struct report report;
    uint64_t done = 0, last = 0;
    while (last < options->jobs) {
        if (!hear(&report, fd))
            return SIM_DIED;
        out->seed = report.outcome.seed;
        if (report.failed) {
            memcpy(out->failure, report.outcome.failure, sizeof out->failure);
            return SIM_VIOLATION;
        }
        if (report.last) {
            add_counters(&out->counters, &report.outcome.counters);
            last++;
        } else if (!options->trace) {
            campaign_progress(++done, options->seeds);
        }
    }
    return SIM_WELL;
}

enum sim_verdict sim_run_all(struct sim_outcome *out, const struct sim_options *options)
{
    uint64_t *next = campaign_share(sizeof *next);
    pid_t child[CAMPAIGN_JOBS_MAX];
    int ends[2];
    ENSURE(pipe(ends) == 0);
    for (uint64_t job = 0; job < options->jobs; job++) {
        child[job] = campaign_fork();
        if (child[job] == 0) {
            close(ends[0]);
            work(options, next, ends[1]);
            exit(CAMPAIGN_WELL);
        }
    }
    close(ends[1]);
    enum sim_verdict verdict = listen_to(out, options, ends[0]);
    close(ends[0]); /* whoever still runs ends with its next report */
    for (uint64_t job = 0; job < options->jobs; job++) {
        int status = 0;
        bool well = waitpid(child[job], &status, 0) == child[job] && status == 0;
        if (!well && verdict == SIM_WELL)
            verdict = SIM_DIED;
    }
    return verdict;
}
