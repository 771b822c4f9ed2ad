/* dirchain catalog harvest: a feed brought to the ledger, again and again. What to do is planned in
 * harvest.c; here it is fetched, asked, written down and carried out:
 *
 *   feed → drafts → noted in the state file (synced) → plan → submitted → noted as carried out
 *
 * Interrupted anywhere, the same command goes on: the feed is counted once, and what the ledger
 * holds already is no longer in the plan. */
#include "node/cli/cli_dcat.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/dcat.h"
#include "exchange/words.h"
#include "node/cli/cli_batch.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_text.h"
#include "node/cli/cli_view.h"
#include "node/cli/harvest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STATE_BYTES_MAX (64 * 1024 * 1024)
#define ABSENCES_DEFAULT 3
#define DAYS_DEFAULT 14
#define FETCH_TIMEOUT_MS 120000

static const struct cli_act act_submit = {.type = "catalog.submit"};
static const struct cli_act act_change = {.type = "catalog.change"};
static const struct cli_act act_retire = {.type = "catalog.retire"};
static const struct cli_act act_withdraw = {.type = "catalog.withdraw"};

struct harvest {
    struct cli *cli;
    struct cli_node node;
    struct cli_signer signer;
    struct hash chain;
    struct buf text; /* the feed */
    struct doc *defaults;
    struct cli_dcat_drafts drafts;
    struct harvest_feed feed;
    struct harvest_rules rules;
    struct doc *state;
    struct doc *entries; /* the ledger's, by code */
    struct doc *plan;
    struct doc *result;
};

static void harvest_free(struct harvest *harvest)
{
    cli_node_close(&harvest->node);
    cli_signer_close(&harvest->signer);
    buf_free(&harvest->text);
    doc_free(&harvest->defaults);
    cli_dcat_drafts_free(&harvest->drafts);
    doc_free(&harvest->state);
    doc_free(&harvest->entries);
    doc_free(&harvest->plan);
    doc_free(&harvest->result);
}

/* ---- the feed ---- */

/* Only hosts that the caller names: an address in a script must not become a way into the network
 * behind it. */
static bool host_allowed(const struct cli *cli, const char *url)
{
    const char *host = strstr(url, "://");
    host = host == NULL ? url : host + 3;
    size_t len = strcspn(host, "/");
    for (size_t i = 0; i < cli_options_count(&cli->options, "allow-host"); i++) {
        const char *allowed = cli_options_text_at(&cli->options, "allow-host", i);
        if (strlen(allowed) == len && strncmp(allowed, host, len) == 0) {
            return true;
        }
    }
    return false;
}

static int fetch(struct harvest *harvest, const char *url)
{
    struct cli *cli = harvest->cli;
    struct cli_http_answer answer = {0};
    if (!cli_http_url_valid(url)) {
        return cli_usage(cli, "--from: 不带口令、参数的 http(s) 地址 an http or https address "
                              "without credentials and query.");
    }
    if (!host_allowed(cli, url)) {
        return cli_usage(cli,
                         "--from 的主机（含端口）须以 --allow-host 列明。 Its host (and port) is "
                         "to be named by --allow-host.");
    }
    struct cli_http *http = cli_http_open();
    if (http == NULL) {
        return cli_fail(cli, ERR_NETWORK, "%s:", url);
    }
    cli_http_set_bytes_max(http, DCAT_FEED_BYTES_MAX);
    int error = cli_http_get(http, &answer, url, FETCH_TIMEOUT_MS);
    long status = answer.status;
    buf_append_view(&harvest->text, view_of_buf(&answer.body));
    cli_http_answer_free(&answer);
    cli_http_close(&http);
    return error != 0      ? cli_fail(cli, error, "%s:", url)
           : status != 200 ? cli_fail(cli, ERR_NETWORK, "%s: HTTP %ld:", url, status)
                           : 0;
}

static int read_feed(struct harvest *harvest)
{
    struct cli *cli = harvest->cli;
    enum cli_dcat_format format = CLI_DCAT_US;
    const char *from = cli_options_text(&cli->options, "from");
    int status = cli_dcat_format(cli, &format);
    status = status != 0 ? status : cli_dcat_defaults(cli, &harvest->defaults);
    if (status != 0) {
        return status;
    }
    if (strstr(from, "://") != NULL) {
        status = fetch(harvest, from);
    } else {
        int error = file_read(&harvest->text, from, DCAT_FEED_BYTES_MAX);
        status = error == 0 ? 0 : cli_fail(cli, error, "%s:", from);
    }
    status = status != 0 ? status
                         : cli_dcat_drafts_of(cli, &harvest->drafts, format, from,
                                              view_of_buf(&harvest->text), harvest->defaults);
    harvest->feed = (struct harvest_feed){.digest = hash_sha256(view_of_buf(&harvest->text)),
                                          .total = harvest->drafts.total,
                                          .bodies = harvest->drafts.bodies,
                                          .identifiers = harvest->drafts.identifiers,
                                          .refused = harvest->drafts.refused};
    return status;
}

/* ---- the state file ---- */

static int read_state(struct harvest *harvest)
{
    struct cli *cli = harvest->cli;
    AUTO(buf_free) struct buf text = {0};
    const char *path = cli_options_text(&cli->options, "state");
    int error = file_read(&text, path, STATE_BYTES_MAX);
    if (error == ERR_NOT_FOUND) {
        harvest->state = harvest_state_new(&harvest->chain, harvest->signer.member);
        return 0;
    }
    if (error == 0) {
        error = doc_parse(&harvest->state, view_of_buf(&text), STATE_BYTES_MAX);
        error = error != 0
                    ? ERR_HARVEST_STATE
                    : harvest_state_check(harvest->state, &harvest->chain, harvest->signer.member);
    }
    return error == 0 ? 0 : cli_fail(cli, error, "%s:", path);
}

static int save_state(struct harvest *harvest)
{
    AUTO(buf_free) struct buf text = {0};
    const char *path = cli_options_text(&harvest->cli->options, "state");
    doc_append_pretty(&text, harvest->state);
    buf_append_u8(&text, '\n');
    int error = file_write_atomic(path, view_of_buf(&text), 0644);
    return error == 0 ? 0 : cli_fail(harvest->cli, error, "%s:", path);
}

/* ---- the ledger ---- */

static int read_entries(struct harvest *harvest)
{
    AUTO(doc_free) struct doc *found = doc_new_object();
    AUTO(buf_free) struct buf path = {0};
    buf_append_format(&path, "/v1/entries?provider=%s", harvest->signer.member);
    int status = cli_view_pages(&harvest->node, found, buf_text(&path), DCAT_DATASETS_MAX);
    const struct doc *items = doc_get(found, "items");
    harvest->entries = doc_new_object();
    for (size_t i = 0; status == 0 && i < doc_count(items); i++) {
        const char *code = doc_get_text(doc_at(items, i), "code");
        if (code != NULL) {
            doc_set(harvest->entries, code, doc_ref(doc_at(items, i)));
        }
    }
    return status;
}

static int read_record(struct harvest *harvest, struct doc **out, const char *family,
                       const char *code)
{
    AUTO(buf_free) struct buf key = {0};
    buf_append_format(&key, "%s/%s/%s", family, harvest->signer.member, code);
    return cli_node_state(&harvest->node, out, buf_text(&key));
}

/* What became of the changes that harvests applied for. The application is read before its entry,
 * and neither from a list, which may be behind: what was accepted is in the entry. */
static int follow(struct harvest *harvest)
{
    AUTO(doc_free) struct doc *changes = doc_new_object();
    const struct doc *datasets = doc_get(harvest->state, "datasets");
    size_t cursor = 0;
    const char *code;
    const struct doc *dataset;
    int status = 0;
    while (status == 0 && doc_next(datasets, &cursor, &code, &dataset)) {
        AUTO(doc_free) struct doc *change = NULL;
        AUTO(doc_free) struct doc *record = NULL;
        if (doc_get(dataset, "changing") == NULL) {
            continue;
        }
        status = read_record(harvest, &change, "change", code);
        status = status != 0 ? status : read_record(harvest, &record, "entry", code);
        if (change != NULL) {
            doc_set(changes, code, doc_ref(change));
        }
        if (record != NULL) {
            doc_set(harvest->entries, code, doc_ref(record));
        }
    }
    if (status == 0) {
        harvest_follow(harvest->state, changes, harvest->entries);
    }
    return status;
}

/* Applications that are under way already, of those that would be made. */
static int settle(struct harvest *harvest, const char *list)
{
    AUTO(doc_free) struct doc *bodies = doc_ref(doc_get(harvest->plan, list));
    int status = 0;
    for (size_t i = 0; status == 0 && i < doc_count(bodies); i++) {
        AUTO(doc_free) struct doc *change = NULL;
        status = read_record(harvest, &change, "change", doc_get_text(doc_at(bodies, i), "code"));
        if (status == 0 && change != NULL) {
            harvest_settle(harvest->plan, harvest->state, list, change);
        }
    }
    return status;
}

/* The deletions under way of what the feed has, and changes to what it says no more: a harvest
 * takes its own back, tells of others' deletions. */
static int find_present(struct harvest *harvest)
{
    AUTO(doc_free) struct doc *found = doc_new_object();
    AUTO(buf_free) struct buf path = {0};
    buf_append_format(&path, "/v1/matters?kind=change&open=1&provider=%s", harvest->signer.member);
    int status = cli_view_pages(&harvest->node, found, buf_text(&path), DCAT_DATASETS_MAX);
    const struct doc *items = doc_get(found, "items");
    for (size_t i = 0; status == 0 && i < doc_count(items); i++) {
        AUTO(doc_free) struct doc *change = NULL;
        const char *subject = doc_get_text(doc_at(items, i), "subject");
        status = subject == NULL ? 0 : cli_node_state(&harvest->node, &change, subject);
        if (status == 0 && change != NULL) {
            harvest_present(harvest->plan, harvest->state, &harvest->feed, change);
        }
    }
    return status;
}

/* ---- telling ---- */

/* A status, a day or how often. */
static void append_detail(struct buf *line, const struct doc *detail)
{
    const char *text = doc_text(detail);
    const char *chinese = text == NULL ? NULL : word_chinese("status", text);
    int64_t times = doc_int(detail, 0);
    if (text != NULL) {
        buf_append_format(line, " (%s%s%s)", chinese == NULL ? "" : chinese,
                          chinese == NULL ? "" : " ", text);
    } else if (times > 0) {
        buf_append_format(line, " (%" PRId64 " 次 %s)", times, times == 1 ? "time" : "times");
    }
}

static void append_list(struct buf *words, const char *title, const struct doc *list,
                        const char *detail, size_t columns)
{
    AUTO(buf_free) struct buf line = {0};
    if (doc_count(list) == 0) {
        return;
    }
    buf_append_format(&line, "%s %zu:", title, doc_count(list));
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc *item = doc_at(list, i);
        buf_append_format(&line, "  %s", doc_get_text(item, "code"));
        append_detail(&line, doc_get(item, detail));
    }
    cli_text_wrap(words, buf_text(&line), 0, 4, columns);
    buf_append_text(words, "\n");
}

static void append_plan(struct buf *words, const struct doc *plan, size_t columns)
{
    static const struct {
        const char *list, *title, *detail;
    } rows[] = {
        {"submit", "提交 To submit", ""},
        {"change", "申请变更 To change", ""},
        {"retire", "申请删除 To retire", ""},
        {"withdraw", "撤回申请 Applications to take back", "reason"},
        {"back", "来源已恢复，删除申请待评估，须人工处理 Back in the feed, deletion applied for: to decide",
         "why"},
        {"waiting", "等待审查 Under review", "why"},
        {"blocked", "须人工处理 For somebody to decide", "why"},
        {"away", "暂缺，尚未到期 Missing, not long enough", "since"},
        {"flapping", "时有时无 Flapping", "times"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        append_list(words, rows[i].title, doc_get(plan, rows[i].list), rows[i].detail, columns);
    }
    buf_append_format(words, "未变 Unchanged %zu\n", doc_count(doc_get(plan, "unchanged")));
}

/* In words now, before anything is submitted; with --json all at the end. */
static void tell_plan(struct harvest *harvest)
{
    AUTO(buf_free) struct buf words = {0};
    cli_dcat_put_drafts(harvest->result, &harvest->drafts);
    doc_set(harvest->result, "plan", doc_ref(harvest->plan));
    if (!harvest->cli->json) {
        cli_dcat_append_drafts(&words, &harvest->drafts, harvest->cli->columns);
        append_plan(&words, harvest->plan, harvest->cli->columns);
        cli_print_words(&words);
    }
}

/* ---- carrying it out ---- */

static int submit(struct harvest *harvest, const char *list, const struct cli_act *act,
                  const char *label)
{
    const struct cli_batch batch = {.act = act,
                                    .label = label,
                                    .naming = "code",
                                    .bodies = doc_get(harvest->plan, list),
                                    .result = harvest->result};
    return doc_count(batch.bodies) == 0
               ? 0
               : cli_batch_submit(&harvest->node, &harvest->signer, &batch);
}

static int worse(int a, int b)
{
    return a > b ? a : b;
}

static int carry_out(struct harvest *harvest)
{
    harvest_begin(harvest->state, &harvest->feed, harvest->plan);
    int status = save_state(harvest);
    status = status != 0 ? status : cli_signer_open(&harvest->signer, harvest->cli);
    if (status != 0) {
        return status;
    }
    status = submit(harvest, "withdraw", &act_withdraw, "撤回申请 Taking applications back");
    if (status != CLI_ENVIRONMENT) {
        status = worse(status, submit(harvest, "submit", &act_submit, "提交目录 Submitting entries"));
    }
    if (status != CLI_ENVIRONMENT) {
        status = worse(status, submit(harvest, "change", &act_change, "申请变更 Changing entries"));
    }
    if (status != CLI_ENVIRONMENT) {
        status = worse(status, submit(harvest, "retire", &act_retire, "申请删除 Retiring entries"));
    }
    if (status == CLI_ENVIRONMENT) {
        return status; /* the same command goes on */
    }
    harvest_finish(harvest->state, &harvest->feed, harvest->plan);
    return worse(status, save_state(harvest));
}

static int prepare(struct harvest *harvest)
{
    struct cli *cli = harvest->cli;
    AUTO(cli_chain_close) struct cli_chain chain = {.genesis = NULL};
    const struct cli_options *options = &cli->options;
    harvest->rules =
        (struct harvest_rules){.absences = cli_options_int(options, "absences", ABSENCES_DEFAULT),
                               .days = cli_options_int(options, "days", DAYS_DEFAULT),
                               .accept_shrink = cli_options_flag(options, "accept-shrink"),
                               .day = civil_day(clock_wall_ms())};
    if (harvest->rules.absences < 1 || harvest->rules.days < 0) {
        return cli_usage(cli, "--absences ≥ 1, --days ≥ 0");
    }
    int status = cli_signer_peek(&harvest->signer, cli);
    status = status != 0 ? status : read_feed(harvest);
    status = status != 0 ? status : cli_node_open(&harvest->node, cli);
    status = status != 0 ? status : cli_chain_open(&chain, &harvest->node, &harvest->signer);
    harvest->chain = chain.hash;
    return status != 0 ? status : read_state(harvest);
}

int cli_dcat_harvest(struct cli *cli)
{
    AUTO(harvest_free)
    struct harvest harvest = {.cli = cli, .signer = {.member = ""}, .result = doc_new_object()};
    AUTO(buf_free) struct buf none = {0};
    int status = prepare(&harvest);
    if (status != 0) {
        return status;
    }
    int64_t before = doc_get_int(harvest.state, "total", 0);
    int error = harvest_note(harvest.state, &harvest.feed, &harvest.rules);
    if (error != 0) {
        return cli_fail(cli, error, "%" PRId64 " → %zu:", before, harvest.feed.total);
    }
    status = read_entries(&harvest);
    status = status != 0 ? status : follow(&harvest);
    if (status != 0) {
        return status;
    }
    harvest.plan = harvest_plan(harvest.state, &harvest.feed, harvest.entries, &harvest.rules);
    status = settle(&harvest, "change");
    status = status != 0 ? status : settle(&harvest, "retire");
    status = status != 0 ? status : find_present(&harvest);
    if (status != 0) {
        return status;
    }
    tell_plan(&harvest);
    if (!cli_options_flag(&cli->options, "dry-run")) {
        status = carry_out(&harvest);
    }
    if (cli->json) {
        (void)cli_result(cli, harvest.result, &none);
    }
    bool others_decide = doc_count(harvest.drafts.refused) > 0 ||
                         doc_count(doc_get(harvest.plan, "back")) > 0 ||
                         doc_count(doc_get(harvest.plan, "blocked")) > 0;
    return worse(status, others_decide ? CLI_REFUSED : 0);
}
