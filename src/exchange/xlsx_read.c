/* The workbook around its sheets: which part is which is said by relations, never by the parts'
 * names, for programs call them as they like. */
#include "exchange/xlsx.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/xlsx_internal.h"
#include "exchange/xlsx_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES_MAX 256
#define RELATIONS_MAX SHEET_PARTS_MAX

/* ---- relations ---- */

struct relation {
    char id[TEXT_BYTES_MAX];
    char kind[TEXT_BYTES_MAX];   /* the last word of its type: "worksheet" */
    char target[TEXT_BYTES_MAX]; /* name of a part */
};
struct relations {
    char folder[TEXT_BYTES_MAX]; /* that targets are relative to, with its slash; or "" */
    struct relation *items;
    size_t count;
};

static void relations_free(struct relations *relations)
{
    memory_free(relations->items);
}

static bool copy_text(char out[TEXT_BYTES_MAX], const char *prefix, const char *text)
{
    int len = snprintf(out, TEXT_BYTES_MAX, "%s%s", prefix, text);
    return len > 0 && len < TEXT_BYTES_MAX;
}

static int on_relation(void *context, const char *name, const char *const *attributes)
{
    struct relations *relations = context;
    const char *id = xlsx_xml_attribute(attributes, "Id");
    const char *type = xlsx_xml_attribute(attributes, "Type");
    const char *target = xlsx_xml_attribute(attributes, "Target");
    const char *mode = xlsx_xml_attribute(attributes, "TargetMode");
    if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL || target == NULL ||
        (mode != NULL && strcmp(mode, "External") == 0)) {
        return 0;
    }
    if (relations->count == RELATIONS_MAX) {
        return ERR_SHEET_LARGE;
    }
    struct relation *item = &relations->items[relations->count++];
    const char *slash = strrchr(type, '/');
    bool rooted = target[0] == '/';
    bool good = copy_text(item->id, "", id) &&
                copy_text(item->kind, "", slash == NULL ? type : slash + 1) &&
                copy_text(item->target, rooted ? "" : relations->folder, target + rooted);
    return good ? 0 : ERR_SHEET_FORM;
}

static int on_nothing(void *context, const char *name)
{
    (void)context, (void)name;
    return 0;
}

static const struct relation *relation_find(const struct relations *relations, const char *id,
                                            const char *kind)
{
    for (size_t i = 0; i < relations->count; i++) {
        const struct relation *item = &relations->items[i];
        if ((id == NULL || strcmp(item->id, id) == 0) && strcmp(item->kind, kind) == 0) {
            return item;
        }
    }
    return NULL;
}

/* The relations of a part ("": of the archive): "xl/workbook.xml" → "xl/_rels/workbook.xml.rels".
 */
static int relations_read(struct relations *out, struct xlsx_file *file, const char *part)
{
    static const struct xlsx_events events = {.open = on_relation, .close = on_nothing};
    char name[2 * TEXT_BYTES_MAX];
    const char *slash = strrchr(part, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - part);
    (void)snprintf(out->folder, sizeof out->folder, "%.*s", folder, part);
    (void)snprintf(name, sizeof name, "%s_rels/%s.rels", out->folder, part + folder);
    out->items = memory_alloc(RELATIONS_MAX * sizeof *out->items);
    int error = xlsx_xml_read(file->parts, name, &events, out);
    return error == ERR_NOT_FOUND ? ERR_SHEET_FORM : error;
}

/* ---- the workbook part ---- */

struct sheet_named {
    char name[TEXT_BYTES_MAX];
    char id[TEXT_BYTES_MAX];
    bool hidden;
};
struct outline {
    bool from_1904;
    struct sheet_named sheets[SHEETS_MAX];
    size_t count;
};

static int on_outline(void *context, const char *name, const char *const *attributes)
{
    struct outline *outline = context;
    if (strcmp(name, "workbookPr") == 0) {
        const char *from = xlsx_xml_attribute(attributes, "date1904");
        outline->from_1904 = from != NULL && (strcmp(from, "1") == 0 || strcmp(from, "true") == 0);
    } else if (strcmp(name, "sheet") == 0) {
        const char *title = xlsx_xml_attribute(attributes, "name");
        const char *id = xlsx_xml_attribute(attributes, "id");
        const char *state = xlsx_xml_attribute(attributes, "state"); /* "hidden", "veryHidden" */
        if (outline->count == SHEETS_MAX) {
            return ERR_SHEET_LARGE;
        }
        struct sheet_named *sheet = &outline->sheets[outline->count++];
        if (title == NULL || id == NULL || !copy_text(sheet->name, "", title) ||
            !copy_text(sheet->id, "", id)) {
            return ERR_SHEET_FORM;
        }
        sheet->hidden = state != NULL && strcmp(state, "visible") != 0;
    }
    return 0;
}

/* ---- shared strings ---- */

struct strings_reader {
    struct xlsx_file *file;
    size_t capacity;
    bool in_text;
    bool in_phonetics;
    struct buf text;
};

static int on_string_open(void *context, const char *name, const char *const *attributes)
{
    struct strings_reader *reader = context;
    (void)attributes;
    if (strcmp(name, "si") == 0) {
        buf_clear(&reader->text);
    }
    reader->in_phonetics = reader->in_phonetics || strcmp(name, "rPh") == 0;
    reader->in_text = strcmp(name, "t") == 0 && !reader->in_phonetics;
    return 0;
}

static int push_string(struct strings_reader *reader)
{
    struct xlsx_file *file = reader->file;
    AUTO(buf_free) struct buf decoded = {0};
    if (file->string_count == SHEET_STRINGS_MAX) {
        return ERR_SHEET_LARGE;
    }
    if (file->string_count == reader->capacity) {
        reader->capacity = reader->capacity == 0 ? 256 : 2 * reader->capacity;
        file->strings = memory_resize(file->strings, reader->capacity * sizeof *file->strings);
    }
    xlsx_text_append(&decoded, buf_text(&reader->text));
    return workbook_keep(&file->strings[file->string_count++], file->book, view_of_buf(&decoded));
}

static int on_string_close(void *context, const char *name)
{
    struct strings_reader *reader = context;
    reader->in_text = false;
    if (strcmp(name, "rPh") == 0) {
        reader->in_phonetics = false;
    }
    return strcmp(name, "si") == 0 ? push_string(reader) : 0;
}

static int on_string_text(void *context, struct view text)
{
    struct strings_reader *reader = context;
    if (reader->in_text) {
        buf_append_view(&reader->text, text);
    }
    return reader->text.len > SHEET_CELL_BYTES_MAX ? ERR_SHEET_LARGE : 0;
}

static int strings_read(struct xlsx_file *file, const char *part)
{
    static const struct xlsx_events events = {
        .open = on_string_open, .close = on_string_close, .text = on_string_text};
    struct strings_reader reader = {.file = file};
    int error = xlsx_xml_read(file->parts, part, &events, &reader);
    buf_free(&reader.text);
    return error;
}

/* ---- styles: which formats show a date ---- */

struct styles_reader {
    struct xlsx_file *file;
    bool in_cells;        /* <cellXfs>: those that cells name */
    unsigned long *dates; /* the file's own number formats that show a date */
    size_t date_count;
};

static int on_style_open(void *context, const char *name, const char *const *attributes)
{
    struct styles_reader *reader = context;
    struct xlsx_file *file = reader->file;
    const char *number = xlsx_xml_attribute(attributes, "numFmtId");
    unsigned long id = number == NULL ? 0 : strtoul(number, NULL, 10);
    if (strcmp(name, "cellXfs") == 0) {
        reader->in_cells = true;
    } else if (strcmp(name, "numFmt") == 0) {
        const char *code = xlsx_xml_attribute(attributes, "formatCode");
        if (reader->date_count == SHEET_NUMBER_FORMATS_MAX) {
            return ERR_SHEET_LARGE;
        }
        if (code != NULL && xlsx_code_is_date(code)) {
            reader->dates[reader->date_count++] = id;
        }
    } else if (reader->in_cells && strcmp(name, "xf") == 0) {
        if (file->date_count == SHEET_FORMATS_MAX) {
            return ERR_SHEET_LARGE;
        }
        bool date = xlsx_format_is_date(id);
        for (size_t i = 0; !date && i < reader->date_count; i++) {
            date = reader->dates[i] == id;
        }
        file->dates[file->date_count++] = date;
    }
    return 0;
}

static int on_style_close(void *context, const char *name)
{
    struct styles_reader *reader = context;
    reader->in_cells = reader->in_cells && strcmp(name, "cellXfs") != 0;
    return 0;
}

static int styles_read(struct xlsx_file *file, const char *part)
{
    static const struct xlsx_events events = {.open = on_style_open, .close = on_style_close};
    struct styles_reader reader = {
        .file = file, .dates = memory_alloc(SHEET_NUMBER_FORMATS_MAX * sizeof *reader.dates)};
    file->dates = memory_alloc(SHEET_FORMATS_MAX * sizeof *file->dates);
    int error = xlsx_xml_read(file->parts, part, &events, &reader);
    memory_free(reader.dates);
    return error;
}

/* ---- all of it ---- */

/* What sheets refer to comes before them. A part that a relation names has to be there. */
static int content_read(struct xlsx_file *file, const char *workbook)
{
    static const struct xlsx_events events = {.open = on_outline, .close = on_nothing};
    AUTO(relations_free) struct relations relations = {.count = 0};
    AUTO(memory_release) struct outline *outline = memory_alloc(sizeof *outline);
    int error = relations_read(&relations, file, workbook);
    error = error != 0 ? error : xlsx_xml_read(file->parts, workbook, &events, outline);
    file->from_1904 = outline->from_1904;
    const struct relation *strings = relation_find(&relations, NULL, "sharedStrings");
    const struct relation *styles = relation_find(&relations, NULL, "styles");
    if (error == 0 && strings != NULL) {
        error = strings_read(file, strings->target);
    }
    if (error == 0 && styles != NULL) {
        error = styles_read(file, styles->target);
    }
    for (size_t i = 0; error == 0 && i < outline->count; i++) {
        const struct sheet_named *named = &outline->sheets[i];
        const struct relation *relation = relation_find(&relations, named->id, "worksheet");
        struct sheet *sheet = NULL;
        if (relation != NULL) { /* a sheet of another kind is a chart or a dialog */
            error = workbook_add(&sheet, file->book, named->name);
            if (error == 0) {
                sheet->hidden = named->hidden;
                error = xlsx_sheet_read(file, sheet, relation->target);
            }
        }
    }
    return error;
}

static void file_free(struct xlsx_file *file)
{
    xlsx_parts_close(&file->parts);
    memory_free(file->strings);
    memory_free(file->dates);
}

int xlsx_read(struct workbook *out, struct view bytes)
{
    AUTO(file_free) struct xlsx_file file = {.book = out};
    AUTO(relations_free) struct relations root = {.count = 0};
    *out = (struct workbook){0};
    int error =
        bytes.len > SHEET_FILE_BYTES_MAX ? ERR_SHEET_LARGE : xlsx_parts_open(&file.parts, bytes);
    error = error != 0 ? error : relations_read(&root, &file, "");
    const struct relation *workbook = relation_find(&root, NULL, "officeDocument");
    if (error == 0) {
        error = workbook == NULL ? ERR_SHEET_FORM : content_read(&file, workbook->target);
    }
    if (error != 0) {
        workbook_free(out);
    }
    return error == ERR_NOT_FOUND ? ERR_SHEET_FORM : error;
}
