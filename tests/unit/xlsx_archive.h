/* .xlsx archives for tests, part by part: what no program would write, too. */
#ifndef DIRCHAIN_TESTS_XLSX_ARCHIVE_H
#define DIRCHAIN_TESTS_XLSX_ARCHIVE_H

#include "check.h"
#include "scratch.h"

#include "base/file.h"
#include "base/limits.h"

#include <string.h>
#include <zip.h>

struct archive {
    zipFile zip;
};

static inline struct archive archive_begin(void)
{
    struct archive archive = {.zip = zipOpen(scratch_path("book.xlsx"), APPEND_STATUS_CREATE)};
    assert_non_null(archive.zip);
    return archive;
}

static inline void archive_add_many(struct archive *archive, const char *name, const char *text,
                                    size_t times)
{
    zip_fileinfo info = {0};
    assert_int_equal(zipOpenNewFileInZip(archive->zip, name, &info, NULL, 0, NULL, 0, NULL,
                                         Z_DEFLATED, Z_BEST_SPEED),
                     ZIP_OK);
    for (size_t i = 0; i < times; i++) {
        assert_int_equal(zipWriteInFileInZip(archive->zip, text, (unsigned)strlen(text)), ZIP_OK);
    }
    assert_int_equal(zipCloseFileInZip(archive->zip), ZIP_OK);
}

static inline void archive_add(struct archive *archive, const char *name, const char *text)
{
    archive_add_many(archive, name, text, 1);
}

static inline void archive_end(struct buf *out, struct archive *archive)
{
    assert_int_equal(zipClose(archive->zip, NULL), ZIP_OK);
    assert_int_equal(file_read(out, scratch_path("book.xlsx"), 4 * SHEET_FILE_BYTES_MAX), 0);
}

#define XLSX_RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define XLSX_ROOT_RELS                                                                             \
    "<Relationships><Relationship Id='rId1' Type='" XLSX_RELATION                                  \
    "officeDocument' Target='xl/workbook.xml'/></Relationships>"
#define XLSX_BOOK_RELS                                                                             \
    "<Relationships>"                                                                              \
    "<Relationship Id='r1' Type='" XLSX_RELATION "worksheet' Target='worksheets/one.xml'/>"        \
    "<Relationship Id='r2' Type='" XLSX_RELATION "styles' Target='/xl/styles.xml'/>"               \
    "<Relationship Id='r3' Type='" XLSX_RELATION "sharedStrings' Target='strings.xml'/>"           \
    "<Relationship Id='r4' Type='" XLSX_RELATION                                                   \
    "hyperlink' Target='http://127.0.0.1/' TargetMode='External'/>"                                \
    "</Relationships>"
#define XLSX_BOOK                                                                                  \
    "<workbook xmlns:r='x'><workbookPr/><sheets><sheet name='职责' sheetId='1' r:id='r1'/>"      \
    "</sheets></workbook>"
#define XLSX_STYLES                                                                                \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy\"年\"m\"月\"d\"日\"'/>"       \
    "<numFmt numFmtId='165' formatCode='0.00\"d\"'/></numFmts>"                                    \
    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"                                             \
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/>"       \
    "<xf numFmtId='22'/><xf numFmtId='31'/></cellXfs></styleSheet>"
#define XLSX_STRINGS                                                                               \
    "<sst><si><t>shared</t></si>"                                                                  \
    "<si><r><t>in </t></r><r><t>runs</t></r><rPh><t>read aloud</t></rPh></si>"                     \
    "<si><t xml:space='preserve'> a_x000D_&#10;b_x0009_c_xD800_ </t></si></sst>"

/* All parts but the worksheet's; but for the workbook's own in their usual form. */
static inline void archive_add_around(struct archive *archive, const char *book)
{
    archive_add(archive, "_rels/.rels", XLSX_ROOT_RELS);
    archive_add(archive, "xl/workbook.xml", book);
    archive_add(archive, "xl/_rels/workbook.xml.rels", XLSX_BOOK_RELS);
    archive_add(archive, "xl/styles.xml", XLSX_STYLES);
    archive_add(archive, "xl/strings.xml", XLSX_STRINGS);
}

static inline void archive_add_usual(struct archive *archive)
{
    archive_add_around(archive, XLSX_BOOK);
}

#endif
