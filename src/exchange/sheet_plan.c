/* Columns from tables of fields. */
#include "exchange/sheet_plan.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* Kinds whose texts hold neither line breaks nor "|". */
static bool is_plain(const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_LIST:
    case FIELD_OBJECT:
        return false;
    default:
        return true;
    }
}

bool sheet_list_in_cell(const struct field *list)
{
    if (list->element->kind != FIELD_OBJECT) {
        return list->element->kind != FIELD_LIST;
    }
    for (const struct field *field = list->element->fields; field->name != NULL; field++) {
        if (!is_plain(field)) {
            return false;
        }
    }
    return true;
}

/* "信息项英文名；采用统一命名的须与字典一致。" → "信息项英文名" */
static void heading_of(char out[SHEET_NAME_BYTES], const char *object, const struct field *field)
{
    static const char *const stops[] = {"。", "；", "，", "（", "：", "(", NULL};
    const char *text = field->chinese == NULL ? field->name : field->chinese;
    size_t len = strlen(text);
    for (size_t i = 0; stops[i] != NULL; i++) {
        const char *stop = strstr(text, stops[i]);
        len = stop != NULL && (size_t)(stop - text) < len ? (size_t)(stop - text) : len;
    }
    int written = snprintf(out, SHEET_NAME_BYTES, "%s%s%.*s", object, object[0] == 0 ? "" : "-",
                           (int)len, text);
    ENSURE(written > 0 && written < SHEET_NAME_BYTES);
}

static void path_of(char out[SHEET_NAME_BYTES], const char *prefix, const char *name)
{
    int written =
        snprintf(out, SHEET_NAME_BYTES, "%s%s%s", prefix, prefix[0] == 0 ? "" : ".", name);
    ENSURE(written > 0 && written < SHEET_NAME_BYTES);
}

static void add_column(struct sheet_part *part, const struct field *field, const char *path,
                       const char *object, bool required)
{
    ENSURE(part->count < SHEET_PLAN_COLUMNS_MAX);
    struct sheet_column *column = &part->columns[part->count++];
    *column = (struct sheet_column){.field = field, .required = required};
    (void)snprintf(column->path, sizeof column->path, "%s", path);
    heading_of(column->heading, object, field);
    for (struct sheet_column *other = part->columns; other < column; other++) {
        if (strcmp(other->heading, column->heading) == 0) {
            char heading[SHEET_NAME_BYTES];
            int len = snprintf(heading, sizeof heading, "%s %s", column->heading, column->path);
            ENSURE(len < SHEET_NAME_BYTES);
            (void)snprintf(column->heading, sizeof column->heading, "%s", heading);
        }
    }
}

/* Where one adds a field: the object's own name stands before the fields' unless it wraps the whole
 * record, as "entry" does. */
struct place {
    const char *prefix;
    const char *object;
    bool required;
};

static void add_fields(struct sheet_plan *plan, size_t into, const struct field *fields,
                       const struct place *place);

static void add_part(struct sheet_plan *plan, const struct field *list, const char *path)
{
    static const struct place top = {.prefix = "", .object = "", .required = true};
    ENSURE(plan->count < SHEET_PLAN_PARTS_MAX);
    size_t at = plan->count++;
    struct sheet_part *part = &plan->parts[at];
    *part = (struct sheet_part){.list = list};
    heading_of(part->name, "", list);
    (void)snprintf(part->path, sizeof part->path, "%s", path);
    for (const struct field *field = plan->layout->fields; field->name != NULL; field++) {
        if (strcmp(field->name, plan->layout->key) == 0) {
            add_column(part, field, "", "", true);
        }
    }
    ENSURE(part->count == 1);
    add_fields(plan, at, list->element->fields, &top);
}

static void add_fields(struct sheet_plan *plan, size_t into, const struct field *fields,
                       const struct place *place)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        char path[SHEET_NAME_BYTES];
        bool required = place->required && field->required;
        bool records = plan->parts[into].list == NULL;
        if (place->prefix[0] == 0 && plan->layout->left_out != NULL &&
            strcmp(field->name, plan->layout->left_out) == 0) {
            continue;
        }
        path_of(path, place->prefix, field->name);
        if (field->kind == FIELD_OBJECT) {
            char object[SHEET_NAME_BYTES] = "";
            if (place->prefix[0] != 0 || !records) {
                heading_of(object, place->object, field);
            }
            const struct place inner = {.prefix = path, .object = object, .required = required};
            add_fields(plan, into, field->fields, &inner);
        } else if (field->kind == FIELD_LIST && !sheet_list_in_cell(field)) {
            ENSURE(records); /* a list of lists has no sheet to be in */
            add_part(plan, field, path);
        } else {
            add_column(&plan->parts[into], field, path, place->object, required);
        }
    }
}

struct sheet_plan *sheet_plan_new(const struct sheet_layout *layout)
{
    static const struct place top = {.prefix = "", .object = "", .required = true};
    struct sheet_plan *plan = memory_alloc(sizeof *plan);
    plan->layout = layout;
    plan->count = 1;
    (void)snprintf(plan->parts[0].name, sizeof plan->parts[0].name, "%s", layout->name);
    add_fields(plan, 0, layout->fields, &top);
    if (layout->further != NULL) {
        add_fields(plan, 0, layout->further, &top);
    }
    struct sheet_part *records = &plan->parts[0];
    while (strcmp(records->columns[records->key].path, layout->key) != 0) {
        ENSURE(++records->key < records->count);
    }
    return plan;
}
