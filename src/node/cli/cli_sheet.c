/* Tables for commands, read and written. */
#include "node/cli/cli_sheet.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/sheet_file.h"
#include "exchange/sheet_write.h"
#include "node/cli/cli_batch.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void cli_sheet_free(struct cli_sheet *sheet)
{
    sheet_records_free(&sheet->records);
    workbook_free(&sheet->book);
    memory_free(sheet->plan);
}

/* `row`: at which reading ended; 0 if there is none to name. */
static int fail_at(struct cli *cli, int error, const char *path, size_t row)
{
    char place[48] = "";
    if (row > 0) {
        (void)snprintf(place, sizeof place, " 第 %zu 行 row:", row);
    }
    return cli_fail(cli, error, "%s:%s", path, place);
}

static void tell(struct cli *cli, const char *path, const char *what, struct buf *names)
{
    AUTO(buf_free) struct buf words = {0};
    if (names->len > 0 && !cli->json) {
        buf_append_format(&words, "%s: %s: %s\n", path, what, buf_text(names));
        cli_tell_words(&words);
    }
}

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), end = strlen(ending);
    return len > end && strcasecmp(text + len - end, ending) == 0;
}

void cli_sheet_csv_path(struct buf *out, const char *path, const struct sheet_part *part)
{
    const char *name = strrchr(part->path, '.');
    size_t ending = ends_with(path, ".csv") ? strlen(".csv") : 0;
    if (part->list == NULL) {
        buf_append_text(out, path);
        return;
    }
    buf_append(out, path, strlen(path) - ending);
    buf_append_format(out, ".%s.csv", name == NULL ? part->path : name + 1);
}

/* The sheets of lists that lie beside a CSV file, those that are there. */
static int add_lists(struct cli *cli, struct cli_sheet *sheet, const char *path)
{
    int status = 0;
    for (size_t i = 1; status == 0 && i < sheet->plan->count; i++) {
        AUTO(buf_free) struct buf name = {0};
        AUTO(buf_free) struct buf bytes = {0};
        const struct sheet_part *part = &sheet->plan->parts[i];
        size_t row = 0;
        cli_sheet_csv_path(&name, path, part);
        int error = file_read(&bytes, buf_text(&name), SHEET_FILE_BYTES_MAX);
        if (error == ERR_NOT_FOUND) {
            if (part->list->required) {
                AUTO(buf_free) struct buf file = {0};
                buf_append_text(&file, buf_text(&name));
                tell(cli, path, "未找到同目录下的明细表 There is no such list beside it", &file);
            }
            continue;
        }
        error = error != 0
                    ? error
                    : sheet_csv_add(&sheet->book, &row, buf_text(&name), bytes.len, part->name);
        status = error == 0 ? 0 : fail_at(cli, error, buf_text(&name), row);
    }
    return status;
}

int cli_sheet_read(struct cli *cli, struct cli_sheet *out, const struct sheet_layout *layout,
                   const char *path, struct view bytes)
{
    size_t row = 0;
    out->plan = sheet_plan_new(layout);
    int error = sheet_file_read(&out->book, &row, path, bytes, layout->name);
    if (error == 0 && sheet_form_of(bytes) == SHEET_FORM_CSV) {
        int status = add_lists(cli, out, path);
        if (status != 0) {
            return status;
        }
    }
    if (error == 0) {
        error = sheet_records_read(&out->records, &out->faults, &out->book, out->plan);
    }
    if (error != 0) {
        return fail_at(cli, error, path, row);
    }
    if (sheet_faults_of_headings(&out->faults) ||
        (out->faults.count > 0 && out->records.count == 0)) {
        return cli_refuse(cli, &out->faults, "%s: " CLI_SHEET_FAULTS, path);
    }
    tell(cli, path, "以下栏目账本不收录，已略去 Columns left out", &out->records.ignored);
    tell(cli, path, "以下工作表是隐藏的，其中各行已读取 Hidden sheets whose rows are taken",
         &out->records.hidden);
    return 0;
}

/* ---- writing ---- */

enum cli_sheet_form cli_sheet_form(const struct cli *cli)
{
    const char *format = cli_options_text(&cli->options, "format");
    const char *path = cli_options_text(&cli->options, "out");
    if (format != NULL ? strcmp(format, "xlsx") == 0 : ends_with(path, ".xlsx")) {
        return CLI_SHEET_XLSX;
    }
    bool csv = format != NULL ? strcmp(format, "csv") == 0 : ends_with(path, ".csv");
    return csv ? CLI_SHEET_CSV : CLI_SHEET_OTHER;
}

static int create(struct cli *cli, const char *path, const struct buf *bytes)
{
    int error = file_create(path, view_of_buf(bytes), 0644);
    return error == 0 ? 0 : cli_fail(cli, error, "%s:", path);
}

static int write_csv(struct cli *cli, const struct sheet_plan *plan, const struct workbook *book,
                     const char *path)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < plan->count; i++) {
        AUTO(buf_free) struct buf name = {0};
        AUTO(buf_free) struct buf text = {0};
        cli_sheet_csv_path(&name, path, &plan->parts[i]);
        sheet_append_csv(&text, &book->sheets[i]);
        status = create(cli, buf_text(&name), &text);
    }
    return status;
}

static int tell_written(struct cli *cli, const char *path, size_t count)
{
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    doc_set_int(result, "records", (int64_t)count);
    doc_set_text(result, "file", doc_text_valid(view_of_text(path)) ? path : "?");
    buf_append_format(&words, "已导出 %zu 条 records written: %s\n", count, path);
    return cli_result(cli, result, &words);
}

int cli_sheet_write(struct cli *cli, const struct sheet_layout *layout, enum cli_sheet_form form,
                    const struct doc *records)
{
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(layout);
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(buf_free) struct buf bytes = {0};
    const char *path = cli_options_text(&cli->options, "out");
    int error = sheet_fill(&book, plan, records);
    if (error == 0 && form == CLI_SHEET_XLSX) {
        error = sheet_write_xlsx(&bytes, plan, &book);
    }
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    int status =
        form == CLI_SHEET_XLSX ? create(cli, path, &bytes) : write_csv(cli, plan, &book, path);
    return status != 0 ? status : tell_written(cli, path, doc_count(records));
}

int cli_sheet_template(struct cli *cli, const struct sheet_layout *layout)
{
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(layout);
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf words = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    const char *path = cli_options_text(&cli->options, "out");
    if (!ends_with(path, ".xlsx")) {
        return cli_usage(cli, "--out: 模板为 .xlsx 文件 A template is an .xlsx file.");
    }
    int error = sheet_write_template(&bytes, plan);
    int status = error != 0 ? cli_fail(cli, error, "%s:", path) : create(cli, path, &bytes);
    if (status != 0) {
        return status;
    }
    doc_set_text(result, "file", doc_text_valid(view_of_text(path)) ? path : "?");
    buf_append_format(&words, "模板已写出，说明见其中“填写说明” The template is written: %s\n",
                      path);
    return cli_result(cli, result, &words);
}
