/* ZIP archives by minizip, out of memory. The directory is read once into a table of names; what
 * parts inflate to is counted over the life of the archive, so that a part that is asked for again
 * and entries that overlap have one budget. */
#include "exchange/xlsx_parts.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unzip.h>

#define NAME_BYTES_MAX 256
#define PIECE_BYTES (64 * 1024)
#define FLAG_ENCRYPTED 1

struct part {
    char name[NAME_BYTES_MAX];
    unz64_file_pos place;
};

struct xlsx_parts {
    struct view archive;
    uint64_t offset; /* where minizip reads next */
    unzFile zip;
    struct part *parts;
    size_t count;
    size_t inflated;
};

/* ---- the archive as minizip sees a file ---- */

static voidpf memory_open(voidpf opaque, const void *name, int mode)
{
    (void)name;
    return mode == (ZLIB_FILEFUNC_MODE_READ | ZLIB_FILEFUNC_MODE_EXISTING) ? opaque : NULL;
}

static uLong memory_read(voidpf opaque, voidpf stream, void *out, uLong size)
{
    struct xlsx_parts *parts = opaque;
    (void)stream;
    uint64_t left = parts->archive.len - parts->offset;
    size_t len = size < left ? (size_t)size : (size_t)left;
    if (len > 0) {
        memcpy(out, parts->archive.data + parts->offset, len);
    }
    parts->offset += len;
    return (uLong)len;
}

static ZPOS64_T memory_tell(voidpf opaque, voidpf stream)
{
    (void)stream;
    return ((const struct xlsx_parts *)opaque)->offset;
}

static long memory_seek(voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
    struct xlsx_parts *parts = opaque;
    (void)stream;
    uint64_t from = origin == ZLIB_FILEFUNC_SEEK_CUR   ? parts->offset
                    : origin == ZLIB_FILEFUNC_SEEK_END ? parts->archive.len
                                                       : 0;
    if (offset > parts->archive.len - from) {
        return -1;
    }
    parts->offset = from + offset;
    return 0;
}

static int memory_close(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

/* ---- the directory ---- */

static const struct part *part_find(const struct xlsx_parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (strcasecmp(parts->parts[i].name, name) == 0) { /* OPC: names are alike in any case */
            return &parts->parts[i];
        }
    }
    return NULL;
}

static int directory_read(struct xlsx_parts *parts)
{
    unz_global_info64 global;
    if (unzGetGlobalInfo64(parts->zip, &global) != UNZ_OK || global.number_entry == 0) {
        return ERR_SHEET_FORM;
    }
    if (global.number_entry > SHEET_PARTS_MAX) {
        return ERR_SHEET_LARGE;
    }
    parts->parts = memory_alloc((size_t)global.number_entry * sizeof *parts->parts);
    int at = unzGoToFirstFile(parts->zip);
    while (at == UNZ_OK && parts->count < global.number_entry) {
        struct part *part = &parts->parts[parts->count];
        unz_file_info64 info;
        if (unzGetCurrentFileInfo64(parts->zip, &info, part->name, sizeof part->name, NULL, 0, NULL,
                                    0) != UNZ_OK ||
            info.size_filename >= sizeof part->name || (info.flag & FLAG_ENCRYPTED) != 0 ||
            part_find(parts, part->name) != NULL ||
            unzGetFilePos64(parts->zip, &part->place) != UNZ_OK) {
            return ERR_SHEET_FORM;
        }
        parts->count++;
        at = unzGoToNextFile(parts->zip);
    }
    return at == UNZ_END_OF_LIST_OF_FILE && parts->count == global.number_entry ? 0
                                                                                : ERR_SHEET_FORM;
}

int xlsx_parts_open(struct xlsx_parts **out, struct view archive)
{
    AUTO(xlsx_parts_close) struct xlsx_parts *parts = memory_alloc(sizeof *parts);
    parts->archive = archive;
    zlib_filefunc64_def functions = {.zopen64_file = memory_open,
                                     .zread_file = memory_read,
                                     .ztell64_file = memory_tell,
                                     .zseek64_file = memory_seek,
                                     .zclose_file = memory_close,
                                     .zerror_file = memory_close,
                                     .opaque = parts};
    parts->zip = unzOpen2_64("", &functions);
    int error = parts->zip == NULL ? ERR_SHEET_FORM : directory_read(parts);
    if (error == 0) {
        *out = parts;
        parts = NULL;
    }
    return error;
}

void xlsx_parts_close(struct xlsx_parts **parts)
{
    if (*parts != NULL) {
        if ((*parts)->zip != NULL) {
            (void)unzClose((*parts)->zip);
        }
        memory_free((*parts)->parts);
        memory_free(*parts);
        *parts = NULL;
    }
}

/* ---- reading ---- */

static int read_pieces(struct xlsx_parts *parts, uint8_t *piece,
                       int (*take)(void *context, struct view piece), void *context)
{
    for (;;) {
        int len = unzReadCurrentFile(parts->zip, piece, PIECE_BYTES);
        if (len < 0) {
            return ERR_SHEET_FORM;
        }
        if ((size_t)len > SHEET_INFLATED_BYTES_MAX - parts->inflated) {
            return ERR_SHEET_LARGE;
        }
        parts->inflated += (size_t)len;
        int error = len == 0 ? 0 : take(context, view_of(piece, (size_t)len));
        if (error != 0 || len == 0) {
            return error;
        }
    }
}

int xlsx_parts_read(struct xlsx_parts *parts, const char *name,
                    int (*take)(void *context, struct view piece), void *context)
{
    const struct part *part = part_find(parts, name);
    if (part == NULL) {
        return ERR_NOT_FOUND;
    }
    int method = 0;
    if (unzGoToFilePos64(parts->zip, &part->place) != UNZ_OK ||
        unzOpenCurrentFile2(parts->zip, &method, NULL, 0) != UNZ_OK) {
        return ERR_SHEET_FORM;
    }
    uint8_t *piece = memory_alloc(PIECE_BYTES);
    int error = method == 0 || method == Z_DEFLATED ? read_pieces(parts, piece, take, context)
                                                    : ERR_SHEET_FORM;
    memory_free(piece);
    /* Only a part that was read to its end can be judged by its checksum. */
    bool whole = unzCloseCurrentFile(parts->zip) == UNZ_OK;
    return error != 0 || whole ? error : ERR_SHEET_FORM;
}
