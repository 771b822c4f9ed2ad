/* Documents of a type as sheets for a clerk. The columns come from the type's table of fields, so a
 * field that is added there has its column here:
 *
 *   field of one value       a column, its heading the Chinese of the field up to the first stop
 *   object                   a column for each of its fields: "数据来源-业务系统"
 *   list of texts            a column; in a cell one element a line
 *   list of plain objects    the same, parts joined by "|": provider|code
 *   other list of objects    a sheet of its own, joined by the record's code
 *
 *   目录    | 序号 | 信息资源代码* | 信息资源名称* | …
 *   信息项  | 序号 | 信息资源代码* | 信息项中文名* | …   */
#ifndef DIRCHAIN_EXCHANGE_SHEET_PLAN_H
#define DIRCHAIN_EXCHANGE_SHEET_PLAN_H

#include "chain/schema.h"

#define SHEET_PLAN_COLUMNS_MAX 96
#define SHEET_PLAN_PARTS_MAX 8
#define SHEET_NAME_BYTES 96

struct sheet_column {
    const struct field *field;
    char path[SHEET_NAME_BYTES];    /* within the record, or within the element of a list */
    char heading[SHEET_NAME_BYTES]; /* "信息资源名称" */
    bool required;                  /* as is every object around it */
};

/* One sheet: the records (path ""), or the elements of one list of every record. */
struct sheet_part {
    char name[SHEET_NAME_BYTES]; /* of the sheet */
    char path[SHEET_NAME_BYTES]; /* of the list: "entry.items" */
    const struct field *list;    /* NULL: the records */
    struct sheet_column columns[SHEET_PLAN_COLUMNS_MAX];
    size_t count;
    size_t key; /* column of the record's code; in the sheet of a list it is column 0 */
};

/* Another heading that published lists have for a column. */
struct sheet_alias {
    const char *heading; /* NULL ends a list of them */
    const char *path;
};

struct sheet_layout {
    const char *name;                  /* of the sheet of records */
    const struct field *fields;        /* of a record */
    const struct field *further;       /* columns beside those of the type; or NULL */
    const char *key;                   /* path of the field that names a record */
    const char *key_within;            /* a field within which that is so; NULL: within the file */
    const char *key_within_blank;      /* what it stands for where it is blank; or NULL */
    const char *left_out;              /* a field that no sheet has: "acts_on" */
    const struct sheet_alias *aliases; /* or NULL */
    bool open; /* unknown columns are no fault: published lists have more than the ledger takes */
    bool partial; /* missing columns are no fault: what all records share comes from elsewhere */
    const char *example; /* a record as JSON, for templates; what is required is added; or NULL */
    /* The Chinese word of a choice; NULL where it has none. */
    const char *(*word)(const char *field, const char *choice);
};

struct sheet_plan {
    const struct sheet_layout *layout;
    struct sheet_part parts[SHEET_PLAN_PARTS_MAX]; /* the records first */
    size_t count;
};

/* Headings are made unique within their sheet by the name of the object around them. Caller frees
 * with memory_free. */
struct sheet_plan *sheet_plan_new(const struct sheet_layout *layout);
/* Whether the elements of a list stand in one cell, one a line. */
bool sheet_list_in_cell(const struct field *list);

#endif
