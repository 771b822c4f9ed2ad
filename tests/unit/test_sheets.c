/* Records into sheets and back: what is exported is imported byte for byte, as .xlsx and as CSV;
 * plans by the tables of types; templates. */
#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/faults.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/fault_words.h"
#include "exchange/sheet_file.h"
#include "exchange/sheet_layouts.h"
#include "exchange/sheet_records.h"
#include "exchange/sheet_write.h"
#include "exchange/xlsx.h"

#include <string.h>

/* libxlsxwriter 1.1.4 does not release the formula of a drop-down list. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:lxw_strdup";
}

/* ---- there and back ---- */

/* Texts that forms of files are known to spoil. */
static const char *const texts[] = {
    "普通文本",
    "　采集　",
    " two\nlines\tand a tab ",
    "=HYPERLINK(\"http://127.0.0.1\")",
    "'=1+1",
    "-1",
    "+86",
    "@x",
    "_x0041_ _x000D_",
    "a,b;c|d\"e\"",
    "[\"a\"]",
    "[2021]5号\n第二行",
    "<v>&amp;</v>]]>",
    "0012",
    "1E5",
    "TRUE",
    "2026-02-12",
    "示例",
    "𠮷😀",
};
#define TEXT(i) texts[(i) % COUNT_OF(texts)]

/* A value of the field; different ones for different `salt`. Optional fields are there or not. */
static struct doc *value_for(const struct field *field, size_t *salt)
{
    size_t at = (*salt)++;
    struct doc *value;
    switch (field->kind) {
    case FIELD_INT:
        return doc_new_int(at % 2 == 0 ? field->min : field->max);
    case FIELD_BOOL:
        return doc_new_bool(at % 2 == 0);
    case FIELD_CHOICE: {
        size_t count = 0;
        while (field->choices[count] != NULL) {
            count++;
        }
        return doc_new_text(field->choices[at % count]);
    }
    case FIELD_MEMBER:
        return doc_new_text("11440000006940175Y");
    case FIELD_HASH:
        return doc_new_text("00112233445566778899aabbccddeeff00112233445566778899aabbccddee00");
    case FIELD_DATE:
        return doc_new_text(at % 2 == 0 ? "2024-02-29" : "2026-12-31");
    case FIELD_CODE: {
        value = doc_new_object();
        doc_set_format(value, "x", "00%zu.a-b_c", at);
        struct doc *code = doc_ref(doc_get(value, "x"));
        doc_free(&value);
        return code;
    }
    case FIELD_OBJECT:
        value = doc_new_object();
        for (const struct field *inner = field->fields; inner->name != NULL; inner++) {
            if ((inner->required || *salt % 3 != 0) && strcmp(inner->name, "acts_on") != 0) {
                doc_set(value, inner->name, value_for(inner, salt));
            }
            ++*salt;
        }
        return value;
    case FIELD_LIST:
        value = doc_new_array();
        for (size_t i = 0; i < 1 + at % 3; i++) {
            doc_push(value, value_for(field->element, salt));
        }
        return value;
    default:
        return doc_new_text(TEXT(at));
    }
}

static struct doc *bodies_for(const struct sheet_layout *layout, size_t count)
{
    const struct field whole = {.kind = FIELD_OBJECT, .fields = layout->fields};
    struct doc *bodies = doc_new_array();
    size_t salt = 0;
    for (size_t i = 0; i < count; i++) {
        struct doc *body = value_for(&whole, &salt);
        doc_set_format(body, layout->key, "%04zu", i);
        doc_push(bodies, body);
    }
    return bodies;
}

/* The workbook as a file of this form, read again. */
static void through_file(struct workbook *out, const struct sheet_plan *plan,
                         const struct workbook *book, enum sheet_form form)
{
    AUTO(buf_free) struct buf bytes = {0};
    size_t row = 0;
    if (form == SHEET_FORM_XLSX) {
        assert_int_equal(sheet_write_xlsx(&bytes, plan, book), 0);
        assert_int_equal(xlsx_read(out, view_of_buf(&bytes)), 0);
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        buf_clear(&bytes);
        sheet_append_csv(&bytes, &book->sheets[i]);
        assert_int_equal(file_write_atomic(scratch_path("part"), view_of_buf(&bytes), 0600), 0);
        assert_int_equal(
            sheet_csv_add(out, &row, scratch_path("part"), bytes.len, plan->parts[i].name), 0);
    }
}

static void there_and_back(const struct sheet_layout *layout, const struct doc *bodies,
                           enum sheet_form form)
{
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(layout);
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(workbook_free) struct workbook again = {0};
    AUTO(sheet_records_free) struct sheet_records records;
    struct faults faults = {0};
    assert_int_equal(sheet_fill(&book, plan, bodies), 0);
    through_file(&again, plan, &book, form);
    assert_int_equal(sheet_records_read(&records, &faults, &again, plan), 0);
    assert_int_equal(faults.count, 0);
    assert_int_equal(records.cell_count, 0);
    assert_int_equal(records.count, doc_count(bodies));
    for (size_t i = 0; i < records.count; i++) {
        AUTO(buf_free) struct buf before = {0};
        AUTO(buf_free) struct buf after = {0};
        doc_append_canonical(&before, doc_at(bodies, i));
        doc_append_canonical(&after, records.items[i].doc);
        assert_string_equal(buf_text(&after), buf_text(&before));
    }
}

static void any_record_comes_back(void **state)
{
    (void)state;
    struct sheet_layout layouts[] = {sheet_layout_duties(), sheet_layout_entries()};
    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        AUTO(doc_free) struct doc *bodies = bodies_for(&layouts[i], 60);
        there_and_back(&layouts[i], bodies, SHEET_FORM_XLSX);
        there_and_back(&layouts[i], bodies, SHEET_FORM_CSV);
    }
}

static void the_sample_catalogs_come_back(void **state)
{
    (void)state;
    static const char *const names[] = {"linye", "minzheng", "renshe", "sifa"};
    const struct sheet_layout layout = sheet_layout_entries();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[512];
        AUTO(buf_free) struct buf text = {0};
        AUTO(doc_free) struct doc *file = NULL;
        (void)snprintf(path, sizeof path, DIRCHAIN_SOURCE_DIR "/samples/catalog/%s.json", names[i]);
        assert_int_equal(file_read(&text, path, 1024 * 1024), 0);
        assert_int_equal(doc_parse(&file, view_of_buf(&text), 1024 * 1024), 0);
        assert_true(doc_count(doc_get(file, "entries")) > 0);
        there_and_back(&layout, doc_get(file, "entries"), SHEET_FORM_XLSX);
        there_and_back(&layout, doc_get(file, "entries"), SHEET_FORM_CSV);
    }
}

/* ---- plans ---- */

/* Headings are what people know columns by: each once in its sheet. So are the words of a choice: a
 * word without Chinese, or the same for two choices, would not be read back. */
static void headings_and_words_are_unique(void **state)
{
    (void)state;
    struct sheet_layout layouts[] = {sheet_layout_duties(), sheet_layout_entries()};
    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(&layouts[i]);
        for (size_t part = 0; part < plan->count; part++) {
            const struct sheet_part *from = &plan->parts[part];
            for (size_t k = 0; k < from->count; k++) {
                for (size_t other = 0; other < k; other++) {
                    assert_string_not_equal(from->columns[k].heading, from->columns[other].heading);
                }
                const struct field *field = from->columns[k].field;
                for (size_t c = 0; field->kind == FIELD_CHOICE && field->choices[c] != NULL; c++) {
                    const char *word = layouts[i].word(field->name, field->choices[c]);
                    bool chinese = (unsigned char)field->choices[c][0] >= 0x80;
                    if (word == NULL && !chinese) {
                        fail_msg("no Chinese for %s:%s (exchange/words.c)", field->name,
                                 field->choices[c]);
                    }
                    for (size_t other = 0; word != NULL && other < c; other++) {
                        assert_string_not_equal(
                            word, layouts[i].word(field->name, field->choices[other]));
                    }
                }
            }
        }
    }
}

static void a_plan_of_entries(void **state)
{
    (void)state;
    const struct sheet_layout layout = sheet_layout_entries();
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(&layout);
    assert_true(plan->count >= 2);
    assert_string_equal(plan->parts[0].name, "目录");
    assert_string_equal(plan->parts[0].columns[0].heading, "信息资源代码");
    assert_string_equal(plan->parts[1].name, "信息项");
    assert_string_equal(plan->parts[1].path, "entry.items");
    assert_string_equal(plan->parts[1].columns[0].heading, "信息资源代码");
    assert_string_equal(plan->parts[1].columns[1].heading, "信息项中文名");
    assert_true(plan->parts[1].columns[1].required);
    bool nested = false;
    for (size_t i = 0; i < plan->parts[0].count; i++) {
        const struct sheet_column *column = &plan->parts[0].columns[i];
        assert_string_not_equal(column->path, "acts_on");
        nested = nested || (strcmp(column->path, "entry.source.system") == 0 &&
                            strcmp(column->heading, "数据来源-业务系统") == 0 && column->required);
    }
    assert_true(nested);
}

/* Faults of an item stand at its row in its own sheet. */
static void faults_of_items(void **state)
{
    (void)state;
    const struct sheet_layout layout = sheet_layout_entries();
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(&layout);
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(sheet_records_free) struct sheet_records records;
    AUTO(doc_free) struct doc *bodies = bodies_for(&layout, 2);
    struct faults faults = {0}, judged = {0}, placed;
    assert_int_equal(sheet_fill(&book, plan, bodies), 0);
    struct sheet *items = &book.sheets[1];
    size_t last = items->rows[items->count - 1].number;
    assert_int_equal(workbook_set(&book, items, last + 1, 1, "0001", 0), 0);
    assert_int_equal(workbook_set(&book, items, last + 1, 2, "身份证号", 0), 0);
    assert_int_equal(workbook_set(&book, items, last + 1, 4, "文字", 0), 0);
    assert_int_equal(workbook_set(&book, items, last + 2, 1, "9999", 0), 0);
    assert_int_equal(sheet_records_read(&records, &faults, &book, plan), 0);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.item[0].error, ERR_ROW_ALONE);
    assert_false(sheet_faults_of_headings(&faults));
    (void)schema_check(schema_find("catalog.submit"), records.items[1].doc, &judged);
    sheet_record_faults(&placed, &records, 1, &judged);
    char place[64];
    (void)snprintf(place, sizeof place, "信息项!E%zu 数据类型", last + 1);
    bool found = false;
    for (size_t i = 0; i < placed.count; i++) {
        found = found || (strcmp(placed.item[i].field, place) == 0 &&
                          placed.item[i].error == ERR_FIELD_CHOICE);
    }
    assert_true(found);
}

/* A second sheet of items is told of as one of entries is: they would lack what stands in it. */
static void another_sheet_of_items_is_told_of(void **state)
{
    (void)state;
    const struct sheet_layout layout = sheet_layout_entries();
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(&layout);
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(sheet_records_free) struct sheet_records records;
    AUTO(doc_free) struct doc *bodies = bodies_for(&layout, 1);
    struct faults faults = {0};
    static const char items[] = "信息资源代码,信息项名称,数据类型\n0000,身份证号,字符型\n";
    size_t row = 0;
    assert_int_equal(sheet_fill(&book, plan, bodies), 0);
    assert_int_equal(file_write_atomic(scratch_path("items"), view_of_text(items), 0600), 0);
    assert_int_equal(
        sheet_csv_add(&book, &row, scratch_path("items"), strlen(items), "信息项2"), 0);
    assert_int_equal(sheet_records_read(&records, &faults, &book, plan), 0);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.item[0].error, ERR_SHEET_TWICE);
    assert_string_equal(faults.item[0].field, "信息项2");
}

/* An entry given twice: its items are the upper row's, and the lower lacks nothing for it. Whoever
 * reads a hidden sheet is told. */
static void an_entry_twice_has_its_items_once(void **state)
{
    (void)state;
    const struct sheet_layout layout = sheet_layout_entries();
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(&layout);
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(sheet_records_free) struct sheet_records records;
    AUTO(doc_free) struct doc *bodies = bodies_for(&layout, 1);
    struct faults faults = {0};
    for (size_t i = 0; i < 2; i++) {
        struct doc *again = doc_copy(doc_at(bodies, 0));
        struct doc *entry = doc_copy(doc_get(again, "entry"));
        doc_remove(entry, "items");
        doc_set(again, "entry", entry);
        doc_push(bodies, again);
    }
    assert_int_equal(sheet_fill(&book, plan, bodies), 0);
    book.sheets[1].hidden = true;
    assert_int_equal(sheet_records_read(&records, &faults, &book, plan), 0);
    assert_int_equal(faults.count, 0);
    assert_string_equal(buf_text(&records.hidden), "信息项");
    assert_int_equal(records.count, 3);
    for (size_t i = 0; i < records.count; i++) {
        struct faults judged = {0}, placed;
        (void)schema_check(schema_find("catalog.submit"), records.items[i].doc, &judged);
        sheet_record_faults(&placed, &records, i, &judged);
        assert_int_equal(doc_get(doc_get(records.items[i].doc, "entry"), "items") != NULL, i == 0);
        assert_int_equal(placed.count > 0 && placed.item[0].error == ERR_ROW_TWICE, i > 0);
        for (size_t k = 0; k < placed.count; k++) {
            assert_null(strstr(placed.item[k].field, " 信息项"));
        }
    }
}

/* Items that stand twice since their entry does are no faults of their own; which row is the other
 * is told. What is at fault in the entry's own row comes before what is in its items'. */
static void an_entry_twice_is_one_fault(void **state)
{
    (void)state;
    const struct sheet_layout layout = sheet_layout_entries();
    AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(&layout);
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(sheet_records_free) struct sheet_records records;
    AUTO(doc_free) struct doc *bodies = bodies_for(&layout, 1);
    struct faults faults = {0}, judged = {0}, placed;
    doc_push(bodies, doc_copy(doc_at(bodies, 0)));
    assert_int_equal(sheet_fill(&book, plan, bodies), 0);
    assert_int_equal(sheet_records_read(&records, &faults, &book, plan), 0);
    assert_int_equal(records.count, 2);
    faults_add(&judged, ERR_DUPLICATE, NULL, "entry.items[1].name");
    faults_add(&judged, ERR_FIELD_MISSING, NULL, "entry.items[1].type");
    faults_add(&judged, ERR_FIELD_MISSING, NULL, "entry.name");
    sheet_record_faults(&placed, &records, 0, &judged);
    assert_int_equal(placed.count, 2);
    assert_non_null(strstr(placed.item[0].field, "目录!"));
    assert_non_null(strstr(placed.item[1].field, "信息项!"));
    sheet_record_faults(&placed, &records, 1, &faults);
    assert_int_equal(placed.count, 1);
    assert_int_equal(placed.item[0].error, ERR_ROW_TWICE);
    AUTO(doc_free) struct doc *twice = fault_to_doc(&placed.item[0]);
    assert_string_equal(doc_get_text(twice, "told_zh"), "代码相同的是第 2 行。");
}

/* ---- templates ---- */

static void templates(void **state)
{
    (void)state;
    static const char *const types[] = {"duty.publish", "catalog.submit"};
    struct sheet_layout layouts[] = {sheet_layout_duties(), sheet_layout_entries()};
    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        AUTO(memory_release) struct sheet_plan *plan = sheet_plan_new(&layouts[i]);
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(workbook_free) struct workbook book = {0};
        AUTO(sheet_records_free) struct sheet_records none, example;
        struct faults faults = {0};
        assert_int_equal(sheet_write_template(&bytes, plan), 0);
        assert_int_equal(xlsx_read(&book, view_of_buf(&bytes)), 0);
        assert_int_equal(book.count, plan->count + 2); /* the guide, the lists of choices */
        assert_int_equal(sheet_records_read(&none, &faults, &book, plan), 0);
        assert_int_equal(none.count, 0);
        /* The example, were it no example, would be taken. */
        for (size_t part = 0; part < plan->count; part++) {
            for (size_t row = 1; row < book.sheets[part].count; row++) {
                book.sheets[part].rows[row].cells[0].text = "1";
            }
        }
        assert_int_equal(sheet_records_read(&example, &faults, &book, plan), 0);
        assert_int_equal(example.count, 1);
        assert_int_equal(faults.count, 0);
        assert_int_equal(schema_check(schema_find(types[i]), example.items[0].doc, &faults), 0);
        /* The guide says every column. */
        const struct sheet *guide = &book.sheets[plan->count];
        size_t columns = 0;
        for (size_t part = 0; part < plan->count; part++) {
            columns += plan->parts[part].count;
        }
        assert_string_equal(guide->name, "填写说明");
        assert_true(guide->count > columns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_record_comes_back),
        cmocka_unit_test(the_sample_catalogs_come_back),
        cmocka_unit_test(headings_and_words_are_unique),
        cmocka_unit_test(a_plan_of_entries),
        cmocka_unit_test(faults_of_items),
        cmocka_unit_test(another_sheet_of_items_is_told_of),
        cmocka_unit_test(an_entry_twice_has_its_items_once),
        cmocka_unit_test(an_entry_twice_is_one_fault),
        cmocka_unit_test(templates),
    };
    return cmocka_run_group_tests_name("sheets", tests, scratch_make, scratch_remove);
}
