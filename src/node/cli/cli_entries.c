/* Files of catalog entries, and dirchain catalog import, export and template as far as tables go.
 */
#include "node/cli/cli_entries.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
#include "chain/schema.h"
#include "exchange/sheet_file.h"
#include "exchange/sheet_layouts.h"
#include "node/cli/cli_batch.h"
#include "node/cli/cli_dcat.h"
#include "node/cli/cli_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ENTRIES_MAX 100000

void cli_entries_free(struct cli_entries *entries)
{
    doc_free(&entries->list);
    cli_sheet_free(&entries->table);
}

/* ---- reading ---- */

/* Whether a file is a table: a workbook, or what is neither JSON nor XML by its name. */
static bool is_table(const char *path, struct view bytes)
{
    enum sheet_form form = sheet_form_of(bytes);
    const char *ending = strrchr(path, '.');
    bool csv = ending != NULL && strcasecmp(ending, ".csv") == 0;
    return form == SHEET_FORM_XLSX || form == SHEET_FORM_OLD || (form == SHEET_FORM_CSV && csv);
}

static int read_json(struct cli *cli, struct cli_entries *out, const char *path, struct view text)
{
    AUTO(doc_free) struct doc *file = NULL;
    int status = cli_parse_doc(cli, &file, path, text, SHEET_FILE_BYTES_MAX);
    if (status != 0) {
        return status;
    }
    const struct doc *list = doc_kind(file) == DOC_ARRAY ? file : doc_get(file, "entries");
    if (list == NULL) {
        out->list = doc_new_array();
        doc_push(out->list, doc_ref(file));
        return 0;
    }
    if (doc_kind(list) != DOC_ARRAY || doc_count(list) == 0) {
        return cli_fail(cli, ERR_FIELD_TYPE, "%s: entries:", path);
    }
    out->list = doc_ref(list);
    return 0;
}

static int read_table(struct cli *cli, struct cli_entries *out, const char *path, struct view bytes,
                      bool partial)
{
    out->of_table = true;
    out->path = path;
    out->layout = sheet_layout_entries();
    out->layout.partial = partial;
    int status = cli_sheet_read(cli, &out->table, &out->layout, path, bytes);
    if (status != 0) {
        return status;
    }
    if (out->table.records.count == 0) {
        return cli_fail(cli, ERR_ROWS_NONE, "%s: %s:", path, out->layout.name);
    }
    out->list = doc_new_array();
    for (size_t i = 0; i < out->table.records.count; i++) {
        doc_push(out->list, doc_ref(out->table.records.items[i].doc));
    }
    return 0;
}

/* `table`: that it is one is said, and not to be seen. */
static int read_file(struct cli *cli, struct cli_entries *out, const char *path, bool partial,
                     bool table)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = file_read(&bytes, path, SHEET_FILE_BYTES_MAX);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    return table || is_table(path, view_of_buf(&bytes))
               ? read_table(cli, out, path, view_of_buf(&bytes), partial)
               : read_json(cli, out, path, view_of_buf(&bytes));
}

int cli_entries_read(struct cli *cli, struct cli_entries *out, const char *path, bool partial)
{
    return read_file(cli, out, path, partial, false);
}

/* ---- judging ---- */

struct coded {
    const char *code;
    size_t index;
};

static int coded_order(const void *a, const void *b)
{
    const struct coded *one = a, *other = b;
    int order = strcmp(one->code, other->code);
    return order != 0 ? order : (one->index > other->index) - (one->index < other->index);
}

/* Of each entry, whether one before it has the same code. Caller frees. */
static bool *find_repeated(const struct doc *list)
{
    size_t total = doc_count(list), count = 0;
    bool *repeated = memory_alloc((total + 1) * sizeof *repeated);
    struct coded *all = memory_alloc((total + 1) * sizeof *all);
    for (size_t i = 0; i < total; i++) {
        const char *code = doc_get_text(doc_at(list, i), "code");
        if (code != NULL) {
            all[count++] = (struct coded){code, i};
        }
    }
    qsort(all, count, sizeof *all, coded_order);
    for (size_t i = 1; i < count; i++) {
        repeated[all[i].index] = strcmp(all[i - 1].code, all[i].code) == 0;
    }
    memory_free(all);
    return repeated;
}

static void check_entry(struct faults *faults, const struct doc *entry, bool repeated)
{
    if (schema_check(schema_find("catalog.submit"), entry, faults) == 0) {
        (void)entry_check_content(faults, doc_get(entry, "entry"));
    }
    if (repeated) {
        faults_add(faults, ERR_DUPLICATE, "CESI 2.2.1", "code");
    }
}

int cli_entries_check(struct cli *cli, const struct cli_entries *entries, const struct doc *list)
{
    AUTO(cli_rows_free) struct cli_rows rows = cli_rows_of(cli);
    AUTO(memory_release) bool *repeated = find_repeated(list);
    rows.unit = entries->of_table ? "行" : rows.unit;
    cli_rows_add_table(&rows, entries->path, &entries->table.faults);
    for (size_t i = 0; i < doc_count(list); i++) {
        struct faults judged = {0}, placed;
        const struct sheet_records *records = &entries->table.records;
        check_entry(&judged, doc_at(list, i), repeated[i]);
        if (entries->of_table) {
            sheet_record_faults(&placed, records, i, &judged);
        }
        cli_rows_add(&rows, entries->of_table ? records->items[i].row : i + 1,
                     doc_get_text(doc_at(list, i), "code"), entries->of_table ? &placed : &judged);
    }
    return cli_rows_tell(&rows, doc_count(list), true);
}

/* ---- import ---- */

static int import_table(struct cli *cli)
{
    AUTO(cli_entries_free) struct cli_entries entries = {.list = NULL};
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    const char *out = cli_options_text(&cli->options, "out");
    if (cli_options_text(&cli->options, "defaults") != NULL ||
        cli_options_flag(&cli->options, "skip-faulty")) {
        return cli_usage(cli,
                         "--defaults 与 --skip-faulty 仅用于 DCAT are for DCAT; 表格的共同要素见 "
                         "for a table see catalog compile.");
    }
    int status = read_file(cli, &entries, cli->options.arguments[0], false, true);
    status = status != 0 ? status : cli_entries_check(cli, &entries, entries.list);
    if (status != 0) {
        return status;
    }
    doc_set(result, "entries", doc_ref(entries.list));
    if (out != NULL) {
        status = cli_write_doc(cli, result, out, 0644);
    }
    buf_append_format(&words, "%zu 条目录要素齐全、规范 entries are complete and in form%s%s\n",
                      doc_count(entries.list), out == NULL ? "" : ": ", out == NULL ? "" : out);
    return status != 0 ? status : cli_result(cli, result, &words);
}

int cli_entries_import(struct cli *cli)
{
    AUTO(buf_free) struct buf bytes = {0};
    const char *format = cli_options_text(&cli->options, "format");
    const char *path = cli->options.arguments[0];
    if (format != NULL) {
        bool table = strcmp(format, "xlsx") == 0 || strcmp(format, "csv") == 0;
        return table ? import_table(cli) : cli_dcat_import(cli);
    }
    int error = file_read(&bytes, path, SHEET_FILE_BYTES_MAX);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    /* Without a table, the format has to be named: cli_dcat_import says which there are. */
    return is_table(path, view_of_buf(&bytes)) ? import_table(cli) : cli_dcat_import(cli);
}

/* ---- export, template ---- */

int cli_entries_export(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *found = doc_new_object();
    AUTO(buf_free) struct buf path = {0};
    const struct sheet_layout layout = sheet_layout_entries();
    const char *provider = cli_options_text(&cli->options, "provider");
    enum cli_sheet_form form = cli_sheet_form(cli);
    if (form == CLI_SHEET_OTHER) {
        return cli_dcat_export(cli);
    }
    buf_append_text(&path, "/v1/entries?status=published");
    if (provider != NULL) {
        buf_append_text(&path, "&provider=");
        cli_url_append(&path, provider);
    }
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_view_pages(&node, found, buf_text(&path), ENTRIES_MAX);
    return status != 0 ? status : cli_sheet_write(cli, &layout, form, doc_get(found, "items"));
}

int cli_entries_template(struct cli *cli)
{
    const struct sheet_layout layout = sheet_layout_entries();
    return cli_sheet_template(cli, &layout);
}
