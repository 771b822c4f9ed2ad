/* Records out of a workbook, by a plan (sheet_plan.h): documents to be judged by their table, and
 * where in the file every one of their fields stands, so that a fault names row and column.
 *
 * Of each sheet the row with the most known headings is the heading row; what stands above it is a
 * title, what stands below are rows. A row is passed over that is blank, or whose 序号 begins with
 * 示例 (an example). Lists in sheets of their own are joined by the record's code, in the order of
 * their rows. Of two rows with one code the lower is at fault (the list is the upper's, and may
 * hold everything twice); so is a
 * file that has another sheet with rows below such headings, be they of records or of a list. */
#ifndef DIRCHAIN_EXCHANGE_SHEET_RECORDS_H
#define DIRCHAIN_EXCHANGE_SHEET_RECORDS_H

#include "base/faults.h"
#include "exchange/sheet.h"
#include "exchange/sheet_plan.h"

#define SHEET_NUMBER_HEADING "序号"
#define SHEET_EXAMPLE "示例"
#define SHEET_GUIDE "填写说明" /* the template's sheet that explains: its rows name headings */
#define SHEET_GUIDE_HEADING "工作表" /* what it begins with */

/* Where the columns of a part are in the file. */
struct sheet_found {
    const struct sheet *sheet; /* NULL: the file has no such sheet */
    size_t heading_row;
    size_t number;                     /* column 序号, or SHEET_COLUMNS_MAX */
    size_t at[SHEET_PLAN_COLUMNS_MAX]; /* column in the file, or SHEET_COLUMNS_MAX */
};

struct sheet_lines { /* the rows of one list of a record */
    size_t *rows;
    size_t count;
    size_t capacity;
};

struct sheet_record {
    struct doc *doc;
    size_t row;
    bool repeated; /* a row below has the same code */
    size_t first_fault, last_fault;                 /* of its cells, from 1; 0: none */
    struct sheet_lines lists[SHEET_PLAN_PARTS_MAX]; /* by part; that of part 0 stays empty */
};

struct sheet_cell_fault {
    size_t part, row, column; /* column of the plan */
    int error;
    size_t other; /* row that has the same code, of ERR_ROW_TWICE; else 0 */
    size_t next;  /* of the same record, from 1; 0: none */
};

struct sheet_records {
    const struct sheet_plan *plan;
    struct sheet_found found[SHEET_PLAN_PARTS_MAX];
    struct sheet_record *items;
    size_t count;
    struct sheet_cell_fault *cells;
    size_t cell_count;
    struct buf ignored; /* headings of columns that an open layout does not know: "甲、乙" */
    struct buf hidden;  /* names of hidden sheets whose rows were taken */
};

/* Faults of the file itself (headings first, then rows of a list that belong to no record, and
 * sheets beside those that were taken) go to `faults`.
 * ERR_SHEET_HEADING when there are no records to be found at all; otherwise 0. The records refer to
 * plan and workbook. */
int sheet_records_read(struct sheet_records *out, struct faults *faults,
                       const struct workbook *book, const struct sheet_plan *plan);
/* Whether headings are at fault: what the cells below them say cannot be judged then. */
bool sheet_faults_of_headings(const struct faults *faults);
void sheet_records_free(struct sheet_records *records); /* usable with AUTO */

/* The faults of a record as a clerk finds them: its own row, then its lists; of a row those of its
 * cells, then `judged` (what the table says of its document) with paths turned into places
 * ("职责!C5 类别"), but for cells that have one already. */
void sheet_record_faults(struct faults *out, const struct sheet_records *records, size_t index,
                         const struct faults *judged);

#endif
