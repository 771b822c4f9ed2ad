/* Words of DCAT-US and of DCAT-AP beside ours, as tables. Where a cycle or format of theirs has no
 * word here (every two years, a ZIP file), there is none: nothing is rounded. */
#include "exchange/dcat.h"

#include "exchange/words.h"

#include <string.h>
#include <strings.h>

struct word {
    const char *ours;
    const char *us; /* NULL: none */
    const char *ap; /* address in the EU's authority table */
};

#define EU "http://publications.europa.eu/resource/authority/"

/* "accessLevel" of DCAT-US v1.1; the EU's table access-right. OPEN 14: the open attribute. */
static const struct word access_words[] = {
    {"unconditional", "public", EU "access-right/PUBLIC"},
    {"conditional", "restricted public", EU "access-right/RESTRICTED"},
    {"closed", "non-public", EU "access-right/NON_PUBLIC"},
    {NULL, NULL, NULL},
};
/* ISO 8601 repeating durations as DCAT-US has them; the EU's authority table frequency. Of several
 * rows the first is the one written. */
static const struct word update_words[] = {
    {"realtime", "R/PT1S", EU "frequency/UPDATE_CONT"},
    {"realtime", NULL, EU "frequency/CONT"},
    {"daily", "R/P1D", EU "frequency/DAILY"},
    {"weekly", "R/P1W", EU "frequency/WEEKLY"},
    {"weekly", "R/P7D", NULL},
    {"monthly", "R/P1M", EU "frequency/MONTHLY"},
    {"quarterly", "R/P3M", EU "frequency/QUARTERLY"},
    {"yearly", "R/P1Y", EU "frequency/ANNUAL"},
    {"yearly", "R/P12M", NULL},
    {"irregular", "irregular", EU "frequency/IRREG"},
    {"static", NULL, EU "frequency/NEVER"},
    {NULL, NULL, NULL},
};
static const struct word *const tables[DCAT_WORD_KINDS] = {access_words, update_words};

/* What DCAT-US takes of them. */
static const char *const access_us[] = {"public", "restricted public", "non-public", NULL};
static const char *const update_us[] = {"R/PT1S", "R/P1D", "R/P1W",     "R/P1M",
                                        "R/P3M",  "R/P1Y", "irregular", NULL};

const char *const *dcat_words_us(enum dcat_word_kind kind)
{
    return kind == DCAT_ACCESS ? access_us : update_us;
}

const char *dcat_word_gloss(const char *us)
{
    const char *access = dcat_word_ours(DCAT_ACCESS, us);
    return access != NULL ? word_chinese("opening", access)
                          : word_chinese("update", dcat_word_ours(DCAT_UPDATE, us));
}

static const char *last_part(const char *address)
{
    const char *slash = strrchr(address, '/');
    return slash == NULL ? address : slash + 1;
}

const char *dcat_word_ours(enum dcat_word_kind kind, const char *theirs)
{
    for (const struct word *word = tables[kind]; theirs != NULL && word->ours; word++) {
        if ((word->us != NULL && strcasecmp(word->us, theirs) == 0) ||
            (word->ap != NULL && strstr(theirs, "://") != NULL &&
             strcasecmp(last_part(word->ap), last_part(theirs)) == 0)) {
            return word->ours;
        }
    }
    return NULL;
}

const char *dcat_word_us(enum dcat_word_kind kind, const char *ours)
{
    for (const struct word *word = tables[kind]; ours != NULL && word->ours; word++) {
        if (strcmp(word->ours, ours) == 0) {
            return word->us;
        }
    }
    return NULL;
}

const char *dcat_word_ap(enum dcat_word_kind kind, const char *ours)
{
    for (const struct word *word = tables[kind]; ours != NULL && word->ours; word++) {
        if (strcmp(word->ours, ours) == 0) {
            return word->ap;
        }
    }
    return NULL;
}

/* CN 2: 电子文件 电子表格 数据库 图形图像 流媒体 … 位置信息. By the last part of a media type or
 * by a file's usual ending; a row that ends with '/' stands for a whole family of media types. */
static const struct {
    const char *type;
    const char *format;
} formats[] = {
    {"csv", "spreadsheet"},
    {"tsv", "spreadsheet"},
    {"tab-separated-values", "spreadsheet"},
    {"xls", "spreadsheet"},
    {"xlsx", "spreadsheet"},
    {"ods", "spreadsheet"},
    {"vnd.ms-excel", "spreadsheet"},
    {"vnd.oasis.opendocument.spreadsheet", "spreadsheet"},
    {"vnd.openxmlformats-officedocument.spreadsheetml.sheet", "spreadsheet"},
    {"pdf", "document"},
    {"ofd", "document"},
    {"html", "document"},
    {"txt", "document"},
    {"plain", "document"},
    {"doc", "document"},
    {"docx", "document"},
    {"odt", "document"},
    {"rtf", "document"},
    {"msword", "document"},
    {"vnd.openxmlformats-officedocument.wordprocessingml.document", "document"},
    {"json", "document"},
    {"xml", "document"},
    {"rss+xml", "document"},
    {"rdf+xml", "document"},
    {"mdb", "database"},
    {"accdb", "database"},
    {"dbf", "database"},
    {"sql", "database"},
    {"sqlite", "database"},
    {"vnd.sqlite3", "database"},
    {"geo+json", "location"},
    {"geojson", "location"},
    {"kml", "location"},
    {"kmz", "location"},
    {"vnd.google-earth.kml+xml", "location"},
    {"shp", "location"},
    {"gml", "location"},
    {"gpkg", "location"},
    {"gdb", "location"},
    {"wms", "location"},
    {"wfs", "location"},
    {"image/", "image"},
    {"png", "image"},
    {"jpeg", "image"},
    {"tiff", "image"},
    {"video/", "stream"},
    {"audio/", "stream"},
};

const char *dcat_format_of(const char *type)
{
    for (size_t i = 0; type != NULL && i < sizeof formats / sizeof *formats; i++) {
        const char *row = formats[i].type;
        size_t len = strlen(row);
        bool family = row[len - 1] == '/';
        if (family ? strstr(type, row) != NULL : strcasecmp(last_part(type), row) == 0) {
            return formats[i].format;
        }
    }
    return NULL;
}
