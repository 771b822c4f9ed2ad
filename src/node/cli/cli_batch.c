/* Submitting many transactions. They are signed one after the other as connections become free, so
 * that memory holds no more than what is on its way, and none is older than it must be. */
#include "node/cli/cli_batch.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PARALLEL 32
#define REFUSED_SHOWN 20 /* in words; --json tells all */

struct run {
    struct cli_node *node;
    const struct cli_signer *signer;
    const struct cli_batch *plan;
    struct cli_chain chain;
    struct cli_progress progress;
    struct buf *jws;   /* of each body, while it is on its way */
    struct doc *items; /* array of {"name","txid","height"} or {"name","problem"} */
    size_t count;
    size_t told;
    size_t refused;
    size_t lost; /* no answer: whether it is on the ledger is not known */
    int status;  /* the worst exit code so far */
};

static void worsen(struct run *run, int status)
{
    run->status = status > run->status ? status : run->status;
}

static bool on_next(void *context, size_t index, struct view *body)
{
    struct run *run = context;
    /* After a fault of the environment nothing more is sent; a refusal concerns only itself. */
    if (index >= run->count || run->status == CLI_ENVIRONMENT) {
        return false;
    }
    int status = cli_sign(run->node->cli, &run->jws[index], NULL, &run->chain, run->signer,
                          run->plan->act->type, doc_at(run->plan->bodies, index));
    worsen(run, status);
    *body = view_of_buf(&run->jws[index]);
    return status == 0;
}

static void on_done(void *context, size_t index, int error, const struct cli_http_answer *answer)
{
    struct run *run = context;
    char txid[2 * HASH_BYTES + 1] = "";
    AUTO(doc_free) struct doc *doc = NULL;
    const struct doc *body = doc_at(run->plan->bodies, index);
    const char *name = doc_get_text(body, run->plan->naming);
    struct doc *item = doc_new_object();
    doc_push(run->items, item);
    doc_set_text(item, "name", name == NULL ? "" : name);
    (void)cli_txid(txid, view_of_buf(&run->jws[index]));
    doc_set_text(item, "txid", txid);
    if (error == 0) {
        error = doc_parse(&doc, view_of_buf(&answer->body), CLI_ANSWER_BYTES_MAX);
    }
    if (error == 0 && answer->status >= 200 && answer->status < 300) {
        int64_t height = 0;
        worsen(run, cli_receipt_check(run->node->cli, &height, &run->chain, doc, txid));
        doc_set_int(item, "height", height);
    } else if (error == 0 && doc_get_text(doc, "code") != NULL) {
        run->refused++;
        doc_set(item, "problem", doc_ref(doc));
        worsen(run, cli_exit_of(error_from_code(doc_get_text(doc, "code"))));
    } else {
        run->lost++;
        if (run->status != CLI_ENVIRONMENT) { /* said once, not for each that was on its way */
            worsen(run, cli_fail(run->node->cli, error == 0 ? ERR_NETWORK : error,
                                 "%s:", run->node->url));
        }
    }
    buf_free(&run->jws[index]);
    cli_progress_step(&run->progress, ++run->told);
}

static void append_refused(struct buf *words, const struct doc *items, size_t columns)
{
    size_t told = 0;
    for (size_t i = 0; i < doc_count(items); i++) {
        const struct doc *item = doc_at(items, i);
        const struct doc *problem = doc_get(item, "problem");
        if (problem == NULL) {
            continue;
        }
        if (++told > REFUSED_SHOWN) {
            buf_append_text(words, "…（全部见 --json; all of them in --json）\n");
            return;
        }
        const char *chinese = doc_get_text(problem, "detail_zh");
        const char *english = doc_get_text(problem, "detail");
        const char *code = doc_get_text(problem, "code");
        AUTO(buf_free) struct buf line = {0};
        buf_append_format(&line, "拒绝 Refused: %s  %s %s [%s]", doc_get_text(item, "name"),
                          chinese == NULL ? "" : chinese, english == NULL ? "" : english,
                          code == NULL ? "?" : code);
        cli_text_wrap(words, buf_text(&line), 0, 4, columns);
        buf_append_text(words, "\n");
        cli_faults_append_doc(words, doc_get(problem, "faults"), code, columns);
    }
}

static void tell(struct run *run)
{
    AUTO(buf_free) struct buf words = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    const struct tx_type *type = schema_find(run->plan->act->type);
    append_refused(&words, run->items, run->node->cli->columns);
    buf_append_format(&words, "%s %s: %zu %s, %zu 被拒绝 refused", type->chinese, type->english,
                      run->told - run->refused - run->lost,
                      cli_options_flag(&run->node->cli->options, "no-wait") ? "已提交 submitted"
                                                                            : "已上链 committed",
                      run->refused);
    if (run->lost > 0) {
        buf_append_format(&words, ", %zu 未获答复 unanswered", run->lost);
    }
    if (run->told < run->count) {
        buf_append_format(&words, ", %zu 未提交 not submitted", run->count - run->told);
    }
    buf_append_text(&words, "\n");
    doc_set_text(result, "type", run->plan->act->type);
    doc_set_int(result, "committed", (int64_t)(run->told - run->refused - run->lost));
    doc_set_int(result, "refused", (int64_t)run->refused);
    doc_set_int(result, "unanswered", (int64_t)run->lost);
    doc_set_int(result, "not_submitted", (int64_t)(run->count - run->told));
    doc_set(result, "items", doc_ref(run->items));
    if (run->plan->left_out > 0) {
        doc_set_int(result, "left_out", (int64_t)run->plan->left_out);
    }
    if (run->plan->faulty != NULL) {
        doc_set(result, "faulty", doc_ref(run->plan->faulty));
    }
    if (run->plan->result != NULL && run->node->cli->json) {
        doc_set(run->plan->result, run->plan->act->type, doc_ref(result));
        return;
    }
    (void)cli_result(run->node->cli, result, &words);
}

int cli_batch_submit(struct cli_node *node, const struct cli_signer *signer,
                     const struct cli_batch *batch)
{
    char url[CLI_URL_BYTES_MAX];
    AUTO(doc_free) struct doc *items = doc_new_array();
    struct run run = {.node = node,
                      .signer = signer,
                      .plan = batch,
                      .items = items,
                      .count = doc_count(batch->bodies)};
    int status = cli_chain_open(&run.chain, node, signer);
    if (status != 0) {
        cli_chain_close(&run.chain);
        return status;
    }
    (void)snprintf(url, sizeof url, "%s%s", node->url, cli_submit_path(node->cli));
    run.jws = memory_alloc((run.count + 1) * sizeof *run.jws);
    run.progress = cli_progress_start(batch->label, run.count, node->cli->json);
    const struct cli_http_many many = {.url = url,
                                       .media_type = "application/jose",
                                       .parallel = PARALLEL,
                                       .timeout_ms = node->timeout_ms,
                                       .next = on_next,
                                       .done = on_done,
                                       .context = &run};
    int error = cli_http_post_many(node->http, &many);
    cli_progress_end(&run.progress);
    if (error != 0) {
        worsen(&run, cli_fail(node->cli, error, "%s:", node->url));
    }
    for (size_t i = 0; i < run.count; i++) {
        buf_free(&run.jws[i]);
    }
    memory_free(run.jws);
    cli_chain_close(&run.chain);
    tell(&run);
    return run.status;
}

/* ---- inputs of many ---- */

struct cli_rows cli_rows_of(struct cli *cli)
{
    return (struct cli_rows){.cli = cli, .unit = "条", .faulty = doc_new_array()};
}

void cli_rows_free(struct cli_rows *rows)
{
    doc_free(&rows->faulty);
    doc_free(&rows->table);
}

void cli_rows_add_table(struct cli_rows *rows, const char *path, const struct faults *faults)
{
    if (faults->count > 0) {
        rows->path = path;
        rows->table = cli_faults_to_doc(faults);
    }
}

void cli_rows_add(struct cli_rows *rows, size_t row, const char *name, const struct faults *faults)
{
    if (faults->count == 0) {
        return;
    }
    struct doc *entry = doc_new_object();
    doc_set_int(entry, "row", (int64_t)row);
    doc_set_text(entry, "name", name == NULL ? "" : name);
    doc_set(entry, "faults", cli_faults_to_doc(faults));
    doc_push(rows->faulty, entry);
}

int cli_rows_tell(const struct cli_rows *rows, size_t total, bool alone)
{
    AUTO(buf_free) struct buf words = {0};
    size_t columns = cli_terminal_columns(STDERR_FILENO);
    size_t count = doc_count(rows->faulty);
    if (count == 0 && rows->table == NULL) {
        return 0;
    }
    if (rows->cli->json && !alone) {
        return CLI_REFUSED;
    }
    if (rows->cli->json) {
        AUTO(doc_free) struct doc *result = doc_new_object();
        doc_set_text(result, "code", error_code(ERR_FIELD_FORMAT));
        doc_set_int(result, "total", (int64_t)total);
        doc_set(result, "faulty", doc_ref(rows->faulty));
        if (rows->table != NULL) {
            doc_set(result, "table", doc_ref(rows->table));
        }
        (void)cli_result(rows->cli, result, &words);
        return CLI_REFUSED;
    }
    if (rows->table != NULL) {
        buf_append_format(&words, "dirchain: %s: " CLI_SHEET_FAULTS "\n", rows->path);
        cli_faults_append_doc(&words, rows->table, NULL, columns);
    }
    for (size_t i = 0; i < count; i++) {
        const struct doc *entry = doc_at(rows->faulty, i);
        buf_append_format(&words, "第 %" PRId64 " %s row  %s\n", doc_get_int(entry, "row", 0),
                          rows->unit, doc_get_text(entry, "name"));
        cli_faults_append_doc(&words, doc_get(entry, "faults"), NULL, columns);
    }
    if (count > 0) {
        buf_append_format(&words, "dirchain: %zu 条中有 %zu 条有误 %zu of %zu have faults.\n",
                          total, count, count, total);
    }
    cli_tell_words(&words);
    return CLI_REFUSED;
}
