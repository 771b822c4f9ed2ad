/* Values of cells (ECMA-376 part 1: 18.8.30 formats of numbers, 18.17.4.1 dates, 22.9.2.19 text
 * with escapes). */
#include "exchange/xlsx_value.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_LOST 1e15 /* the first number of 16 digits */
#define DAY_SECONDS 86400
#define SERIAL_END 2958466 /* 10000-01-01 in the 1900 system */
#define SERIAL_NEVER 60    /* 1900-02-29 */
#define SERIAL_1904 1462   /* days from the one system's origin to the other's */

static bool number_read(double *out, const char *text)
{
    char *end = NULL;
    if (text[0] == 0 || text[strspn(text, "0123456789+-.eE")] != 0) {
        return false;
    }
    *out = strtod(text, &end);
    return *end == 0 && isfinite(*out);
}

int xlsx_number_text(char out[XLSX_VALUE_CHARS], const char *number)
{
    double value;
    bool good = number_read(&value, number) && fabs(value) < NUMBER_LOST;
    if (good) {
        (void)snprintf(out, XLSX_VALUE_CHARS, "%.15g", value);
    } else {
        (void)snprintf(out, XLSX_VALUE_CHARS, "%s", number);
    }
    return good ? 0 : ERR_CELL_NUMBER;
}

int xlsx_date_text(char out[XLSX_VALUE_CHARS], const char *serial, bool from_1904)
{
    char date[CIVIL_TIME_CHARS];
    double value = -1;
    if (!number_read(&value, serial) || value < 0 || value >= SERIAL_END) {
        return ERR_DATE;
    }
    int64_t seconds = (int64_t)(value * DAY_SECONDS + 0.5);
    int64_t day = seconds / DAY_SECONDS;
    unsigned of_day = (unsigned)(seconds % DAY_SECONDS);
    bool dated = day > 0 || from_1904;
    if (!from_1904 && day == SERIAL_NEVER) {
        return ERR_DATE;
    }
    day += from_1904 ? SERIAL_1904 : day > 0 && day < SERIAL_NEVER ? 1 : 0;
    civil_format_date(date, civil_day_from_date(1899, 12, 30) + day);
    if (of_day == 0 && dated) {
        (void)snprintf(out, XLSX_VALUE_CHARS, "%s", date);
    } else {
        (void)snprintf(out, XLSX_VALUE_CHARS, "%s%s%02u:%02u:%02u", dated ? date : "",
                       dated ? " " : "", of_day / 3600, of_day / 60 % 60, of_day % 60);
    }
    return 0;
}

bool xlsx_format_is_date(unsigned long number)
{
    return (number >= 14 && number <= 22) || (number >= 27 && number <= 36) ||
           (number >= 45 && number <= 47) || (number >= 50 && number <= 58);
}

bool xlsx_code_is_date(const char *code)
{
    for (const char *at = code; *at != 0 && *at != ';'; at++) {
        if (*at == '"' || *at == '[') {
            const char *end = strchr(at + 1, *at == '[' ? ']' : '"');
            bool elapsed = *at == '[' && at[1] != 0 && strchr("hHmMsS", at[1]) != NULL &&
                           (at[2] == ']' || at[2] == at[1]);
            if (elapsed || end == NULL) {
                return elapsed;
            }
            at = end;
        } else if ((*at == '\\' || *at == '_' || *at == '*') && at[1] != 0) {
            at++;
        } else if (strchr("yYmMdDhHsS", *at) != NULL) {
            return true;
        }
    }
    return false;
}

/* ---- text ---- */

static bool hex_of(unsigned *out, const char *text)
{
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = text[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        *out = *out * 16 + digit;
    }
    return true;
}

static void append_point(struct buf *out, unsigned point)
{
    if (point < 0x80) {
        buf_append_u8(out, (uint8_t)point);
    } else if (point < 0x800) {
        buf_append_u8(out, (uint8_t)(0xc0 | point >> 6));
        buf_append_u8(out, (uint8_t)(0x80 | (point & 0x3f)));
    } else {
        buf_append_u8(out, (uint8_t)(0xe0 | point >> 12));
        buf_append_u8(out, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
        buf_append_u8(out, (uint8_t)(0x80 | (point & 0x3f)));
    }
}

/* _xHHHH_ */
static bool is_escape(unsigned *point, const char *at)
{
    return at[0] == '_' && at[1] == 'x' && strnlen(at, 7) == 7 && at[6] == '_' &&
           hex_of(point, at + 2);
}

void xlsx_text_escape(struct buf *out, const char *text)
{
    for (const char *at = text; *at != 0; at++) {
        unsigned point;
        buf_append_text(out, is_escape(&point, at) ? "_x005F_" : *at == '_' ? "_" : "");
        if (*at != '_') {
            buf_append_u8(out, (uint8_t)*at);
        }
    }
}

void xlsx_text_append(struct buf *out, const char *text)
{
    AUTO(buf_free) struct buf decoded = {0};
    for (const char *at = text; *at != 0; at++) {
        unsigned point;
        bool escape = is_escape(&point, at);
        /* Neither NUL nor halves of pairs: those stay as they stand. */
        if (escape && point > 0 && (point < 0xd800 || point > 0xdfff)) {
            append_point(&decoded, point);
            at += 6;
        } else {
            buf_append_u8(&decoded, (uint8_t)*at);
        }
    }
    for (size_t i = 0; i < decoded.len; i++) {
        bool pair = decoded.data[i] == '\r' && i + 1 < decoded.len && decoded.data[i + 1] == '\n';
        if (!pair) {
            buf_append_u8(out, decoded.data[i] == '\r' ? '\n' : decoded.data[i]);
        }
    }
}
