/* Reading tables for commands. */
#include "node/cli/cli_sheet.h"

#include "base/memory.h"
#include "exchange/sheet_file.h"

#include <stdio.h>

void cli_sheet_free(struct cli_sheet *sheet)
{
    sheet_records_free(&sheet->records);
    workbook_free(&sheet->book);
    memory_free(sheet->plan);
}

static void tell_ignored(struct cli *cli, const char *path, struct buf *headings)
{
    AUTO(buf_free) struct buf words = {0};
    if (headings->len > 0 && !cli->json) {
        buf_append_format(&words, "%s: 以下栏目账本不收录，已略去 Columns left out: %s\n", path,
                          buf_text(headings));
        cli_tell_words(&words);
    }
}

int cli_sheet_read(struct cli *cli, struct cli_sheet *out, const struct sheet_layout *layout,
                   const char *path, struct view bytes)
{
    struct faults faults = {0};
    size_t row = 0;
    char place[48] = "";
    out->plan = sheet_plan_new(layout);
    int error = sheet_file_read(&out->book, &row, path, bytes, layout->name);
    error = error != 0 ? error : sheet_records_read(&out->records, &faults, &out->book, out->plan);
    if (error != 0) {
        if (row > 0) {
            (void)snprintf(place, sizeof place, " 第 %zu 行 row:", row);
        }
        return cli_fail(cli, error, "%s:%s", path, place);
    }
    if (faults.count > 0) {
        return cli_refuse(cli, &faults, "%s: 表格有误 The table has faults:", path);
    }
    tell_ignored(cli, path, &out->records.ignored);
    return 0;
}
