/* Planning a projection against the header of a table, and carrying it out record by record. */
#include "exchange/projection.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "exchange/decimal.h"
#include "exchange/scope.h"

#include <string.h>

#define ROW_FILTERS_MAX 64
#define WRITE_BYTES (256 * 1024)

struct column {
    size_t source; /* its place in the table */
    const char *item;
    bool masked;
};

struct filter {
    size_t source;
    bool numeric;
    const char *is;
    struct view value;
};

struct plan {
    size_t source_count; /* cells of every record */
    size_t column_count;
    struct column column[CSV_COLUMNS_MAX];
    size_t filter_count;
    struct filter filter[ROW_FILTERS_MAX];
};

/* ---- what a scope says of an item ---- */

static bool item_granted(const struct doc *scope, const char *item)
{
    return doc_has_text(doc_get(scope, "items"), item);
}

/* A grant that is for comparison only (PT 19) lets no file out. */
static int check_restriction(struct faults *faults, const struct doc *scope)
{
    return doc_text_is(scope, "restriction", "comparison")
               ? faults_add(faults, ERR_SCOPE, "PT 19", "grant.restriction")
               : 0;
}

int projection_check_whole(struct faults *faults, const struct doc *entry, const struct doc *scope)
{
    const struct doc *items = doc_get(entry, "items");
    int error = check_restriction(faults, scope);
    if (doc_count(doc_get(scope, "rows")) > 0) {
        error = faults_add(faults, ERR_SCOPE, "D10", "grant.rows");
    }
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *name = doc_get_text(doc_at(items, i), "name");
        if (!item_granted(scope, name) || scope_masks(scope, name)) {
            return faults_add(faults, ERR_SCOPE, "E6", "grant.items.%s", name);
        }
    }
    return error;
}

/* ---- the plan ---- */

/* What the provider added it answers for; its own a consumer could vary until the value is out. */
static bool tells_masked(const struct projection_task *task, const struct doc *row)
{
    const char *item = doc_get_text(row, "item");
    for (size_t i = 0; i < doc_count(task->asked); i++) {
        if (doc_equal(doc_at(task->asked, i), row)) {
            return scope_masks(task->scope, item);
        }
    }
    return false;
}

/* The item of the entry that a header cell names, by its Chinese or its English name. */
static const struct doc *item_of_header(const struct doc *entry, struct view name)
{
    const struct doc *items = doc_get(entry, "items");
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *chinese = doc_get_text(doc_at(items, i), "name");
        const char *english = doc_get_text(doc_at(items, i), "field");
        if (view_equal(name, view_of_text(chinese)) ||
            (english != NULL && view_equal(name, view_of_text(english)))) {
            return doc_at(items, i);
        }
    }
    return NULL;
}

static bool item_numeric(const struct doc *item)
{
    const char *type = doc_get_text(item, "type");
    return type != NULL && strlen(type) == 1 && strchr("NYBIF", type[0]) != NULL;
}

static int plan_filter(struct plan *plan, struct faults *faults, const struct doc *row,
                       size_t index, const struct doc *const *item_at)
{
    const char *name = doc_get_text(row, "item");
    for (size_t i = 0; name != NULL && i < plan->source_count; i++) {
        if (item_at[i] != NULL && doc_text_is(item_at[i], "name", name) &&
            plan->filter_count < ROW_FILTERS_MAX) {
            plan->filter[plan->filter_count++] =
                (struct filter){.source = i,
                                .numeric = item_numeric(item_at[i]),
                                .is = doc_get_text(row, "is"),
                                .value = view_of_text(doc_get_text(row, "value"))};
            return 0;
        }
    }
    return faults_add(faults, ERR_SCOPE, "D10", "grant.rows[%zu].item", index);
}

static int plan_make(struct plan *plan, struct faults *faults, const struct projection_task *task,
                     const struct csv_record *header)
{
    const struct doc *item_at[CSV_COLUMNS_MAX];
    plan->source_count = header->count;
    for (size_t i = 0; i < header->count; i++) {
        AUTO(buf_free) struct buf name = {0};
        csv_cell_value(&name, header->cell[i]);
        item_at[i] = item_of_header(task->entry, view_of_buf(&name));
        const char *item = doc_get_text(item_at[i], "name");
        for (size_t k = 0; item != NULL && k < i; k++) {
            if (item_at[k] == item_at[i]) {
                return faults_add(faults, ERR_CSV, NULL, "header[%zu]", i);
            }
        }
        if (item != NULL && item_granted(task->scope, item)) {
            plan->column[plan->column_count++] = (struct column){
                .source = i, .item = item, .masked = scope_masks(task->scope, item)};
        }
    }
    const struct doc *rows = doc_get(task->scope, "rows");
    for (size_t i = 0; i < doc_count(rows); i++) {
        const struct doc *row = doc_at(rows, i);
        int error = tells_masked(task, row)
                        ? faults_add(faults, ERR_SCOPE, "E6", "grant.rows[%zu].item", i)
                        : plan_filter(plan, faults, row, i, item_at);
        if (error != 0) {
            return error;
        }
    }
    return plan->column_count > 0 ? 0 : faults_add(faults, ERR_SCOPE, "E6", "grant.items");
}

static bool plan_is_whole(const struct plan *plan)
{
    bool masked = false;
    for (size_t i = 0; i < plan->column_count; i++) {
        masked = masked || plan->column[i].masked;
    }
    return !masked && plan->filter_count == 0 && plan->column_count == plan->source_count;
}

/* ---- rows ---- */

/* Which outcomes of a comparison each word accepts. One that this version does not know accepts
 * none and so lets nothing out. */
static const struct {
    const char *is;
    bool less, equal, more;
} comparisons[] = {
    {"eq", false, true, false}, {"ne", true, false, true},  {"lt", true, false, false},
    {"le", true, true, false},  {"gt", false, false, true}, {"ge", false, true, true},
};

static bool order_meets(const char *is, int order)
{
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        if (strcmp(comparisons[i].is, is) == 0) {
            return order < 0    ? comparisons[i].less
                   : order == 0 ? comparisons[i].equal
                                : comparisons[i].more;
        }
    }
    return false;
}

static bool value_meets(const struct filter *filter, struct view value)
{
    const char *is = filter->is == NULL ? "" : filter->is;
    int order = 0;
    if (strcmp(is, "prefix") == 0) {
        return value.len >= filter->value.len &&
               view_equal(view_of(value.data, filter->value.len), filter->value);
    }
    if (filter->numeric && decimal_compare(&order, value, filter->value)) {
        return order_meets(is, order);
    }
    bool equality = strcmp(is, "eq") == 0 || strcmp(is, "ne") == 0;
    if (filter->numeric && !equality) {
        return false; /* what is no number is neither less nor more than one */
    }
    return order_meets(is, view_compare(value, filter->value));
}

static bool record_meets(const struct plan *plan, const struct csv_record *record,
                         struct buf *scratch)
{
    for (size_t i = 0; i < plan->filter_count; i++) {
        buf_clear(scratch);
        csv_cell_value(scratch, record->cell[plan->filter[i].source]);
        if (!value_meets(&plan->filter[i], view_of_buf(scratch))) {
            return false;
        }
    }
    return true;
}

/* HMAC(secret, item ‖ 0 ‖ value) in hex; the item's name keeps values of different columns apart.
 */
static void append_masked(struct buf *out, const char *item, struct view cell,
                          const uint8_t *secret, struct buf *scratch)
{
    char hex[2 * HASH_BYTES + 1];
    buf_clear(scratch);
    buf_append(scratch, item, strlen(item) + 1);
    csv_cell_value(scratch, cell);
    struct hash hash = hash_hmac_sha256(view_of(secret, MASK_SECRET_BYTES), view_of_buf(scratch));
    hash_to_hex(hex, &hash);
    buf_append_text(out, hex);
}

static void append_record(struct buf *out, const struct plan *plan, const struct csv_record *record,
                          bool header, char by, const uint8_t *secret, struct buf *scratch)
{
    for (size_t i = 0; i < plan->column_count; i++) {
        const struct column *column = &plan->column[i];
        struct view cell = record->cell[column->source];
        if (i > 0) {
            buf_append_u8(out, (uint8_t)by);
        }
        if (column->masked && !header) {
            append_masked(out, column->item, cell, secret, scratch);
        } else if (cell.len == 0 && plan->column_count == 1) {
            buf_append_text(out, "\"\""); /* a blank line would be no record */
        } else {
            buf_append_view(out, cell);
        }
    }
    buf_append_text(out, "\r\n");
}

static int flush(struct buf *block, int out, uint64_t *bytes)
{
    int error = file_write_all(out, view_of_buf(block), *bytes);
    *bytes += block->len;
    buf_clear(block);
    return error;
}

/* Every record after the header has as many cells: one that is shifted could let out what is not
 * granted. */
static int copy_records(const struct plan *plan, const struct projection_task *task,
                        struct faults *faults, struct csv_reader *reader, struct csv_record *record,
                        uint64_t *out_bytes)
{
    AUTO(buf_free) struct buf block = {0}, scratch = {0};
    char by = csv_reader_delimiter(reader);
    bool more = true;
    int error = 0;
    append_record(&block, plan, record, true, by, task->mask_secret, &scratch);
    for (int64_t row = 1; error == 0; row++) {
        error = csv_next(reader, record, &more, NULL);
        if (error != 0 || !more) {
            break;
        }
        if (record->count != plan->source_count) {
            return faults_add(faults, ERR_CSV, NULL, "row[%lld]", (long long)row);
        }
        if (record_meets(plan, record, &scratch)) {
            append_record(&block, plan, record, false, by, task->mask_secret, &scratch);
        }
        error = block.len >= WRITE_BYTES ? flush(&block, task->out, out_bytes) : 0;
    }
    return error != 0 ? error : flush(&block, task->out, out_bytes);
}

int projection_run(const struct projection_task *task, struct faults *faults, bool *whole,
                   uint64_t *out_bytes, char *delimiter)
{
    AUTO(csv_reader_close)
    struct csv_reader *reader = csv_reader_open(task->fd, task->bytes, task->delimiter);
    struct csv_record *record = memory_alloc(sizeof *record);
    struct plan *plan = memory_alloc(sizeof *plan);
    bool more = false;
    *out_bytes = 0;
    *whole = false;
    int error = check_restriction(faults, task->scope);
    error = error != 0 ? error : csv_next(reader, record, &more, NULL);
    *delimiter = csv_reader_delimiter(reader);
    if (error == 0 && !more) {
        error = faults_add(faults, ERR_CSV, NULL, "header");
    }
    error = error != 0 ? error : plan_make(plan, faults, task, record);
    if (error == 0) {
        *whole = plan_is_whole(plan);
        error = *whole ? 0 : copy_records(plan, task, faults, reader, record, out_bytes);
    }
    memory_free(plan);
    memory_free(record);
    if (error != 0 && faults_first(faults) == 0) {
        faults_add(faults, error, NULL, "%s", "");
    }
    return error;
}
