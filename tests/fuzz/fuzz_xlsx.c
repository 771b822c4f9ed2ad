/* xlsx_read and the parts below it on anything. The first byte says what: 0 a whole archive; 1 an
 * archive is made of one worksheet around the bytes, since a fuzzer seldom meets a checksum. What
 * is accepted keeps the bounds of a workbook, and its records come out of it whatever it says. */
#include "fuzz.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/faults.h"
#include "base/memory.h"
#include "exchange/sheet_layouts.h"
#include "exchange/sheet_records.h"
#include "exchange/xlsx.h"

#include <string.h>
#include <zlib.h>

/* ---- an archive of stored parts (APPNOTE 4.3) ---- */

static void append_u16(struct buf *out, size_t value)
{
    buf_append_u8(out, (uint8_t)value);
    buf_append_u8(out, (uint8_t)(value >> 8));
}

static void append_u32(struct buf *out, size_t value)
{
    append_u16(out, value & 0xffff);
    append_u16(out, value >> 16);
}

struct archive {
    struct buf bytes;
    struct buf directory;
    size_t count;
};

static void archive_add(struct archive *archive, const char *name, struct view data)
{
    size_t offset = archive->bytes.len;
    struct buf *of[] = {&archive->bytes, &archive->directory};
    for (size_t i = 0; i < 2; i++) {
        buf_append_text(of[i], i == 0 ? "PK\x03\x04" : "PK\x01\x02");
        if (i == 1) {
            append_u16(of[i], 20);
        }
        append_u16(of[i], 20);
        for (size_t k = 0; k < 4; k++) { /* flags, method, time, date */
            append_u16(of[i], 0);
        }
        append_u32(of[i], crc32(0, data.data, (uInt)data.len));
        append_u32(of[i], data.len);
        append_u32(of[i], data.len);
        append_u16(of[i], strlen(name));
        append_u16(of[i], 0);
    }
    for (size_t k = 0; k < 5; k++) { /* comment, disk, attributes */
        append_u16(&archive->directory, 0);
    }
    append_u32(&archive->directory, offset);
    buf_append_text(&archive->directory, name);
    buf_append_text(&archive->bytes, name);
    buf_append_view(&archive->bytes, data);
    archive->count++;
}

static void archive_end(struct archive *archive)
{
    size_t offset = archive->bytes.len;
    buf_append_view(&archive->bytes, view_of_buf(&archive->directory));
    buf_append_text(&archive->bytes, "PK\x05\x06");
    append_u32(&archive->bytes, 0);
    append_u16(&archive->bytes, archive->count);
    append_u16(&archive->bytes, archive->count);
    append_u32(&archive->bytes, archive->directory.len);
    append_u32(&archive->bytes, offset);
    append_u16(&archive->bytes, 0);
    buf_free(&archive->directory);
}

#define RELATION(id, kind, target)                                                                 \
    "<Relationship Id='" id "' Type='x/" kind "' Target='" target "'/>"

static void archive_of_sheet(struct buf *out, struct view sheet)
{
    static const struct {
        const char *name, *text;
    } parts[] = {
        {"_rels/.rels", "<r>" RELATION("1", "officeDocument", "b.xml") "</r>"},
        {"b.xml", "<w><sheet name='s' id='1'/></w>"},
        {"_rels/b.xml.rels",
         "<r>" RELATION("1", "worksheet", "s.xml") RELATION("2", "styles", "y.xml")
             RELATION("3", "sharedStrings", "t.xml") "</r>"},
        {"y.xml", "<s><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></s>"},
        {"t.xml", "<s><si><t>职权编码</t></si><si><t>职权名称</t></si><si><t>序号</t></si></s>"},
    };
    struct archive archive = {.count = 0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        archive_add(&archive, parts[i].name, view_of_text(parts[i].text));
    }
    archive_add(&archive, "s.xml", sheet);
    archive_end(&archive);
    *out = archive.bytes;
}

static void check_book(const struct workbook *book)
{
    size_t cells = 0, bytes = 0;
    for (size_t i = 0; i < book->count; i++) {
        const struct sheet *sheet = &book->sheets[i];
        for (size_t k = 0; k < sheet->count; k++) {
            ENSURE(k == 0 || sheet->rows[k].number > sheet->rows[k - 1].number);
            ENSURE(sheet->rows[k].count <= SHEET_COLUMNS_MAX);
            cells += sheet->rows[k].count;
            for (size_t c = 0; c < sheet->rows[k].count; c++) {
                bytes += strlen(sheet->rows[k].cells[c].text);
            }
        }
    }
    ENSURE(cells == book->cells && cells <= SHEET_CELLS_MAX);
    ENSURE(bytes == book->bytes && bytes <= SHEET_TEXT_BYTES_MAX);
}

static void check_records(const struct workbook *book)
{
    struct sheet_layout layout = sheet_layout_duties();
    struct sheet_plan *plan = sheet_plan_new(&layout);
    struct sheet_records records;
    struct faults faults = {0};
    int error = sheet_records_read(&records, &faults, book, plan);
    for (size_t i = 0; error == 0 && i < records.count; i++) {
        struct faults judged = {0}, told;
        (void)schema_check(schema_find("duty.publish"), records.items[i].doc, &judged);
        sheet_record_faults(&told, &records, i, &judged);
        ENSURE(judged.count == 0 || told.count > 0);
    }
    sheet_records_free(&records);
    memory_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(buf_free) struct buf made = {0};
    AUTO(workbook_free) struct workbook book = {0};
    if (size == 0)
        return 0;
    struct view file = view_of(data + 1, size - 1);
    if (data[0] % 2 == 1) {
        archive_of_sheet(&made, file);
        file = view_of_buf(&made);
    }
    int error = xlsx_read(&book, file);
    ENSURE(error == 0 || book.count == 0);
    check_book(&book);
    check_records(&book);
    return 0;
}
