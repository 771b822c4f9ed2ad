/* Byte strings: views, growing buffers, big-endian readers and writers, hex and base64url.
 * Invariants: buf.len ≤ buf.capacity; a reader never looks past its view. */
#include "base/bytes.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BUF_CAPACITY_MIN 64

/* ---- views ---- */

struct view view_of(const void *data, size_t len)
{
    return (struct view){.data = data, .len = len};
}

struct view view_of_text(const char *text)
{
    return view_of(text, strlen(text));
}

struct view view_of_buf(const struct buf *buf)
{
    return view_of(buf->data, buf->len);
}

bool view_equal(struct view a, struct view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int view_compare(struct view a, struct view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* ---- buffers ---- */

void buf_free(struct buf *buf)
{
    memory_free(buf->data);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
}

void buf_reserve(struct buf *buf, size_t more)
{
    if (more <= buf->capacity - buf->len)
        return;
    ENSURE(more <= SIZE_MAX / 4 && buf->len <= SIZE_MAX / 4);
    size_t capacity = buf->capacity > 0 ? buf->capacity : BUF_CAPACITY_MIN;
    while (capacity < buf->len + more)
        capacity *= 2;
    buf->data = memory_resize(buf->data, capacity);
    buf->capacity = capacity;
}

void buf_append(struct buf *buf, const void *data, size_t len)
{
    if (len == 0)
        return;
    buf_reserve(buf, len);
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}

void buf_append_view(struct buf *buf, struct view view)
{
    buf_append(buf, view.data, view.len);
}

void buf_append_text(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

void buf_append_format(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    size_t room = buf->capacity - buf->len;
    int len = vsnprintf(room > 0 ? (char *)buf->data + buf->len : NULL, room, format, args);
    va_end(args);
    ENSURE(len >= 0);
    if ((size_t)len >= room) {
        buf_reserve(buf, (size_t)len + 1);
        int len_again = vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, format, again);
        ENSURE(len_again == len);
    }
    va_end(again);
    buf->len += (size_t)len;
}

void buf_append_u8(struct buf *buf, uint8_t value)
{
    buf_reserve(buf, 1);
    buf->data[buf->len++] = value;
}

static void append_big_endian(struct buf *buf, uint64_t value, size_t len)
{
    buf_reserve(buf, len);
    for (size_t i = len; i > 0; i--)
        buf->data[buf->len++] = (uint8_t)(value >> (8 * (i - 1)));
}

void buf_append_u16(struct buf *buf, uint16_t value)
{
    append_big_endian(buf, value, 2);
}

void buf_append_u32(struct buf *buf, uint32_t value)
{
    append_big_endian(buf, value, 4);
}

void buf_append_u64(struct buf *buf, uint64_t value)
{
    append_big_endian(buf, value, 8);
}

const char *buf_text(struct buf *buf)
{
    buf_reserve(buf, 1);
    buf->data[buf->len] = '\0';
    return (const char *)buf->data;
}

/* ---- readers ---- */

struct reader reader_of(struct view view)
{
    return (struct reader){.rest = view};
}

struct view reader_take(struct reader *reader, size_t len)
{
    if (reader->bad || len > reader->rest.len) {
        reader->bad = true;
        return (struct view){0};
    }
    struct view taken = {.data = reader->rest.data, .len = len};
    if (len > 0)
        reader->rest.data += len;
    reader->rest.len -= len;
    return taken;
}

static uint64_t read_big_endian(struct reader *reader, size_t len)
{
    struct view bytes = reader_take(reader, len);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.data[i];
    return value;
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)read_big_endian(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)read_big_endian(reader, 2);
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)read_big_endian(reader, 4);
}

uint64_t reader_u64(struct reader *reader)
{
    return read_big_endian(reader, 8);
}

void reader_copy(struct reader *reader, void *out, size_t len)
{
    if (len == 0)
        return;
    struct view bytes = reader_take(reader, len);
    if (bytes.len == len)
        memcpy(out, bytes.data, len);
    else
        memset(out, 0, len);
}

bool reader_done(const struct reader *reader)
{
    return !reader->bad && reader->rest.len == 0;
}

/* ---- hex ---- */

void hex_encode(char *out, struct view in)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < in.len; i++) {
        *out++ = digits[in.data[i] >> 4];
        *out++ = digits[in.data[i] & 15];
    }
    *out = '\0';
}

/* 0…15, or -1. */
static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hex_decode(uint8_t *out, size_t out_len, struct view text)
{
    if (text.len % 2 != 0 || text.len / 2 != out_len)
        return ERR_HEX;
    for (size_t i = 0; i < out_len; i++) {
        int high = hex_value(text.data[2 * i]);
        int low = hex_value(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return ERR_HEX;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return OK;
}

/* ---- base64url (RFC 4648 section 5) ---- */

static const char sextet_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The value of each digit plus one, so that what is not named stays 0. */
#define D(digit, value) [digit] = (value) + 1
static const uint8_t sextet_plus_one[256] = {
    D('A', 0),  D('B', 1),  D('C', 2),  D('D', 3),  D('E', 4),  D('F', 5),  D('G', 6),  D('H', 7),
    D('I', 8),  D('J', 9),  D('K', 10), D('L', 11), D('M', 12), D('N', 13), D('O', 14), D('P', 15),
    D('Q', 16), D('R', 17), D('S', 18), D('T', 19), D('U', 20), D('V', 21), D('W', 22), D('X', 23),
    D('Y', 24), D('Z', 25), D('a', 26), D('b', 27), D('c', 28), D('d', 29), D('e', 30), D('f', 31),
    D('g', 32), D('h', 33), D('i', 34), D('j', 35), D('k', 36), D('l', 37), D('m', 38), D('n', 39),
    D('o', 40), D('p', 41), D('q', 42), D('r', 43), D('s', 44), D('t', 45), D('u', 46), D('v', 47),
    D('w', 48), D('x', 49), D('y', 50), D('z', 51), D('0', 52), D('1', 53), D('2', 54), D('3', 55),
    D('4', 56), D('5', 57), D('6', 58), D('7', 59), D('8', 60), D('9', 61), D('-', 62), D('_', 63),
};
#undef D

void base64url_append(struct buf *out, struct view in)
{
    buf_reserve(out, in.len / 3 * 4 + 3);
    uint8_t *to = out->data + out->len;
    size_t i = 0;
    for (; i + 3 <= in.len; i += 3) {
        uint32_t group =
            (uint32_t)in.data[i] << 16 | (uint32_t)in.data[i + 1] << 8 | in.data[i + 2];
        to[0] = (uint8_t)sextet_digits[group >> 18];
        to[1] = (uint8_t)sextet_digits[group >> 12 & 63];
        to[2] = (uint8_t)sextet_digits[group >> 6 & 63];
        to[3] = (uint8_t)sextet_digits[group & 63];
        to += 4;
    }
    size_t left = in.len - i;
    if (left > 0) {
        uint32_t group = (uint32_t)in.data[i] << 16;
        if (left == 2)
            group |= (uint32_t)in.data[i + 1] << 8;
        for (size_t digit = 0; digit <= left; digit++)
            *to++ = (uint8_t)sextet_digits[group >> (18 - 6 * digit) & 63];
    }
    out->len = (size_t)(to - out->data);
}

static uint32_t sextet_value(uint8_t digit) /* all ones if it is no digit */
{
    return sextet_plus_one[digit] - 1u;
}

/* Four digits to 24 bits. False if one is no digit. */
static bool sextet_group(uint32_t *out, const uint8_t digits[4])
{
    uint32_t a = sextet_value(digits[0]), b = sextet_value(digits[1]);
    uint32_t c = sextet_value(digits[2]), d = sextet_value(digits[3]);
    *out = a << 18 | b << 12 | c << 6 | d;
    return (a | b | c | d) < 64;
}

int base64url_decode(struct buf *out, struct view text)
{
    size_t left = text.len % 4;
    if (left == 1)
        return ERR_BASE64URL;
    buf_reserve(out, text.len / 4 * 3 + 2);
    uint8_t *to = out->data + out->len;
    uint32_t group;
    size_t i = 0;
    for (; i + 4 <= text.len; i += 4) {
        if (!sextet_group(&group, text.data + i))
            return ERR_BASE64URL; /* out->len has not moved */
        *to++ = (uint8_t)(group >> 16);
        *to++ = (uint8_t)(group >> 8);
        *to++ = (uint8_t)group;
    }
    if (left > 0) {
        uint8_t last[4] = {'A', 'A', 'A', 'A'}; /* zeros */
        memcpy(last, text.data + i, left);
        /* Two digits hold one byte and 4 spare bits, three hold two and 2: these must be zero. */
        if (!sextet_group(&group, last) || (group & (left == 2 ? 0xffffu : 0xffu)) != 0)
            return ERR_BASE64URL;
        *to++ = (uint8_t)(group >> 16);
        if (left == 3)
            *to++ = (uint8_t)(group >> 8);
    }
    out->len = (size_t)(to - out->data);
    return OK;
}
