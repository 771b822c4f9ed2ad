/* dirchain audit follow: a light client at the command line. It asks one node or several, trusts
 * none, keeps what it verified in a state file, and tells what happens: as words, or with --json as
 * one JSON document a line ("event": verified, node, tip-old, fork, end).
 *
 * A node that cannot be reached, or is lower than it was, is asked again; one whose answers do not
 * verify is asked no more. A fork ends the run with 1, its evidence beside the state file. */
#include "node/cli/cli_follow_run.h"

#include "base/civil.h"
#include "base/doc.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/cli/cli_trust.h"

#include <string.h>
#include <time.h>

#define MAX_AGE_S_DEFAULT 300
#define INTERVAL_S_DEFAULT 2
#define SECONDS_MAX 86400
#define SLICE_MS 100                              /* of waiting, between looks at the signal */
#define ANSWER_BYTES_MAX (2 * HTTP_HEADERS_BYTES) /* all framing, and the last header */

static volatile sig_atomic_t stop_signal;

static void on_progress(void *context, uint64_t height, uint64_t of)
{
    struct follow_run *run = context;
    run->progress.total = of;
    cli_progress_step(&run->progress, height);
}

/* ---- one round of all nodes ---- */

/* Whether the error is of our own files, so that nothing can go on. */
static bool is_our_own(int error)
{
    return cli_exit_of(error) == CLI_ENVIRONMENT && !follow_source_is_trouble(error);
}

/* What a node's answers came to; non-zero ends the run with that exit code. */
static int conclude(struct follow_run *run, struct follow_node *node, int error,
                    const struct faults *faults)
{
    if (error == ERR_FORK) {
        return follow_tell_fork(run, node);
    }
    if (error != 0 && is_our_own(error)) {
        cli_progress_end(&run->progress);
        return cli_refuse(run->cli, faults, "%s:", run->path);
    }
    bool interrupted = stop_signal != 0 && follow_source_is_trouble(error);
    if (error != 0 && !interrupted) {
        node->dropped = !follow_source_is_trouble(error) && error != ERR_NODE_LOWER;
        if (error != node->error) {
            follow_tell_node(run, node, error, faults);
        }
    }
    node->error = interrupted ? 0 : error;
    return 0;
}

static int ask_all(struct follow_run *run)
{
    int status = 0;
    for (size_t i = 0; i < run->node_count && status == 0 && !stop_signal; i++) {
        struct follow_node *node = &run->nodes[i];
        struct faults faults = {0};
        if (!node->dropped) {
            int error = follower_advance(&run->follower, &faults, &node->source);
            status = conclude(run, node, error, &faults);
        }
    }
    return status;
}

/* The first node that shows the trusted block with its history. */
static int begin_at_checkpoint(struct follow_run *run)
{
    int status = 0, error = run->trust.checkpoint_height == 0 ? 0 : ERR_UNAVAILABLE;
    for (size_t i = 0; i < run->node_count && status == 0 && error != 0; i++) {
        struct follow_node *node = &run->nodes[i];
        struct faults faults = {0};
        error = follower_checkpoint(&run->follower, &faults, &node->source,
                                    run->trust.checkpoint_height, &run->trust.checkpoint_hash);
        if (error == ERR_CHECKPOINT) { /* of the book: no node was asked */
            status = cli_refuse(run->cli, &faults, "%s: --checkpoint:", run->path);
        } else if (error != 0) {
            status = conclude(run, node, error, &faults);
        }
    }
    if (error == 0 || status != 0) {
        return status;
    }
    return follow_source_is_trouble(error) ? CLI_ENVIRONMENT : CLI_REFUSED;
}

static bool any_left(const struct follow_run *run)
{
    for (size_t i = 0; i < run->node_count; i++) {
        if (!run->nodes[i].dropped) {
            return true;
        }
    }
    return false;
}

static void wait_a_while(int64_t wait_ms)
{
    const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000L};
    for (int64_t waited = 0; waited < wait_ms && !stop_signal; waited += SLICE_MS) {
        (void)nanosleep(&slice, NULL);
    }
}

static int follow(struct follow_run *run)
{
    int status = begin_at_checkpoint(run);
    while (status == 0) {
        status = ask_all(run);
        cli_progress_end(&run->progress); /* it shows the way to the tip, not what comes then */
        follow_tell_verified(run);
        if (status != 0 || stop_signal || run->once || !any_left(run)) {
            break;
        }
        follow_tell_age(run);
        wait_a_while(run->interval_ms);
    }
    return status;
}

/* ---- the end ---- */

/* A lie weighs more than a node that could not be reached. */
static int status_of_nodes(const struct follow_run *run)
{
    int status = CLI_OK;
    for (size_t i = 0; i < run->node_count; i++) {
        int error = run->nodes[i].error;
        if (error != 0 && (status == CLI_OK || !follow_source_is_trouble(error))) {
            status = follow_source_is_trouble(error) ? CLI_ENVIRONMENT : CLI_REFUSED;
        }
    }
    return status;
}

/* ---- beginning ---- */

static void on_signal(int number)
{
    stop_signal = number;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* calls that wait are broken off */
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

static int read_seconds(int64_t *out_ms, struct cli *cli, const char *name, int64_t otherwise)
{
    int64_t seconds = cli_options_int(&cli->options, name, otherwise);
    if (seconds < 1 || seconds > SECONDS_MAX) {
        return cli_usage(cli, "--%s: 1 … %d.", name, SECONDS_MAX);
    }
    *out_ms = seconds * 1000;
    return 0;
}

static int add_source(struct follow_run *run, const char *option, const char *url)
{
    struct follow_node *node = &run->nodes[run->node_count];
    if (run->node_count == FOLLOW_NODES_MAX) {
        return cli_usage(run->cli, "--witness: 至多 %d 个节点 nodes at most.", FOLLOW_NODES_MAX);
    }
    int status = cli_node_url(node->url, run->cli, option, url);
    status = status != 0 ? status : cli_node_timeout(&node->source.timeout_ms, run->cli);
    for (size_t i = 0; status == 0 && i < run->node_count; i++) {
        if (strcmp(run->nodes[i].url, node->url) == 0) {
            return cli_usage(run->cli, "--%s %s: 节点重复 The node is named twice.", option, url);
        }
    }
    if (status == 0 && !doc_text_valid(view_of_text(node->url))) {
        status = cli_usage(run->cli, "--%s: 不是节点地址 Not the address of a node.", option);
    }
    if (status != 0) {
        return status;
    }
    node->source.url = node->url;
    node->source.http = cli_http_open();
    if (node->source.http == NULL) {
        return cli_fail(run->cli, ERR_UNAVAILABLE, "libcurl:");
    }
    cli_http_set_bytes_max(node->source.http, ANSWER_BYTES_MAX);
    cli_http_set_stop(node->source.http, &stop_signal);
    run->node_count++;
    return 0;
}

static int read_options(struct follow_run *run)
{
    struct cli *cli = run->cli;
    const char *url = cli_setting(cli, "node", "DIRCHAIN_NODE");
    run->path = cli_options_text(&cli->options, "state");
    run->once = cli_options_flag(&cli->options, "once");
    int status = read_seconds(&run->max_age_ms, cli, "max-age-s", MAX_AGE_S_DEFAULT);
    if (status == 0) {
        status = read_seconds(&run->interval_ms, cli, "interval-s", INTERVAL_S_DEFAULT);
    }
    if (status == 0) {
        status = cli_trust_checkpoint(cli, &run->trust);
    }
    if (status == 0) {
        status = add_source(run, "node", url == NULL ? CLI_NODE_DEFAULT : url);
    }
    for (size_t i = 0; status == 0 && i < cli_options_count(&cli->options, "witness"); i++) {
        status = add_source(run, "witness", cli_options_text_at(&cli->options, "witness", i));
    }
    return status;
}

static int open_book(struct follow_run *run)
{
    struct faults faults = {0};
    if (follow_book_open(&run->book, &faults, run->path, run->trust.genesis,
                         &run->trust.genesis_hash) != 0) {
        return cli_refuse(run->cli, &faults, "--state %s:", run->path);
    }
    for (size_t i = 0; i < run->node_count; i++) {
        run->nodes[i].source.highest = follow_book_node(run->book, run->nodes[i].url);
    }
    run->told_height = follow_book_height(run->book);
    return 0;
}

static int run_with(struct follow_run *run)
{
    AUTO(doc_free) struct doc *genesis = NULL;
    int status = read_options(run);
    status = status != 0 ? status : cli_trust_genesis(run->cli, &run->trust, &genesis);
    status = status != 0 ? status : open_book(run);
    if (status != 0) {
        return status;
    }
    catch_signals();
    run->start_ms = clock_monotonic_ms();
    run->progress = cli_progress_start("跟随 Following", 1, run->cli->json);
    follower_open(&run->follower, genesis, &run->trust.genesis_hash, run->book);
    run->follower.stop = &stop_signal;
    run->follower.progress = on_progress;
    run->follower.context = run;
    status = follow(run);
    if (status == 0) {
        follow_tell_end(run);
        status = status_of_nodes(run);
    }
    follower_close(&run->follower);
    return status;
}

int cli_follow_run(struct cli *cli)
{
    AUTO(memory_release) struct follow_run *run = memory_alloc(sizeof *run);
    run->cli = cli;
    int status = run_with(run);
    follow_book_close(&run->book);
    for (size_t i = 0; i < run->node_count; i++) {
        cli_http_close(&run->nodes[i].source.http);
    }
    return status;
}

const struct cli_option cli_follow_options[] = {
    CLI_OPTION_GENESIS,
    {"state", CLI_TEXT, true, "FILE",
     "Where it keeps what it has verified (FILE and FILE.headers); goes on there.",
     "保存核验进度的文件（FILE 与 FILE.headers），下次由此继续。", NULL},
    {"witness", CLI_LIST, false, "URL",
     "A further node, whose blocks are compared; may be given several times.",
     "另一节点，用于比对其区块；可多次给出。", NULL},
    {"checkpoint", CLI_TEXT, false, "HEIGHT:HASH",
     "Block that the auditor trusts: a new state begins there, an old one must hold it.",
     "审计人员信任的检查点区块：新建时由此开始，已有进度须含此块。", NULL},
    {"once", CLI_FLAG, false, NULL, "Up to the newest block, then end.", "跟随至最新区块后结束。",
     NULL},
    {"max-age-s", CLI_INT, false, "N",
     "Warn when the newest block is older than so many seconds (default 300).",
     "最新区块早于此秒数时提示（默认 300）。", NULL},
    {"interval-s", CLI_INT, false, "N", "Seconds between two looks (default 2).",
     "两次查询之间的秒数（默认 2）。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
