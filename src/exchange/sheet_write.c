/* Sheets out of records, and templates. What a template says of a column is what its field says. */
#include "exchange/sheet_write.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/sheet_records.h"
#include "exchange/sheet_value.h"
#include "exchange/xlsx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OPEN_ROWS 2000 /* of a template have their lists */
#define EXAMPLE_MEMBER "11440000006940175Y"

/* ---- records ---- */

/* By dotted path; NULL if absent. */
static const struct doc *value_at(const struct doc *object, const char *path)
{
    char name[SHEET_NAME_BYTES];
    size_t len = strcspn(path, ".");
    (void)snprintf(name, sizeof name, "%.*s", (int)len, path);
    const struct doc *value = doc_get(object, name);
    return path[len] == 0 ? value : value_at(value, path + len + 1);
}

static int set_heading(struct workbook *book, struct sheet *sheet, const struct sheet_part *part)
{
    int error = workbook_set(book, sheet, 1, 0, SHEET_NUMBER_HEADING, 0);
    for (size_t i = 0; error == 0 && i < part->count; i++) {
        char heading[SHEET_NAME_BYTES + 2];
        (void)snprintf(heading, sizeof heading, "%s%s", part->columns[i].heading,
                       part->columns[i].required ? "*" : "");
        error = workbook_set(book, sheet, 1, i + 1, heading, 0);
    }
    return error;
}

/* One row: 序号, then the columns; of a list's element the record's code first. */
static int set_row(struct workbook *book, struct sheet *sheet, const struct sheet_plan *plan,
                   const struct sheet_part *part, const struct doc *value, const char *code,
                   const char *number)
{
    size_t row = sheet->rows[sheet->count - 1].number + 1;
    int error = workbook_set(book, sheet, row, 0, number, 0);
    for (size_t i = 0; error == 0 && i < part->count; i++) {
        AUTO(buf_free) struct buf text = {0};
        if (part->list != NULL && i == 0) {
            buf_append_text(&text, code);
        } else {
            sheet_value_append(&text, plan->layout, part->columns[i].field,
                               value_at(value, part->columns[i].path));
        }
        if (text.len > 0) {
            error = workbook_set(book, sheet, row, i + 1, buf_text(&text), 0);
        }
    }
    return error;
}

static int set_record(struct workbook *book, const struct sheet_plan *plan,
                      const struct doc *record, const char *number)
{
    const char *code = doc_get_text(record, plan->layout->key);
    int error = set_row(book, &book->sheets[0], plan, &plan->parts[0], record, code, number);
    for (size_t part = 1; error == 0 && part < plan->count; part++) {
        struct sheet *sheet = &book->sheets[part];
        const struct doc *list = value_at(record, plan->parts[part].path);
        for (size_t i = 0; error == 0 && i < doc_count(list); i++) {
            char line[32];
            (void)snprintf(line, sizeof line, "%zu", sheet->count);
            error = set_row(book, sheet, plan, &plan->parts[part], doc_at(list, i),
                            code == NULL ? "" : code,
                            strcmp(number, SHEET_EXAMPLE) == 0 ? number : line);
        }
    }
    return error;
}

static int sheets_make(struct workbook *out, const struct sheet_plan *plan)
{
    int error = 0;
    *out = (struct workbook){0};
    for (size_t part = 0; error == 0 && part < plan->count; part++) {
        struct sheet *sheet = NULL;
        error = workbook_add(&sheet, out, plan->parts[part].name);
        error = error != 0 ? error : set_heading(out, sheet, &plan->parts[part]);
    }
    return error;
}

int sheet_fill(struct workbook *out, const struct sheet_plan *plan, const struct doc *records)
{
    int error = sheets_make(out, plan);
    for (size_t i = 0; error == 0 && i < doc_count(records); i++) {
        char number[32];
        (void)snprintf(number, sizeof number, "%zu", i + 1);
        error = set_record(out, plan, doc_at(records, i), number);
    }
    if (error != 0) {
        workbook_free(out);
    }
    return error;
}

/* ---- looks ---- */

struct looks {
    struct xlsx_look sheets[SHEET_PLAN_PARTS_MAX + 1];
    struct xlsx_column columns[SHEET_PLAN_PARTS_MAX + 1][SHEET_PLAN_COLUMNS_MAX + 1];
};

static void looks_free(struct looks *looks)
{
    for (size_t i = 0; i <= SHEET_PLAN_PARTS_MAX; i++) {
        for (size_t k = 0; k <= SHEET_PLAN_COLUMNS_MAX; k++) {
            const char **choices = looks->columns[i][k].choices;
            for (size_t c = 0; choices != NULL && choices[c] != NULL; c++) {
                memory_free((char *)(uintptr_t)choices[c]);
            }
            memory_free(choices);
        }
    }
}

static const char **choices_of(const struct sheet_layout *layout, const struct field *field)
{
    static const char *const yes_no[] = {"是", "否", NULL};
    const char *const *words = field->kind == FIELD_BOOL ? yes_no : field->choices;
    size_t count = 0;
    if (field->kind != FIELD_BOOL && field->kind != FIELD_CHOICE) {
        return NULL;
    }
    while (words[count] != NULL) {
        count++;
    }
    const char **choices = memory_alloc((count + 1) * sizeof *choices);
    for (size_t i = 0; i < count; i++) {
        AUTO(buf_free) struct buf word = {0};
        if (field->kind == FIELD_BOOL) {
            buf_append_text(&word, words[i]);
        } else {
            sheet_choice_append(&word, layout, field, words[i]);
        }
        choices[i] = memory_copy_text(buf_text(&word));
    }
    return choices;
}

static unsigned width_of(const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return field->max > 300 ? 48 : 28;
    case FIELD_LIST:
        return 28;
    case FIELD_CODE:
    case FIELD_MEMBER:
    case FIELD_HASH:
        return 24;
    default:
        return 14;
    }
}

static void looks_of(struct looks *looks, const struct sheet_plan *plan, size_t open_rows)
{
    for (size_t part = 0; part < plan->count; part++) {
        const struct sheet_part *from = &plan->parts[part];
        struct xlsx_column *columns = looks->columns[part];
        columns[0].width = 8;
        for (size_t i = 0; i < from->count; i++) {
            columns[i + 1] =
                (struct xlsx_column){.width = width_of(from->columns[i].field),
                                     .required = from->columns[i].required,
                                     .choices = choices_of(plan->layout, from->columns[i].field)};
        }
        looks->sheets[part] = (struct xlsx_look){
            .columns = columns, .count = from->count + 1, .heading = true, .open_rows = open_rows};
    }
}

int sheet_write_xlsx(struct buf *out, const struct sheet_plan *plan, const struct workbook *book)
{
    struct looks *looks = memory_alloc(sizeof *looks);
    looks_of(looks, plan, 0);
    int error = xlsx_write(out, book, looks->sheets);
    looks_free(looks);
    memory_free(looks);
    return error;
}

/* ---- templates ---- */

/* A value that the field takes, for an example. */
static struct doc *example_of(const struct sheet_layout *layout, const struct field *field)
{
    char heading[SHEET_NAME_BYTES];
    struct doc *value;
    switch (field->kind) {
    case FIELD_INT:
        return doc_new_int(field->min);
    case FIELD_BOOL:
        return doc_new_bool(true);
    case FIELD_CHOICE:
        return doc_new_text(field->choices[0]);
    case FIELD_DATE:
        return doc_new_text("2026-01-05");
    case FIELD_MEMBER:
        return doc_new_text(EXAMPLE_MEMBER);
    case FIELD_CODE:
        return doc_new_text("A-0001");
    case FIELD_OBJECT:
        value = doc_new_object();
        for (const struct field *inner = field->fields; inner->name != NULL; inner++) {
            if (inner->required) {
                doc_set(value, inner->name, example_of(layout, inner));
            }
        }
        return value;
    case FIELD_LIST:
        value = doc_new_array();
        doc_push(value, example_of(layout, field->element));
        return value;
    default:
        (void)snprintf(heading, sizeof heading, "示例文本");
        return doc_new_text(heading);
    }
}

/* What the layout says, and for required fields beside it what they take. */
static struct doc *example_record(const struct sheet_layout *layout)
{
    struct doc *example = NULL;
    if (layout->example != NULL) {
        ENSURE(doc_parse(&example, view_of_text(layout->example), TX_PAYLOAD_BYTES_MAX) == 0);
    } else {
        example = doc_new_object();
    }
    const struct field whole = {.kind = FIELD_OBJECT, .fields = layout->fields};
    AUTO(doc_free) struct doc *required = example_of(layout, &whole);
    doc_fill_in(example, required, NULL);
    return example;
}

static void append_form(struct buf *out, const struct sheet_layout *layout,
                        const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
        buf_append_format(out, "文本，%" PRId64 " 至 %" PRId64 " 字", field->min, field->max);
        return;
    case FIELD_INT:
        buf_append_format(out, "整数，%" PRId64 " 至 %" PRId64, field->min, field->max);
        return;
    case FIELD_BOOL:
        buf_append_text(out, "是 或 否");
        return;
    case FIELD_CHOICE:
        for (size_t i = 0; field->choices[i] != NULL; i++) {
            buf_append_text(out, i == 0 ? "从下列中选择：" : "、");
            sheet_choice_append(out, layout, field, field->choices[i]);
        }
        return;
    case FIELD_MEMBER:
        buf_append_text(out, "统一社会信用代码，18 位");
        return;
    case FIELD_HASH:
        buf_append_text(out, "64 位小写十六进制摘要");
        return;
    case FIELD_CODE:
        buf_append_format(out, "代码：字母、数字和 . _ -，%" PRId64 " 至 %" PRId64 " 个字符",
                          field->min, field->max);
        return;
    case FIELD_DATE:
        buf_append_text(out, "日期：2026-01-05、2026/1/5 或 2026年1月5日");
        return;
    case FIELD_LIST:
        buf_append_format(out, "每行一项（单元格内换行），%" PRId64 " 至 %" PRId64 " 项；",
                          field->min, field->max);
        if (field->element->kind == FIELD_OBJECT) {
            const struct field *inner = field->element->fields;
            for (size_t i = 0; inner[i].name != NULL; i++) {
                buf_append_format(out, "%s%s", i == 0 ? "各项写作 " : "|", inner[i].name);
            }
        } else {
            append_form(out, layout, field->element);
        }
        return;
    default:
        buf_append_text(out, "文本");
    }
}

static int set_texts(struct workbook *book, struct sheet *sheet, size_t row,
                     const char *const *texts, size_t count)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < count; i++) {
        error = workbook_set(book, sheet, row, i, texts[i] == NULL ? "" : texts[i], 0);
    }
    return error;
}

#define GUIDE_COLUMNS 7

static int guide_make(struct workbook *book, const struct sheet_plan *plan)
{
    static const char *const heading[GUIDE_COLUMNS] = {
        SHEET_GUIDE_HEADING, "栏目", "必填", "含义", "填写格式", "依据", "字段 field"};
    struct sheet *sheet = NULL;
    size_t row = 1;
    int error = workbook_add(&sheet, book, SHEET_GUIDE);
    error = error != 0 ? error : set_texts(book, sheet, row++, heading, GUIDE_COLUMNS);
    for (size_t part = 0; error == 0 && part < plan->count; part++) {
        const struct sheet_part *from = &plan->parts[part];
        for (size_t i = 0; error == 0 && i < from->count; i++) {
            const struct sheet_column *column = &from->columns[i];
            AUTO(buf_free) struct buf form = {0};
            append_form(&form, plan->layout, column->field);
            bool join = from->list != NULL && i == 0;
            const char *texts[GUIDE_COLUMNS] = {from->name,
                                                column->heading,
                                                column->required ? "必填" : "",
                                                join ? "所属主表行的代码，以此关联。"
                                                     : column->field->chinese,
                                                buf_text(&form),
                                                column->field->clause,
                                                join ? plan->layout->key : column->path};
            error = set_texts(book, sheet, row++, texts, GUIDE_COLUMNS);
        }
    }
    static const char *const notes[] = {
        "标题带 * 的栏目必填；请勿改动标题行，其余栏目可留空。",
        "“序号”以“示例”开头的行仅作示例，导入时跳过，可以删除。",
        "各栏均为文本格式，代码类内容请直接录入，以免长数字丢失末位。",
        "一条记录的多行内容（另表）按代码与主表关联，按行的先后排列。"};
    size_t count = sizeof notes / sizeof *notes - (plan->count == 1); /* the last: of more sheets */
    for (size_t i = 0; error == 0 && i < count; i++) {
        error = workbook_set(book, sheet, ++row, 0, notes[i], 0);
    }
    return error;
}

int sheet_write_template(struct buf *out, const struct sheet_plan *plan)
{
    static const struct xlsx_column guide[GUIDE_COLUMNS] = {
        {.width = 14}, {.width = 24}, {.width = 6}, {.width = 44},
        {.width = 44}, {.width = 20}, {.width = 26}};
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(doc_free) struct doc *example = example_record(plan->layout);
    struct looks *looks = memory_alloc(sizeof *looks);
    looks_of(looks, plan, OPEN_ROWS);
    for (size_t part = 0; part < plan->count; part++) {
        looks->sheets[part].example = 2;
    }
    looks->sheets[plan->count] =
        (struct xlsx_look){.columns = guide, .count = GUIDE_COLUMNS, .heading = true};
    int error = sheets_make(&book, plan);
    error = error != 0 ? error : set_record(&book, plan, example, SHEET_EXAMPLE);
    error = error != 0 ? error : guide_make(&book, plan);
    error = error != 0 ? error : xlsx_write(out, &book, looks->sheets);
    looks_free(looks);
    memory_free(looks);
    return error;
}
