/* Columns of text. The ranges of wide characters are those of Unicode's East Asian Width (W and F)
 * that occur in Chinese documents, and of emoji; combining marks and joiners take none. */
#include "node/cli/cli_text.h"

#include "base/memory.h"

#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct range {
    uint32_t first, last;
};
static const struct range wide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};
static const struct range narrowest[] = {
    {0x0300, 0x036F}, {0x200B, 0x200F}, {0x302A, 0x302D}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},
};
/* What may not begin a line: 、。〉》」』】〕！），．：；？］｝ and their narrow kin. */
static const uint32_t closing[] = {0x3001, 0x3002, 0x3009, 0x300B, 0x300D, 0x300F, 0x3011,
                                   0x3015, 0xFF01, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B,
                                   0xFF1F, 0xFF3D, 0xFF5D, 0x2019, 0x201D, 0x2026};
static const uint32_t opening[] = {0x3008, 0x300A, 0x300C, 0x300E, 0x3010, 0x3014,
                                   0xFF08, 0xFF3B, 0xFF5B, 0x2018, 0x201C};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static bool in_ranges(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

struct glyph {
    size_t bytes; /* 0 at the end of the text */
    size_t columns;
    uint32_t code;
};

/* The character at `text`; bytes that are no UTF-8 stand for themselves. */
static struct glyph glyph_at(const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t len = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : at[0] >= 0xC0 ? 2 : 1;
    uint32_t code = len == 1 ? at[0] : at[0] & (0x7Fu >> len);
    if (at[0] == 0) {
        return (struct glyph){0};
    }
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return (struct glyph){.bytes = 1, .columns = 1, .code = at[0]};
        }
        code = code << 6 | (at[i] & 0x3F);
    }
    size_t columns = in_ranges(wide, COUNT_OF(wide), code)             ? 2
                     : in_ranges(narrowest, COUNT_OF(narrowest), code) ? 0
                                                                       : 1;
    return (struct glyph){.bytes = len, .columns = columns, .code = code};
}

size_t cli_text_width(const char *text)
{
    size_t columns = 0;
    for (struct glyph g = glyph_at(text); g.bytes > 0; text += g.bytes, g = glyph_at(text)) {
        columns += g.columns;
    }
    return columns;
}

static void append_glyph(struct buf *out, const char *text, struct glyph g)
{
    if (g.code == '\n' || g.code == '\t') {
        buf_append_text(out, " ");
    } else if (g.code < 0x20 || (g.code >= 0x7F && g.code < 0xA0)) {
        buf_append_text(out, "?");
    } else {
        buf_append(out, text, g.bytes);
    }
}

void cli_text_fit(struct buf *out, const char *text, size_t columns, bool pad)
{
    size_t used = 0;
    bool cut = cli_text_width(text) > columns;
    size_t room = cut && columns > 0 ? columns - 1 : columns;
    for (struct glyph g = glyph_at(text); g.bytes > 0; text += g.bytes, g = glyph_at(text)) {
        if (used + g.columns > room) {
            break;
        }
        append_glyph(out, text, g);
        used += g.columns;
    }
    if (cut && columns > 0) {
        buf_append_text(out, "…");
        used++;
    }
    for (; pad && used < columns; used++) {
        buf_append_text(out, " ");
    }
}

static bool is_among(const uint32_t *codes, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

/* A run that is not broken: a word, or a wide character with the punctuation that opens and closes
 * it. A line may also end after "|". */
static struct glyph unit_at(const char *text)
{
    struct glyph unit = glyph_at(text);
    struct glyph last = unit;
    while (is_among(opening, COUNT_OF(opening), last.code)) {
        last = glyph_at(text + unit.bytes);
        if (last.bytes == 0 || last.code == ' ' || last.code == '\n') {
            break;
        }
        unit.bytes += last.bytes;
        unit.columns += last.columns;
    }
    bool one = last.columns == 2 || last.code == '|';
    for (struct glyph g = glyph_at(text + unit.bytes); unit.bytes > 0 && g.bytes > 0;
         g = glyph_at(text + unit.bytes)) {
        bool joins = g.columns == 0 || is_among(closing, COUNT_OF(closing), g.code) ||
                     (!one && g.columns == 1 && g.code != ' ' && g.code != '\n');
        if (!joins) {
            break;
        }
        unit.bytes += g.bytes;
        unit.columns += g.columns;
        one = one || g.code == '|';
    }
    return unit;
}

static void new_line(struct buf *out, size_t indent)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ') {
        out->len--;
    }
    buf_append_text(out, "\n");
    for (size_t i = 0; i < indent; i++) {
        buf_append_text(out, " ");
    }
}

/* A unit longer than a line is broken where the line ends. */
static size_t append_unit(struct buf *out, const char *text, struct glyph unit, size_t at,
                          size_t indent, size_t columns)
{
    for (size_t done = 0; done < unit.bytes;) {
        struct glyph g = glyph_at(text + done);
        if (at + g.columns > columns && at > indent) {
            new_line(out, indent);
            at = indent;
        }
        append_glyph(out, text + done, g);
        at += g.columns;
        done += g.bytes;
    }
    return at;
}

void cli_text_wrap(struct buf *out, const char *text, size_t at, size_t indent, size_t columns)
{
    bool fresh = false; /* at the start of a line that we began */
    while (*text != 0) {
        if (*text == '\n') {
            new_line(out, indent);
            at = indent;
            fresh = true;
            text++;
            continue;
        }
        if (*text == ' ') {
            if (!fresh && at < columns) {
                buf_append_text(out, " ");
                at++;
            }
            text++;
            continue;
        }
        struct glyph unit = unit_at(text);
        if (at + unit.columns > columns && at > indent) {
            new_line(out, indent);
            at = indent;
        }
        at = append_unit(out, text, unit, at, indent, columns);
        fresh = false;
        text += unit.bytes;
    }
}

/* The first word of ASCII with more than so many columns; *len is 0 without one. */
static const char *find_long_word(size_t *len, const char *text, size_t columns)
{
    for (text += strspn(text, " "); *text != 0; text += *len, text += strspn(text, " ")) {
        size_t ascii = 0;
        *len = strcspn(text, " ");
        while (ascii < *len && (uint8_t)text[ascii] < 0x80) {
            ascii++;
        }
        if (ascii == *len && *len > columns) {
            return text;
        }
    }
    *len = 0;
    return text;
}

/* One line, without its end. */
static void wrap_line(struct buf *out, const char *line, size_t columns)
{
    size_t margin = strspn(line, " "), indent = margin + 2, at = margin, len;
    buf_append(out, line, margin);
    size_t start = out->len;
    for (line += margin; *line != 0;) {
        AUTO(buf_free) struct buf before = {0};
        const char *word = find_long_word(&len, line, columns > indent ? columns - indent : 1);
        buf_append(&before, line, (size_t)(word - line));
        cli_text_wrap(out, buf_text(&before), at, indent, columns);
        line = word + len;
        line += strspn(line, " ");
        if (len > 0 && out->len > start) {
            new_line(out, indent);
        }
        if (len > 0) {
            buf_append(out, word, len);
            at = indent;
        }
        if (len > 0 && *line != 0) {
            new_line(out, indent);
        }
    }
}

void cli_text_wrap_lines(struct buf *out, const char *text, size_t columns)
{
    AUTO(buf_free) struct buf line = {0};
    while (*text != 0) {
        size_t len = strcspn(text, "\n");
        buf_clear(&line);
        buf_append(&line, text, len);
        if (cli_text_width(buf_text(&line)) <= columns) {
            buf_append_view(out, view_of_buf(&line));
        } else {
            wrap_line(out, buf_text(&line), columns);
        }
        buf_append_text(out, text[len] == '\n' ? "\n" : "");
        text += len + (text[len] == '\n');
    }
}

size_t cli_terminal_columns(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return CLI_COLUMNS;
    }
    return size.ws_col < 40 ? 40 : size.ws_col > 200 ? 200 : size.ws_col;
}
