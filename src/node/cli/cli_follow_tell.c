/* What dirchain audit follow tells: words, or with --json one document a line. */
#include "node/cli/cli_follow_run.h"

#include "base/civil.h"
#include "base/doc.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "node/cli/cli_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One line of JSON; takes the document. */
static void tell_line(struct doc *event)
{
    AUTO(buf_free) struct buf line = {0};
    doc_append_canonical(&line, event);
    buf_append_u8(&line, '\n');
    cli_print(&line);
    (void)fflush(stdout);
    doc_free(&event);
}

static struct doc *event_of(const char *name)
{
    struct doc *event = doc_new_object();
    doc_set_text(event, "event", name);
    return event;
}

/* A sentence to standard error, where the bar may stand. */
static void tell_words(struct follow_run *run, struct buf *words)
{
    AUTO(buf_free) struct buf text = {0};
    bool terminal = run->progress.terminal;
    cli_progress_end(&run->progress);
    run->progress.terminal = terminal;
    cli_text_wrap(&text, buf_text(words), 0, 4, cli_terminal_columns(STDERR_FILENO));
    (void)fprintf(stderr, "%s\n", buf_text(&text));
}

void follow_tell_node(struct follow_run *run, const struct follow_node *node, int error,
                      const struct faults *faults)
{
    AUTO(buf_free) struct buf words = {0};
    const char *claim = faults->count > 0 ? faults->item[0].field : "";
    if (run->cli->json) {
        struct doc *event = event_of("node");
        doc_set_text(event, "url", node->url);
        doc_set_text(event, "code", error_code(error));
        doc_set_text(event, "claim", doc_text_valid(view_of_text(claim)) ? claim : "?");
        doc_set_text(event, "detail", error_english(error));
        doc_set_text(event, "detail_zh", error_chinese(error));
        doc_set_bool(event, "dropped", node->dropped);
        tell_line(event);
        return;
    }
    buf_append_format(&words, "dirchain: %s: %s%s%s %s [%s]", node->url, claim,
                      claim[0] == 0 ? "" : ": ", error_chinese(error), error_english(error),
                      error_code(error));
    tell_words(run, &words);
}

void follow_tell_verified(struct follow_run *run)
{
    const struct header_place *tip = &follow_book_light(run->book)->tip;
    char time[CIVIL_TIME_CHARS], hash[2 * HASH_BYTES + 1];
    if (tip->height == run->told_height || tip->height == 0) {
        return;
    }
    run->told_height = tip->height;
    if (run->cli->json) {
        struct doc *event = event_of("verified");
        doc_set_int(event, "height", (int64_t)tip->height);
        doc_set_hash(event, "hash", &tip->hash);
        doc_set_int(event, "time_ms", tip->time_ms);
        tell_line(event);
    } else if (!run->once) {
        civil_format_time(time, tip->time_ms);
        hash_to_hex(hash, &tip->hash);
        (void)printf("%s  高度 height %" PRIu64 "  %.16s…\n", time, tip->height, hash);
        (void)fflush(stdout);
    }
}

/* Nothing that is verified shows that there is nothing newer: only the clock hints at it. */
void follow_tell_age(struct follow_run *run)
{
    const struct header_place *tip = &follow_book_light(run->book)->tip;
    AUTO(buf_free) struct buf words = {0};
    int64_t age_ms = clock_wall_ms() - tip->time_ms;
    bool old = age_ms > run->max_age_ms;
    if (old && !run->told_old && run->cli->json) {
        struct doc *event = event_of("tip-old");
        doc_set_int(event, "height", (int64_t)tip->height);
        doc_set_int(event, "age_ms", age_ms);
        doc_set_text(event, "code", error_code(ERR_TIP_OLD));
        doc_set_text(event, "detail", error_english(ERR_TIP_OLD));
        doc_set_text(event, "detail_zh", error_chinese(ERR_TIP_OLD));
        tell_line(event);
    } else if (old && !run->told_old) {
        buf_append_format(
            &words, "dirchain: 注意 warning: 高度 height %" PRIu64 ", %" PRId64 " s: %s %s [%s]",
            tip->height, age_ms / 1000, error_chinese(ERR_TIP_OLD), error_english(ERR_TIP_OLD),
            error_code(ERR_TIP_OLD));
        tell_words(run, &words);
    }
    run->told_old = old;
}

/* ---- a fork ---- */

/* Beside the state file. What stands there under that name is evidence of the same height. */
static int write_evidence(struct follow_run *run, struct buf *path)
{
    const char *slash = strrchr(run->path, '/');
    if (slash != NULL) {
        buf_append(path, run->path, (size_t)(slash + 1 - run->path));
    }
    buf_append_format(path, "fork-%" PRIu64 ".json", run->follower.fork.height);
    return file_write_atomic(buf_text(path), view_of_buf(&run->follower.evidence), 0644);
}

int follow_tell_fork(struct follow_run *run, const struct follow_node *node)
{
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf words = {0};
    int error = write_evidence(run, &path);
    cli_progress_end(&run->progress);
    if (error != 0) {
        return cli_fail(run->cli, error, "%s:", buf_text(&path));
    }
    if (run->cli->json) {
        struct doc *event = cli_fork_doc(&run->follower.fork);
        doc_set_text(event, "event", "fork");
        doc_set_text(event, "url", node->url);
        doc_set_text(event, "code", error_code(ERR_FORK));
        doc_set_text(event, "file", doc_text_valid(view_of_buf(&path)) ? buf_text(&path) : "?");
        tell_line(event);
        return CLI_REFUSED;
    }
    cli_fork_words(&words, &run->follower.fork);
    buf_append_format(&words, "  另一区块来自 the other block is from %s\n  证据 evidence %s\n",
                      node->url, buf_text(&path));
    cli_tell_words(&words);
    (void)cli_fail(run->cli, ERR_FORK, "高度 height %" PRIu64 ":", run->follower.fork.height);
    return CLI_REFUSED;
}

/* ---- the end ---- */

static struct doc *summary_doc(const struct follow_run *run, int64_t elapsed_ms, uint64_t a_second)
{
    const struct header_place *tip = &follow_book_light(run->book)->tip;
    struct doc *doc = event_of("end"), *nodes = doc_new_array();
    for (size_t i = 0; i < run->node_count; i++) {
        const struct follow_node *node = &run->nodes[i];
        struct doc *line = doc_new_object();
        doc_set_text(line, "url", node->url);
        doc_set_int(line, "height", (int64_t)node->source.tip);
        doc_set_text(line, "code", node->error == 0 ? "ok" : error_code(node->error));
        doc_push(nodes, line);
    }
    doc_set_int(doc, "from", (int64_t)follow_book_first(run->book));
    doc_set_int(doc, "height", (int64_t)tip->height);
    doc_set_hash(doc, "hash", &tip->hash);
    doc_set_int(doc, "time_ms", tip->time_ms);
    doc_set_int(doc, "headers", (int64_t)run->follower.headers);
    doc_set_int(doc, "signatures", (int64_t)run->follower.signatures);
    doc_set_int(doc, "elapsed_ms", elapsed_ms);
    doc_set_int(doc, "headers_a_second", (int64_t)a_second);
    doc_set_int(doc, "validator_changes", (int64_t)doc_count(follow_book_history(run->book)));
    doc_set(doc, "nodes", nodes);
    return doc;
}

void follow_tell_end(struct follow_run *run)
{
    const struct header_place *tip = &follow_book_light(run->book)->tip;
    AUTO(buf_free) struct buf words = {0};
    char time[CIVIL_TIME_CHARS], hash[2 * HASH_BYTES + 1];
    int64_t elapsed_ms = clock_monotonic_ms() - run->start_ms;
    uint64_t a_second = run->follower.headers * 1000 / (elapsed_ms > 0 ? (uint64_t)elapsed_ms : 1);
    follow_tell_age(run);
    if (run->cli->json) {
        tell_line(summary_doc(run, elapsed_ms, a_second));
        return;
    }
    civil_format_time(time, tip->time_ms);
    hash_to_hex(hash, &tip->hash);
    buf_append_format(&words,
                      "已跟随至高度 Followed up to height %" PRIu64 "（%s）\n"
                      "  末块 last block\n"
                      "    %s\n"
                      "  本次 this run       %" PRIu64 " 个区块头 headers，%" PRIu64
                      " 个签名 signatures\n"
                      "                      %" PRIu64 " 个区块头/秒 headers/s\n"
                      "  验证者变更 validator changes %zu\n",
                      tip->height, time, hash, run->follower.headers, run->follower.signatures,
                      a_second, doc_count(follow_book_history(run->book)));
    for (size_t i = 0; i < run->node_count; i++) {
        const struct follow_node *node = &run->nodes[i];
        buf_append_format(&words, "  节点 node %s  高度 height %" PRIu64 "  %s\n", node->url,
                          node->source.tip, node->error == 0 ? "ok" : error_code(node->error));
    }
    cli_print_words(&words);
}
