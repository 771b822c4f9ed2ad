/* Faults of records by their places in the file: "entry.items[3].type" → "信息项!E7 数据类型". */
#include "exchange/sheet_records.h"

#include "base/errors.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE SIZE_MAX

struct cell_place {
    size_t part;
    size_t row;
    size_t column; /* of the plan; NOWHERE: the whole row */
};

/* The column whose path begins this one: "related" for "related[2].code". */
static size_t column_of(const struct sheet_part *part, const char *path)
{
    for (size_t i = part->list == NULL ? 0 : 1; i < part->count; i++) {
        size_t len = strlen(part->columns[i].path);
        if (strncmp(path, part->columns[i].path, len) == 0 && strchr(".[", path[len]) != NULL) {
            return i; /* strchr finds the end of the text too */
        }
    }
    return NOWHERE;
}

static struct cell_place place_of(const struct sheet_records *records, size_t index,
                                  const char *path)
{
    const struct sheet_record *record = &records->items[index];
    for (size_t part = 1; part < records->plan->count; part++) {
        const struct sheet_part *list = &records->plan->parts[part];
        size_t len = strlen(list->path);
        if (strncmp(path, list->path, len) != 0 || path[len] != '[') {
            continue;
        }
        char *end = NULL;
        size_t line = strtoul(path + len + 1, &end, 10);
        if (line < record->lists[part].count && end[0] == ']') {
            return (struct cell_place){part, record->lists[part].rows[line],
                                       column_of(list, end + 1 + (end[1] == '.'))};
        }
    }
    return (struct cell_place){0, record->row, column_of(&records->plan->parts[0], path)};
}

static void add_at(struct faults *out, const struct sheet_records *records, int error,
                   const char *clause, struct cell_place place, const char *path)
{
    const struct sheet_found *found = &records->found[place.part];
    const struct sheet_part *part = &records->plan->parts[place.part];
    char column[SHEET_COLUMN_CHARS] = "";
    if (place.column == NOWHERE) {
        /* A list that has a sheet of its own is missing, or what no sheet has. */
        for (size_t i = 1; i < records->plan->count; i++) {
            path = strcmp(records->plan->parts[i].path, path) == 0 ? records->plan->parts[i].name
                                                                   : path;
        }
        faults_add(out, error, clause, "%s!%zu %s", found->sheet->name, place.row, path);
        return;
    }
    if (found->at[place.column] < SHEET_COLUMNS_MAX) {
        sheet_column_name(column, found->at[place.column]);
    }
    faults_add(out, error, clause, "%s!%s%zu %s", found->sheet->name, column, place.row,
               part->columns[place.column].heading);
}

/* The next fault of a cell of this record; NULL after the last. */
static const struct sheet_cell_fault *cell_fault(const struct sheet_records *records, size_t number)
{
    return number == 0 ? NULL : &records->cells[number - 1];
}

/* Whether the record lacks a list since a row above it has the same code, and so the list. */
static bool lacks_list_of_other(const struct sheet_records *records, size_t index,
                                const struct fault *fault)
{
    bool list = false, twice = false;
    for (size_t part = 1; part < records->plan->count; part++) {
        list = list || strcmp(records->plan->parts[part].path, fault->field) == 0;
    }
    const struct sheet_cell_fault *cell = cell_fault(records, records->items[index].first_fault);
    for (; list && cell != NULL; cell = cell_fault(records, cell->next)) {
        twice = twice || cell->error == ERR_ROW_TWICE;
    }
    return twice;
}

/* A fault of a cell or, where `judged` is not NULL, one of the document. */
struct placed {
    struct cell_place place;
    const struct sheet_cell_fault *cell;
    const struct fault *judged;
};

static bool is_before(const struct cell_place *one, const struct cell_place *other)
{
    return one->part != other->part ? one->part < other->part : one->row < other->row;
}

/* Behind those of its row and of the rows before it. */
static void placed_add(struct placed *list, size_t *count, struct placed placed)
{
    size_t at = (*count)++;
    for (; at > 0 && is_before(&placed.place, &list[at - 1].place); at--) {
        list[at] = list[at - 1];
    }
    list[at] = placed;
}

/* Whether its cell has a fault of its own, or an entry that stands twice is what makes it. */
static bool is_told(const struct sheet_records *records, size_t index, const struct fault *fault,
                    const struct cell_place *place)
{
    const struct sheet_record *record = &records->items[index];
    bool told = lacks_list_of_other(records, index, fault) ||
                (record->repeated && place->part > 0 && fault->error == ERR_DUPLICATE);
    const struct sheet_cell_fault *cell = cell_fault(records, record->first_fault);
    for (; !told && cell != NULL; cell = cell_fault(records, cell->next)) {
        told = cell->part == place->part && cell->row == place->row &&
               cell->column == place->column;
    }
    return told;
}

static void add_placed(struct faults *out, const struct sheet_records *records,
                       const struct placed *placed)
{
    const struct fault *fault = placed->judged;
    if (fault != NULL) {
        add_at(out, records, fault->error, fault->clause, placed->place, fault->field);
        faults_tell_as(out, fault);
        return;
    }
    if (placed->cell->other > 0) {
        char row[24];
        (void)snprintf(row, sizeof row, "%zu", placed->cell->other);
        faults_note_now(out, placed->cell->error, row);
    }
    add_at(out, records, placed->cell->error, NULL, placed->place, "");
}

void sheet_record_faults(struct faults *out, const struct sheet_records *records, size_t index,
                         const struct faults *judged)
{
    size_t first = records->items[index].first_fault, count = 0, cells = 0;
    const struct sheet_cell_fault *cell;
    *out = (struct faults){.dropped = judged->dropped};
    for (cell = cell_fault(records, first); cell != NULL; cell = cell_fault(records, cell->next)) {
        cells++;
    }
    AUTO(memory_release)
    struct placed *list = memory_alloc((cells + judged->count + 1) * sizeof *list);
    for (cell = cell_fault(records, first); cell != NULL; cell = cell_fault(records, cell->next)) {
        placed_add(list, &count,
                   (struct placed){.place = {cell->part, cell->row, cell->column}, .cell = cell});
    }
    for (size_t i = 0; i < judged->count; i++) {
        const struct fault *fault = &judged->item[i];
        struct cell_place place = place_of(records, index, fault->field);
        if (!is_told(records, index, fault, &place)) {
            placed_add(list, &count, (struct placed){.place = place, .judged = fault});
        }
    }
    for (size_t i = 0; i < count; i++) {
        add_placed(out, records, &list[i]);
    }
}
