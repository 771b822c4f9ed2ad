/* dirchain catalog import, export: catalogs in the world's formats. What DCAT says becomes drafts
 * that `catalog submit` takes; what it does not say comes from a file of defaults, and each value
 * that did is told. */
#include "node/cli/cli_dcat.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "exchange/dcat.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_text.h"
#include "node/cli/cli_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DEFAULTS_BYTES_MAX (1024 * 1024)

/* ---- options that import, export and harvest share ---- */

int cli_dcat_format(struct cli *cli, enum cli_dcat_format *out)
{
    const char *format = cli_options_text(&cli->options, "format");
    bool us = format != NULL && strcmp(format, "dcat-us") == 0;
    *out = us ? CLI_DCAT_US : CLI_DCAT_AP;
    return us || (format != NULL && strcmp(format, "dcat-ap") == 0)
               ? 0
               : cli_usage(cli, "--format: dcat-us 或 or dcat-ap");
}

int cli_dcat_defaults(struct cli *cli, struct doc **out)
{
    struct faults faults = {0};
    const char *path = cli_options_text(&cli->options, "defaults");
    *out = NULL;
    if (path == NULL) {
        return 0;
    }
    int status = cli_read_doc(cli, out, path, DEFAULTS_BYTES_MAX);
    if (status == 0 && dcat_defaults_check(&faults, *out) != 0) {
        status = cli_refuse(cli, &faults, "%s:", path);
    }
    return status;
}

/* ---- drafts of a feed ---- */

void cli_dcat_drafts_free(struct cli_dcat_drafts *drafts)
{
    doc_free(&drafts->bodies);
    doc_free(&drafts->identifiers);
    doc_free(&drafts->refused);
    doc_free(&drafts->notes);
    doc_free(&drafts->left_out);
}

static void count_up(struct doc *counts, const char *name)
{
    /* Names of properties come from outside; a key is ASCII, as doc_parse made sure of JSON's, and
     * an address of RDF may not be. */
    for (const char *at = name; *at != 0; at++) {
        if ((unsigned char)*at >= 0x80) {
            name = "(其他 other)";
            return;
        }
    }
    doc_set_int(counts, name, doc_get_int(counts, name, 0) + 1);
}

static void note(struct cli_dcat_drafts *drafts, const struct dcat_draft *draft, size_t index,
                 const char *identifier)
{
    for (size_t i = 0; i < doc_count(draft->left_out); i++) {
        count_up(drafts->left_out, doc_text(doc_at(draft->left_out, i)));
    }
    if (doc_count(draft->defaulted) == 0 && doc_count(draft->adapted) == 0) {
        return;
    }
    struct doc *item = doc_new_object();
    doc_set_int(item, "index", (int64_t)index);
    doc_set_text(item, "identifier", identifier);
    doc_set(item, "defaulted", doc_ref(draft->defaulted));
    doc_set(item, "adapted", doc_ref(draft->adapted));
    doc_push(drafts->notes, item);
}

/* `line`: of the feed; 0 if its format has none. */
static void refuse(struct cli_dcat_drafts *drafts, size_t index, int64_t line,
                   const char *identifier, const struct faults *faults)
{
    struct doc *item = doc_new_object();
    doc_set_int(item, "index", (int64_t)index);
    doc_set_text(item, "identifier", identifier);
    if (line > 0) {
        doc_set_int(item, "line", line);
    }
    doc_set(item, "faults", cli_faults_to_doc(faults));
    if (faults->dropped > 0) {
        doc_set_int(item, "further", (int64_t)faults->dropped);
    }
    doc_push(drafts->refused, item);
}

static void take(struct cli_dcat_drafts *drafts, struct doc *codes, const struct doc *item,
                 size_t index, const struct doc *defaults)
{
    const struct doc *dataset = doc_get(item, "dataset");
    const char *identifier = doc_get_text(dataset == NULL ? item : dataset, "identifier");
    int64_t line = doc_get_int(item, "line", 0);
    struct faults faults = {0};
    identifier = identifier == NULL ? "" : identifier;
    if (dataset == NULL) {
        int error = error_from_code(doc_get_text(item, "error"));
        faults_note_may(&faults, error, error == ERR_FIELD_TYPE ? "object" : NULL);
        faults_add(&faults, error, NULL, "%s", "");
        refuse(drafts, index, line, identifier, &faults);
        return;
    }
    AUTO(dcat_draft_free) struct dcat_draft draft;
    dcat_draft(&draft, dataset, defaults);
    const char *code = doc_get_text(draft.body, "code");
    if (code != NULL && doc_get(codes, code) != NULL) {
        faults_add(&draft.faults, ERR_DUPLICATE, "CESI 2.2.1", "identifier");
    } else if (code != NULL) {
        doc_set_bool(codes, code, true);
    }
    note(drafts, &draft, index, identifier);
    if (draft.faults.count > 0) {
        refuse(drafts, index, line, identifier, &draft.faults);
        return;
    }
    doc_push(drafts->bodies, doc_ref(draft.body));
    doc_push_text(drafts->identifiers, identifier);
}

/* The feed as a whole: where it is at fault, as far as that is known. */
static int refuse_feed(struct cli *cli, int error, enum cli_dcat_format format, const char *name,
                       const struct dcat_place *place)
{
    AUTO(buf_free) struct buf at = {0};
    if (place->line > 0) {
        buf_append_format(&at, " 第 %zu 行", place->line);
    }
    if (place->column > 0) {
        buf_append_format(&at, "第 %zu 列", place->column);
    }
    if (place->line > 0) {
        buf_append_format(&at, " line %zu", place->line);
    }
    if (place->column > 0) {
        buf_append_format(&at, ", column %zu", place->column);
    }
    buf_append_text(&at, at.len > 0 ? ":" : "");
    if (error == ERR_FIELD_TYPE || error == ERR_FIELD_MISSING || error == ERR_JSON_DUPLICATE) {
        buf_append_format(&at, " %s:", format == CLI_DCAT_US ? "dataset" : "dcat:Dataset");
    }
    return cli_fail(cli, error, "%s:%s", name, at.len > 0 ? buf_text(&at) : "");
}

int cli_dcat_drafts_of(struct cli *cli, struct cli_dcat_drafts *out, enum cli_dcat_format format,
                       const char *name, struct view text, const struct doc *defaults)
{
    AUTO(doc_free) struct doc *feed = NULL;
    AUTO(doc_free) struct doc *codes = doc_new_object();
    struct dcat_place place = {0};
    long line = 0;
    int error;
    *out = (struct cli_dcat_drafts){.bodies = doc_new_array(),
                                    .identifiers = doc_new_array(),
                                    .refused = doc_new_array(),
                                    .notes = doc_new_array(),
                                    .left_out = doc_new_object()};
    if (format == CLI_DCAT_US) {
        error = dcat_us_read(&feed, &place, text);
    } else {
        error = dcat_ap_read(&feed, &line, text);
        place.line = (size_t)line;
    }
    if (error != 0) {
        return refuse_feed(cli, error, format, name, &place);
    }
    out->total = doc_count(feed);
    for (size_t i = 0; i < out->total; i++) {
        take(out, codes, doc_at(feed, i), i, defaults);
    }
    return 0;
}

/* ---- telling ---- */

static void append_counts(struct buf *words, const char *title, const struct doc *counts,
                          size_t columns)
{
    AUTO(buf_free) struct buf line = {0};
    size_t cursor = 0;
    const char *name;
    const struct doc *count;
    if (doc_count(counts) == 0) {
        return;
    }
    buf_append_text(&line, title);
    while (doc_next(counts, &cursor, &name, &count)) {
        buf_append_format(&line, "  %s %" PRId64, name, doc_int(count, 0));
    }
    cli_text_wrap(words, buf_text(&line), 0, 4, columns);
    buf_append_text(words, "\n");
}

static void append_refused(struct buf *words, const struct doc *refused, size_t columns)
{
    for (size_t i = 0; i < doc_count(refused); i++) {
        const struct doc *item = doc_at(refused, i);
        int64_t line = doc_get_int(item, "line", 0);
        buf_append_format(words, "第 %" PRId64 " 条 dataset", doc_get_int(item, "index", 0) + 1);
        if (line > 0) {
            buf_append_format(words, "，第 %" PRId64 " 行 line", line);
        }
        buf_append_format(words, "  %s\n", doc_get_text(item, "identifier"));
        cli_faults_append_doc(words, doc_get(item, "faults"), NULL, columns);
    }
}

void cli_dcat_append_drafts(struct buf *words, const struct cli_dcat_drafts *drafts, size_t columns)
{
    AUTO(doc_free) struct doc *defaulted = doc_new_object();
    AUTO(doc_free) struct doc *adapted = doc_new_object();
    append_refused(words, drafts->refused, columns);
    for (size_t i = 0; i < doc_count(drafts->notes); i++) {
        const struct doc *item = doc_at(drafts->notes, i);
        const struct doc *fields = doc_get(item, "defaulted");
        for (size_t k = 0; k < doc_count(fields); k++) {
            count_up(defaulted, doc_text(doc_at(fields, k)));
        }
        fields = doc_get(item, "adapted");
        for (size_t k = 0; k < doc_count(fields); k++) {
            count_up(adapted, doc_get_text(doc_at(fields, k), "field"));
        }
    }
    append_counts(words, "取自默认值 From the defaults:", defaulted, columns);
    append_counts(words, "改写 Written in another way:", adapted, columns);
    append_counts(words, "未采用 Left out:", drafts->left_out, columns);
    buf_append_format(words,
                      "共 %zu 条，可提交 %zu 条，拒绝 %zu 条 datasets: %zu in order, %zu refused\n",
                      drafts->total, doc_count(drafts->bodies), doc_count(drafts->refused),
                      doc_count(drafts->bodies), doc_count(drafts->refused));
}

void cli_dcat_put_drafts(struct doc *result, const struct cli_dcat_drafts *drafts)
{
    doc_set_int(result, "total", (int64_t)drafts->total);
    doc_set(result, "refused", doc_ref(drafts->refused));
    doc_set(result, "notes", doc_ref(drafts->notes));
    doc_set(result, "left_out", doc_ref(drafts->left_out));
}

/* ---- import ---- */

int cli_dcat_import(struct cli *cli)
{
    enum cli_dcat_format format = CLI_DCAT_US;
    AUTO(doc_free) struct doc *defaults = NULL;
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf words = {0};
    AUTO(doc_free) struct doc *entries = doc_new_object();
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(cli_dcat_drafts_free) struct cli_dcat_drafts drafts = {.total = 0};
    const char *path = cli->options.arguments[0];
    const char *out = cli_options_text(&cli->options, "out");
    int status = cli_dcat_format(cli, &format);
    status = status != 0 ? status : cli_dcat_defaults(cli, &defaults);
    if (status != 0) {
        return status;
    }
    int error = file_read(&text, path, DCAT_FEED_BYTES_MAX);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    status = cli_dcat_drafts_of(cli, &drafts, format, path, view_of_buf(&text), defaults);
    if (status != 0) {
        return status;
    }
    bool partly = cli_options_flag(&cli->options, "skip-faulty");
    bool refused = doc_count(drafts.refused) > 0;
    doc_set(entries, "entries", doc_ref(drafts.bodies));
    if (out != NULL && doc_count(drafts.bodies) > 0 && (!refused || partly)) {
        status = cli_write_doc(cli, entries, out, 0644);
    }
    if (status != 0) {
        return status;
    }
    cli_dcat_put_drafts(result, &drafts);
    doc_set(result, "entries", doc_ref(drafts.bodies));
    cli_dcat_append_drafts(&words, &drafts, cli->columns);
    status = cli_result(cli, result, &words);
    return status != 0 ? status : refused ? CLI_REFUSED : 0;
}

/* ---- export ---- */

/* The published entries, of one provider or of all. */
static int gather(struct cli *cli, struct doc *datasets)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *found = doc_new_object();
    AUTO(buf_free) struct buf path = {0};
    const char *provider = cli_options_text(&cli->options, "provider");
    buf_append_text(&path, "/v1/entries?status=published");
    if (provider != NULL) {
        buf_append_text(&path, "&provider=");
        cli_url_append(&path, provider);
    }
    int status = cli_node_open(&node, cli);
    status =
        status != 0 ? status : cli_view_pages(&node, found, buf_text(&path), DCAT_DATASETS_MAX);
    const struct doc *items = doc_get(found, "items");
    for (size_t i = 0; status == 0 && i < doc_count(items); i++) {
        doc_push(datasets, dcat_dataset(doc_at(items, i)));
    }
    return status;
}

int cli_dcat_export(struct cli *cli)
{
    enum cli_dcat_format format = CLI_DCAT_US;
    AUTO(doc_free) struct doc *datasets = doc_new_array();
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf words = {0};
    const char *path = cli_options_text(&cli->options, "out");
    int status = cli_dcat_format(cli, &format);
    status = status != 0 ? status : gather(cli, datasets);
    if (status != 0) {
        return status;
    }
    if (format == CLI_DCAT_US) {
        AUTO(doc_free) struct doc *catalog = dcat_us_write(datasets);
        doc_append_pretty(&text, catalog);
        buf_append_u8(&text, '\n');
    } else {
        dcat_ap_write(&text, datasets);
    }
    int error = file_create(path, view_of_buf(&text), 0644);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    doc_set_int(result, "datasets", (int64_t)doc_count(datasets));
    doc_set_text(result, "file", path);
    buf_append_format(&words, "已导出 %zu 条 entries written: %s\n", doc_count(datasets), path);
    return cli_result(cli, result, &words);
}
