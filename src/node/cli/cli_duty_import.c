/* dirchain duty import: a duty list as agencies publish it, as JSON lines or as a table (CSV,
 * .xlsx). Every row becomes a body or all that is wrong with it; nothing is submitted before all
 * rows are judged. */
#include "node/cli/cli_duty.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/uscc.h"
#include "chain/schema.h"
#include "exchange/sheet_file.h"
#include "exchange/sheet_layouts.h"
#include "exchange/sheet_records.h"
#include "node/cli/cli_batch.h"
#include "node/cli/cli_sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ROW_BYTES_MAX (1024 * 1024)
#define IGNORED_TOLD_MAX 20

/* The fields of the Guangdong service items; "information" is the ledger's own. */
const struct cli_duty_name cli_duty_names[] = {
    {"code", "code"},
    {"name", "name"},
    {"category", "category"},
    {"agency", "implementer"},
    {"basis", "basis"},
    {"catalog_group", "responsibility"},
    {"information", "information"},
    {NULL, NULL},
};

struct import {
    struct cli *cli;
    const char *member; /* of the signing key */
    struct cli_rows rows;
    struct doc *bodies;
    struct doc *codes; /* of the lines so far, as members */
    struct doc *ignored; /* members of lines that the ledger has not, as members */
    size_t total;
    bool own;      /* of a list of many agencies this one's rows alone */
    size_t others; /* rows that were left out for it */
};

/* All that is wrong with a body: what the table says, and whose list it is from. `agency` NULL: the
 * list does not say. */
static void judge(struct faults *faults, const struct import *import, const struct doc *body,
                  const char *agency)
{
    (void)schema_check(schema_find("duty.publish"), body, faults);
    int error = agency == NULL ? 0 : uscc_check(agency);
    if (error == 0 && agency != NULL && strcmp(agency, import->member) != 0) {
        error = ERR_PARTY; /* only the agency itself publishes its duties */
    }
    if (error != 0) {
        faults_add(faults, error, "CESI 2.2.1", "agency_code");
    }
}

static void take(struct import *import, size_t row, const struct doc *body,
                 const struct faults *faults)
{
    import->total++;
    if (faults->count == 0) {
        doc_push(import->bodies, doc_ref(body));
    }
    cli_rows_add(&import->rows, row, doc_get_text(body, "code"), faults);
}

/* Whether the row is left out, since it is another agency's. */
static bool leave_out(struct import *import, const char *agency)
{
    bool out = import->own && agency != NULL && strcmp(agency, import->member) != 0;
    import->others += out;
    return out;
}

/* ---- JSON lines ---- */

static bool is_known(const char *member)
{
    bool known = strcmp(member, "agency_code") == 0;
    for (const struct cli_duty_name *name = cli_duty_names; !known && name->ours != NULL; name++) {
        known = strcmp(member, name->published) == 0 || strcmp(member, name->ours) == 0;
    }
    return known;
}

/* As of a table's columns: a name that was misspelt is not lost in silence. */
static void note_ignored(struct import *import, const struct doc *row)
{
    size_t cursor = 0;
    const char *member;
    const struct doc *value;
    while (doc_next(row, &cursor, &member, &value)) {
        if (!is_known(member) && doc_count(import->ignored) < IGNORED_TOLD_MAX) {
            doc_set_bool(import->ignored, member, true);
        }
    }
}

static void tell_ignored(const struct import *import, const char *path)
{
    AUTO(buf_free) struct buf words = {0};
    size_t cursor = 0;
    const char *member;
    const struct doc *value;
    if (doc_count(import->ignored) == 0 || import->cli->json) {
        return;
    }
    buf_append_format(&words, "%s: 以下成员账本不收录，已略去 Members left out: ", path);
    while (doc_next(import->ignored, &cursor, &member, &value)) {
        buf_append_format(&words, "%s%s", cursor > 1 ? "、" : "", member);
    }
    buf_append_text(&words, "\n");
    cli_tell_words(&words);
}

/* The code of the agency that the line names; NULL, as in a table: the signer's own. */
static const char *agency_of(const struct doc *row)
{
    const struct doc *code = doc_get(row, "agency_code");
    const char *text = doc_text(code);
    return code == NULL || doc_kind(code) == DOC_NULL ? NULL : text != NULL ? text : "";
}

static void import_line(struct import *import, struct view line, size_t number)
{
    AUTO(doc_free) struct doc *row = NULL;
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct faults faults = {0};
    int error = doc_parse(&row, line, ROW_BYTES_MAX);
    if (error == 0 && doc_kind(row) != DOC_OBJECT) {
        error = ERR_FIELD_TYPE;
        faults_note_may(&faults, error, "object");
    }
    const char *agency = error == 0 ? agency_of(row) : NULL;
    if (error != 0) {
        faults_add(&faults, error, NULL, "%s", "");
        take(import, number, NULL, &faults);
        return;
    }
    if (leave_out(import, agency)) {
        return;
    }
    note_ignored(import, row);
    for (const struct cli_duty_name *name = cli_duty_names; name->ours != NULL; name++) {
        const struct doc *value = doc_get(row, name->published);
        value = value != NULL ? value : doc_get(row, name->ours);
        if (value != NULL) {
            doc_set(body, name->ours, doc_ref(value));
        }
    }
    judge(&faults, import, body, agency);
    const char *code = doc_get_text(body, "code");
    int64_t above = code == NULL ? 0 : doc_get_int(import->codes, code, 0);
    if (above > 0) {
        char row_above[24];
        (void)snprintf(row_above, sizeof row_above, "%" PRId64, above);
        faults_note_now(&faults, ERR_ROW_TWICE, row_above);
        faults_add(&faults, ERR_ROW_TWICE, NULL, "code");
    } else if (code != NULL) {
        doc_set_int(import->codes, code, (int64_t)number);
    }
    take(import, number, body, &faults);
}

static void import_lines(struct import *import, struct view text)
{
    text = doc_past_mark(text);
    import->rows.unit = "行"; /* of the file, as an editor counts them */
    for (size_t number = 1; text.len > 0; number++) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);
        size_t skip = end == NULL ? len : len + 1;
        bool blank = true;
        for (size_t i = 0; i < len; i++) {
            blank = blank && memchr(" \t\r", text.data[i], 3) != NULL;
        }
        if (!blank) {
            import_line(import, view_of(text.data, len), number);
        }
        text = view_of(text.data + skip, text.len - skip);
    }
}

/* ---- tables ---- */

static void import_record(struct import *import, const struct sheet_records *records, size_t index)
{
    const struct sheet_record *record = &records->items[index];
    struct faults judged = {0}, faults;
    if (leave_out(import, doc_get_text(record->doc, "agency_code"))) {
        return;
    }
    AUTO(doc_free) struct doc *body = doc_copy(record->doc);
    doc_remove(body, "agency_code");
    judge(&judged, import, body, doc_get_text(record->doc, "agency_code"));
    sheet_record_faults(&faults, records, index, &judged);
    take(import, record->row, body, &faults);
}

static int import_table(struct import *import, const char *path, struct view bytes)
{
    struct sheet_layout layout = sheet_layout_duties();
    layout.key_within_blank = import->member;
    AUTO(cli_sheet_free) struct cli_sheet table = {.plan = NULL};
    int status = cli_sheet_read(import->cli, &table, &layout, path, bytes);
    import->rows.unit = "行";
    cli_rows_add_table(&import->rows, path, &table.faults);
    for (size_t i = 0; status == 0 && i < table.records.count; i++) {
        import_record(import, &table.records, i);
    }
    return status;
}

/* ---- submitting ---- */

/* Whether the record says what the body says. */
static bool says_the_same(const struct doc *body, const struct doc *record)
{
    bool same = doc_text_is(record, "status", "active");
    for (const struct cli_duty_name *name = cli_duty_names; same && name->ours != NULL; name++) {
        const struct doc *ours = doc_get(body, name->ours);
        const struct doc *theirs = doc_get(record, name->ours);
        same = ours == NULL ? theirs == NULL : theirs != NULL && doc_equal(ours, theirs);
    }
    return same;
}

/* What the ledger holds already: the same is left out, another version is acted on. */
static int settle(struct cli_node *node, struct import *import, size_t *unchanged)
{
    struct doc *todo = doc_new_array();
    int status = 0;
    for (size_t i = 0; status == 0 && i < doc_count(import->bodies); i++) {
        AUTO(doc_free) struct doc *record = NULL;
        AUTO(buf_free) struct buf key = {0};
        AUTO(doc_free) struct doc *body = doc_copy(doc_at(import->bodies, i));
        buf_append_format(&key, "duty/%s/%s", import->member, doc_get_text(body, "code"));
        status = cli_node_state(node, &record, buf_text(&key));
        if (says_the_same(body, record)) {
            ++*unchanged;
            continue;
        }
        if (record != NULL) {
            doc_set(body, "acts_on", doc_ref(doc_get(record, "version")));
        }
        doc_push(todo, doc_ref(body));
    }
    doc_free(&import->bodies);
    import->bodies = todo;
    return status;
}

static int submit(struct import *import, struct cli_signer *signer)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    size_t unchanged = 0;
    struct cli *cli = import->cli;
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : settle(&node, import, &unchanged);
    status = status != 0 ? status : cli_signer_open(signer, cli);
    if (status != 0) {
        return status;
    }
    if (unchanged > 0 && !cli->json) {
        (void)printf("%zu 条已在链上且未变 are on the ledger already, unchanged.\n", unchanged);
    }
    const struct cli_batch batch = {.act = &cli_act_duty_publish,
                                    .label = "发布职责 Publishing duties",
                                    .naming = "code",
                                    .bodies = import->bodies,
                                    .faulty = import->rows.faulty,
                                    .left_out = import->others};
    return cli_batch_submit(&node, signer, &batch);
}

static void import_free(struct import *import)
{
    cli_rows_free(&import->rows);
    doc_free(&import->bodies);
    doc_free(&import->codes);
    doc_free(&import->ignored);
}

int cli_duty_import(struct cli *cli)
{
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    AUTO(buf_free) struct buf text = {0};
    const char *path = cli->options.arguments[0];
    int status = cli_signer_peek(&signer, cli);
    if (status != 0) {
        return status;
    }
    int error = file_read(&text, path, SHEET_FILE_BYTES_MAX);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    AUTO(import_free)
    struct import import = {.cli = cli,
                            .member = signer.member,
                            .rows = cli_rows_of(cli),
                            .bodies = doc_new_array(),
                            .codes = doc_new_object(),
                            .ignored = doc_new_object(),
                            .own = cli_options_flag(&cli->options, "own")};
    if (sheet_form_of(view_of_buf(&text)) == SHEET_FORM_LINES) {
        import_lines(&import, view_of_buf(&text));
        tell_ignored(&import, path);
    } else {
        status = import_table(&import, path, view_of_buf(&text));
    }
    if (status != 0) {
        return status;
    }
    if (import.others > 0 && !cli->json) {
        (void)printf("其他单位的 %zu 条未导入 rows of other agencies are left out.\n", import.others);
    }
    if (import.total == 0 && import.rows.table == NULL) {
        return cli_fail(cli, import.others > 0 ? ERR_ROWS_OTHERS : ERR_ROWS_NONE, "%s:", path);
    }
    bool check = cli_options_flag(&cli->options, "check");
    bool partly = cli_options_flag(&cli->options, "skip-faulty") && !check &&
                  import.rows.table == NULL; /* a sheet that was not taken is no row to skip */
    status = cli_rows_tell(&import.rows, import.total, !partly);
    if (check || (status != 0 && !partly)) {
        if (status == 0 && !cli->json) {
            (void)printf("%zu 条均合规 All %zu rows are in order.\n", import.total, import.total);
        }
        return status;
    }
    int submitted = submit(&import, &signer);
    return submitted > status ? submitted : status;
}

const struct cli_option cli_duty_import_options[] = {
    {"check", CLI_FLAG, false, NULL, "Only check every row; submit nothing.",
     "仅逐条校验，不提交。", NULL},
    {"own", CLI_FLAG, false, NULL,
     "Of a list of many agencies, only the rows with this agency's code.",
     "多单位的清单，仅导入本单位代码的条目。", NULL},
    {"skip-faulty", CLI_FLAG, false, NULL, "Submit the rows that are in order all the same.",
     "跳过有误的条目，提交其余条目。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
