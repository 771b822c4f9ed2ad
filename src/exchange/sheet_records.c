/* Records out of a workbook. Every cell becomes a value by its column's field; what it cannot be is
 * left to the table's judgement, which knows the clause. Only what a cell shows wrongly (an error,
 * a number that lost its digits, a character that no document holds) is a fault here. */
#include "exchange/sheet_records.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/sheet_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADING_ROWS_MAX 50 /* of a sheet are looked at for headings */
#define ABSENT SHEET_COLUMNS_MAX

/* ---- headings ---- */

/* A heading without blanks, marks of what is required, and remarks in brackets. */
static void heading_bare(struct buf *out, const char *text)
{
    static const char *const ends[] = {"*", "＊", "（", "(", "【", NULL};
    size_t len = strlen(text);
    for (size_t i = 0; ends[i] != NULL; i++) {
        const char *end = strstr(text, ends[i]);
        bool inside = end != NULL && end > text;
        len = inside && (size_t)(end - text) < len ? (size_t)(end - text) : len;
    }
    struct view rest = sheet_trim(view_of(text, len));
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.data[i] != '\n') {
            buf_append_u8(out, rest.data[i]);
        }
    }
}

/* The part's column with this heading; its count if there is none. */
static size_t column_named(const struct sheet_plan *plan, const struct sheet_part *part,
                           const char *heading)
{
    const struct sheet_alias *alias = plan->layout->aliases;
    const char *path = heading;
    for (; alias != NULL && alias->heading != NULL; alias++) {
        path = strcmp(alias->heading, heading) == 0 ? alias->path : path;
    }
    size_t i = 0;
    while (i < part->count && strcmp(part->columns[i].heading, heading) != 0 &&
           strcmp(part->columns[i].path, path) != 0) {
        i++;
    }
    return i;
}

struct headings {
    const struct sheet_plan *plan;
    struct faults *faults; /* NULL: only tried */
    struct buf *ignored;
};

static void heading_fault(struct headings *headings, int error, const struct sheet *sheet,
                          size_t row, size_t column, const char *text)
{
    char name[SHEET_COLUMN_CHARS];
    sheet_column_name(name, column);
    faults_add(headings->faults, error, NULL, "%s!%s%zu %s", sheet->name, name, row, text);
}

static void heading_unknown(struct headings *headings, const struct sheet *sheet, size_t row,
                            size_t column, const char *text)
{
    if (!headings->plan->layout->open) {
        heading_fault(headings, ERR_COLUMN_UNKNOWN, sheet, row, column, text);
    } else if (headings->faults != NULL) {
        buf_append_format(headings->ignored, "%s%s", headings->ignored->len == 0 ? "" : "、", text);
    }
}

/* Takes a row as the heading row of a part. Returns how many of its columns it names. */
static size_t headings_read(struct sheet_found *out, struct headings *headings,
                            const struct sheet_part *part, const struct sheet *sheet,
                            const struct sheet_row *row)
{
    size_t known = 0;
    *out = (struct sheet_found){.sheet = sheet, .heading_row = row->number, .number = ABSENT};
    for (size_t i = 0; i < part->count; i++) {
        out->at[i] = ABSENT;
    }
    for (size_t i = 0; i < row->count; i++) {
        AUTO(buf_free) struct buf bare = {0};
        heading_bare(&bare, row->cells[i].text);
        const char *text = buf_text(&bare);
        size_t column = column_named(headings->plan, part, text);
        if (text[0] == 0) {
            continue;
        }
        if (strcmp(text, SHEET_NUMBER_HEADING) == 0) {
            out->number = i;
        } else if (column == part->count) {
            heading_unknown(headings, sheet, row->number, i, text);
        } else if (out->at[column] != ABSENT) {
            heading_fault(headings, ERR_COLUMN_TWICE, sheet, row->number, i, text);
        } else {
            out->at[column] = i;
            known++;
        }
    }
    return known;
}

/* The row of all sheets that names most of the part's columns, its code among them. */
static void part_find(struct sheet_found *out, struct headings *headings,
                      const struct workbook *book, const struct sheet_part *part)
{
    struct headings quiet = {.plan = headings->plan, .ignored = headings->ignored};
    const struct sheet *sheet = NULL;
    const struct sheet_row *row = NULL;
    size_t best = 1; /* the code alone is in every sheet */
    for (size_t i = 0; i < book->count; i++) {
        for (size_t k = 0; k < book->sheets[i].count && k < HEADING_ROWS_MAX; k++) {
            size_t known =
                headings_read(out, &quiet, part, &book->sheets[i], &book->sheets[i].rows[k]);
            if (known > best && out->at[part->key] != ABSENT) {
                best = known;
                sheet = &book->sheets[i];
                row = &sheet->rows[k];
            }
        }
    }
    *out = (struct sheet_found){.sheet = NULL};
    if (row == NULL) {
        return;
    }
    (void)headings_read(out, headings, part, sheet, row);
    for (size_t i = 0; i < part->count; i++) {
        if (part->columns[i].required && out->at[i] == ABSENT && !headings->plan->layout->partial) {
            faults_add(headings->faults, ERR_COLUMN_MISSING, part->columns[i].field->clause,
                       "%s!%zu %s", sheet->name, row->number, part->columns[i].heading);
        }
    }
}

/* ---- rows ---- */

/* Sets the value at a dotted path, making the objects on the way. */
static void set_at(struct doc *object, const char *path, struct doc *value)
{
    char name[SHEET_NAME_BYTES];
    size_t len = strcspn(path, ".");
    (void)snprintf(name, sizeof name, "%.*s", (int)len, path);
    if (path[len] == 0) {
        doc_set(object, name, value);
        return;
    }
    const struct doc *child = doc_get(object, name);
    struct doc *changed = child == NULL ? doc_new_object() : doc_copy(child);
    set_at(changed, path + len + 1, value);
    doc_set(object, name, changed);
}

static void add_cell_fault(struct sheet_records *records, struct sheet_record *record,
                           struct sheet_cell_fault fault)
{
    if ((records->cell_count & (records->cell_count - 1)) == 0) { /* a power of two: full */
        size_t capacity = records->cell_count == 0 ? 1 : 2 * records->cell_count;
        records->cells = memory_resize(records->cells, capacity * sizeof *records->cells);
    }
    records->cells[records->cell_count++] = fault;
    if (record->last_fault == 0) {
        record->first_fault = records->cell_count;
    } else {
        records->cells[record->last_fault - 1].next = records->cell_count;
    }
    record->last_fault = records->cell_count;
}

static bool row_counts(const struct sheet_found *found, const struct sheet_row *row)
{
    struct view number = sheet_trim(view_of_text(sheet_row_text(row, found->number)));
    bool example = number.len >= strlen(SHEET_EXAMPLE) &&
                   memcmp(number.data, SHEET_EXAMPLE, strlen(SHEET_EXAMPLE)) == 0;
    bool blank = true;
    for (size_t i = 0; i < row->count; i++) {
        blank =
            blank && (i == found->number || sheet_trim(view_of_text(row->cells[i].text)).len == 0);
    }
    return !example && !blank;
}

/* Whether it says something below no heading, which would be lost: of a row with a comma in a cell
 * that is not quoted, all cells behind it stand in the wrong columns. */
static bool row_goes_beyond(const struct sheet_found *found, const struct sheet_row *row)
{
    const struct sheet_row *headings = sheet_row_at(found->sheet, found->heading_row);
    bool beyond = false;
    for (size_t i = 0; i < row->count; i++) {
        beyond = beyond || (sheet_trim(view_of_text(sheet_row_text(headings, i))).len == 0 &&
                            sheet_trim(view_of_text(sheet_row_text(row, i))).len > 0);
    }
    return beyond;
}

/* The row's cells as an object. Faults of cells are those of the record. */
static struct doc *row_read(struct sheet_records *records, size_t part, const struct sheet_row *row,
                            struct sheet_record *record)
{
    const struct sheet_part *columns = &records->plan->parts[part];
    struct doc *object = doc_new_object();
    if (row_goes_beyond(&records->found[part], row)) {
        add_cell_fault(records, record,
                       (struct sheet_cell_fault){.part = part,
                                                 .row = row->number,
                                                 .column = columns->key,
                                                 .error = ERR_ROW_BEYOND});
    }
    for (size_t i = part == 0 ? 0 : 1; i < columns->count; i++) {
        const struct sheet_column *column = &columns->columns[i];
        size_t at = records->found[part].at[i];
        const char *text = sheet_row_text(row, at);
        bool valid = doc_text_valid(view_of_text(text));
        int error = !valid ? ERR_JSON_TEXT : text[0] == 0 ? 0 : row->cells[at].error;
        if (error != 0) {
            add_cell_fault(records, record,
                           (struct sheet_cell_fault){
                               .part = part, .row = row->number, .column = i, .error = error});
        }
        struct doc *value =
            sheet_value_read(records->plan->layout, column->field, valid ? text : "?");
        if (value != NULL) {
            set_at(object, column->path, value);
        }
    }
    return object;
}

static void records_read(struct sheet_records *records)
{
    const struct sheet_found *found = &records->found[0];
    records->items = memory_alloc((found->sheet->count + 1) * sizeof *records->items);
    for (size_t i = 0; i < found->sheet->count; i++) {
        const struct sheet_row *row = &found->sheet->rows[i];
        if (row->number > found->heading_row && row_counts(found, row)) {
            struct sheet_record *record = &records->items[records->count];
            record->row = row->number;
            record->doc = row_read(records, 0, row, record);
            records->count++;
        }
    }
}

/* ---- lists in sheets of their own ---- */

struct key {
    const char *code;
    size_t record;
};

static int key_compare(const void *a, const void *b)
{
    return strcmp(((const struct key *)a)->code, ((const struct key *)b)->code);
}

/* Of the same code the upper row first. */
static int key_order(const void *a, const void *b)
{
    const struct key *one = a, *other = b;
    int order = key_compare(one, other);
    return order != 0 ? order : (one->record > other->record) - (one->record < other->record);
}

static struct key *keys_of(size_t *count, const struct sheet_records *records)
{
    struct key *keys = memory_alloc((records->count + 1) * sizeof *keys);
    *count = 0;
    for (size_t i = 0; i < records->count; i++) {
        const char *code = doc_get_text(records->items[i].doc, records->plan->layout->key);
        if (code != NULL) {
            keys[(*count)++] = (struct key){.code = code, .record = i};
        }
    }
    qsort(keys, *count, sizeof *keys, key_order);
    return keys;
}

static const char *within(const struct sheet_records *records, size_t record)
{
    const struct sheet_layout *layout = records->plan->layout;
    const char *text = layout->key_within == NULL
                           ? NULL
                           : doc_get_text(records->items[record].doc, layout->key_within);
    text = text == NULL ? layout->key_within_blank : text;
    return text == NULL ? "" : text;
}

/* The next row above it that has the same code; NULL if none has. */
static struct sheet_record *same_above(const struct sheet_records *records, const struct key *keys,
                                       size_t index)
{
    for (size_t i = index; i-- > 0 && key_compare(&keys[i], &keys[index]) == 0;) {
        if (strcmp(within(records, keys[i].record), within(records, keys[index].record)) == 0) {
            return &records->items[keys[i].record];
        }
    }
    return NULL;
}

static void check_repeated(struct sheet_records *records, const struct key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sheet_record *record = &records->items[keys[i].record];
        struct sheet_record *above = same_above(records, keys, i);
        if (above != NULL) {
            above->repeated = true;
            add_cell_fault(records, record,
                           (struct sheet_cell_fault){.part = 0,
                                                     .row = record->row,
                                                     .column = records->plan->parts[0].key,
                                                     .error = ERR_ROW_TWICE,
                                                     .other = above->row});
        }
    }
}

static void lines_push(struct sheet_lines *lines, size_t row)
{
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity == 0 ? 8 : 2 * lines->capacity;
        lines->rows = memory_resize(lines->rows, lines->capacity * sizeof *lines->rows);
    }
    lines->rows[lines->count++] = row;
}

/* Gathers the rows of each record, then gives it the list: once, for setting it copies. */
static void list_read(struct sheet_records *records, struct faults *faults, size_t part,
                      const struct key *keys, size_t key_count)
{
    const struct sheet_found *found = &records->found[part];
    for (size_t i = 0; i < found->sheet->count; i++) {
        const struct sheet_row *row = &found->sheet->rows[i];
        AUTO(buf_free) struct buf code = {0};
        if (row->number <= found->heading_row || !row_counts(found, row)) {
            continue;
        }
        buf_append_view(&code, sheet_trim(view_of_text(sheet_row_text(row, found->at[0]))));
        struct key wanted = {.code = buf_text(&code)};
        const struct key *key = bsearch(&wanted, keys, key_count, sizeof *keys, key_compare);
        while (key != NULL && key > keys && key_compare(key - 1, key) == 0) {
            key--; /* the uppermost row of that code */
        }
        if (key == NULL) {
            char name[SHEET_COLUMN_CHARS];
            sheet_column_name(name, found->at[0]);
            faults_add(faults, ERR_ROW_ALONE, NULL, "%s!%s%zu %s", found->sheet->name, name,
                       row->number, wanted.code);
        } else {
            lines_push(&records->items[key->record].lists[part], row->number);
        }
    }
    for (size_t i = 0; i < records->count; i++) {
        struct sheet_lines *lines = &records->items[i].lists[part];
        struct doc *list = lines->count == 0 ? NULL : doc_new_array();
        for (size_t k = 0; k < lines->count; k++) {
            doc_push(list, row_read(records, part, sheet_row_at(found->sheet, lines->rows[k]),
                                    &records->items[i]));
        }
        if (list != NULL) {
            set_at(records->items[i].doc, records->plan->parts[part].path, list);
        }
    }
}

/* ---- rows that would be lost ---- */

/* Whether rows stand below a row of headings that would do for the part (part_find). */
static bool has_rows(const struct sheet_plan *plan, const struct sheet_part *part,
                     const struct sheet *sheet)
{
    AUTO(buf_free) struct buf ignored = {0};
    struct headings quiet = {.plan = plan, .ignored = &ignored};
    struct sheet_found found;
    size_t row = 0;
    while (row < sheet->count && row < HEADING_ROWS_MAX &&
           (headings_read(&found, &quiet, part, sheet, &sheet->rows[row]) < 2 ||
            found.at[part->key] == ABSENT)) {
        row++;
    }
    bool any = false;
    for (size_t i = row + 1; row < HEADING_ROWS_MAX && i < sheet->count; i++) {
        any = any || row_counts(&found, &sheet->rows[i]);
    }
    return any;
}

static void name_hidden(struct sheet_records *records, const struct workbook *book)
{
    for (size_t i = 0; i < book->count; i++) {
        bool taken = false;
        for (size_t part = 0; part < records->plan->count; part++) {
            taken = taken || records->found[part].sheet == &book->sheets[i];
        }
        if (taken && book->sheets[i].hidden) {
            buf_append_format(&records->hidden, "%s%s", records->hidden.len == 0 ? "" : "、",
                              book->sheets[i].name);
        }
    }
}

/* Not one that has its name alone. */
static bool is_guide(const struct sheet *sheet)
{
    return strcmp(sheet->name, SHEET_GUIDE) == 0 && sheet->count > 0 &&
           strcmp(sheet_row_text(&sheet->rows[0], 0), SHEET_GUIDE_HEADING) == 0;
}

static void check_other_sheets(const struct sheet_records *records, struct faults *faults,
                               const struct workbook *book)
{
    for (size_t i = 0; i < book->count; i++) {
        const struct sheet *sheet = &book->sheets[i];
        bool taken = is_guide(sheet), lost = false;
        for (size_t part = 0; part < records->plan->count; part++) {
            taken = taken || records->found[part].sheet == sheet;
            lost = lost || has_rows(records->plan, &records->plan->parts[part], sheet);
        }
        if (!taken && lost) {
            faults_add(faults, ERR_SHEET_TWICE, NULL, "%s", sheet->name);
        }
    }
}

int sheet_records_read(struct sheet_records *out, struct faults *faults,
                       const struct workbook *book, const struct sheet_plan *plan)
{
    *out = (struct sheet_records){.plan = plan};
    struct headings headings = {.plan = plan, .faults = faults, .ignored = &out->ignored};
    part_find(&out->found[0], &headings, book, &plan->parts[0]);
    if (out->found[0].sheet == NULL) {
        return ERR_SHEET_HEADING;
    }
    for (size_t part = 1; part < plan->count; part++) {
        part_find(&out->found[part], &headings, book, &plan->parts[part]);
    }
    records_read(out);
    size_t key_count;
    struct key *keys = keys_of(&key_count, out);
    for (size_t part = 1; part < plan->count; part++) {
        if (out->found[part].sheet != NULL) {
            list_read(out, faults, part, keys, key_count);
        }
    }
    check_repeated(out, keys, key_count);
    memory_free(keys);
    check_other_sheets(out, faults, book);
    name_hidden(out, book);
    return 0;
}

bool sheet_faults_of_headings(const struct faults *faults)
{
    bool any = false;
    for (size_t i = 0; i < faults->count; i++) {
        int error = faults->item[i].error;
        any = any || error == ERR_COLUMN_UNKNOWN || error == ERR_COLUMN_TWICE ||
              error == ERR_COLUMN_MISSING;
    }
    return any;
}

void sheet_records_free(struct sheet_records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        doc_free(&records->items[i].doc);
        for (size_t k = 0; k < SHEET_PLAN_PARTS_MAX; k++) {
            memory_free(records->items[i].lists[k].rows);
        }
    }
    memory_free(records->items);
    memory_free(records->cells);
    buf_free(&records->ignored);
    buf_free(&records->hidden);
    *records = (struct sheet_records){0};
}
